import type { EnvironmentNode } from "../../define/node.ts";
import { numberOr, optionError, textOption } from "../../extract/options.ts";
import type { Options } from "../roles.ts";

/** What DuckDB may take of the machine; its own defaults where absent. */
export interface DuckDBLimits {
  /** As DuckDB writes it: `4096KiB`. */
  readonly memoryLimit?: string;
  readonly threads?: number;
}

/** The limits in the options of `duckdb({ ... })`. @throws MillwrightError `bad-option` */
export function limitsOf(options: Options): DuckDBLimits {
  const threads = numberOr("duckdb", options, "threads", 0);
  return {
    ...(options["memoryLimit"] === undefined ? {} : { memoryLimit: `${Math.floor(memoryOf(options) / 1024)}KiB` }),
    ...(threads === 0 ? {} : { threads }),
  };
}

/**
 * What a database beside the engine may take, for staging or for the warehouse: a quarter of the engine's memory.
 * No limits where the environment binds none.
 */
export function limitsBeside({ bindings }: Pick<EnvironmentNode, "bindings">): DuckDBLimits {
  const engine = bindings["engine"];
  if (engine?.system !== "duckdb") return {};
  const { memoryLimit, threads } = engine.options;
  const options: Options = {
    ...(typeof memoryLimit === "string" ? { memoryLimit } : {}),
    ...(typeof threads === "number" ? { threads } : {}),
  };
  return {
    ...limitsOf(options),
    ...(options["memoryLimit"] === undefined ? {} : { memoryLimit: `${Math.floor(memoryOf(options) / 4096)}KiB` }),
  };
}

const units: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, MiB: 2 ** 20, GiB: 2 ** 30 };

/** In bytes. */
function memoryOf(options: Options): number {
  const text = textOption("duckdb", options, "memoryLimit");
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?([MG]i?B)$/.exec(text.trim()) ?? [];
  const bytes = Number(number) * (units[unit ?? ""] ?? Number.NaN);
  if (!(bytes > 0)) throw optionError("duckdb", "memoryLimit", "an amount such as '2 GB' or '512 MiB'");
  return bytes;
}
