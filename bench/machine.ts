import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { built } from "./built.ts";

/** What a result depends on. Nothing in it tells whose machine it was. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  /** GiB. */
  readonly memory: number;
  /** Processes that were running or waiting when the benchmark began, averaged over a minute: above the number of cores, absolute figures are too high. */
  readonly load: number;
}

export function thisMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memory: Math.round(totalmem() / 2 ** 30),
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

export async function versions(): Promise<Readonly<Record<string, string>>> {
  const { duckdbVersion }: typeof import("../src/systems/duckdb/extensions.ts") = await import(built("systems/duckdb/extensions"));
  const { packageVersion }: typeof import("../src/version.ts") = await import(built("version"));
  return { node: process.versions.node, duckdb: duckdbVersion, millwright: packageVersion() };
}
