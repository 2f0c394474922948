import { type Duration, parseDuration } from "../define/duration.ts";
import type { BindingNode } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import { objectOr, optionError, textOption } from "../extract/options.ts";
import { binding } from "./binding.ts";
import type { ConnectContext, Lake, Options, System } from "./roles.ts";

export interface HybridOptions {
  /** Where new files go: `local(...)`, `nfs(...)` or any other storage. */
  readonly near: BindingNode;
  /** Where old files go: `s3(...)`, `gcs(...)` ... */
  readonly far: BindingNode;
  /** How old a partition's rows are when its files move: `"90 days"`. Whole days. */
  readonly after: Duration;
}

/**
 * The lake in two storages: recent partitions near, old ones far, each table still one. Maintenance moves the files of a table
 * whose first partition is on time; tables without one stay near.
 *
 * @example
 * environment({ lake: hybrid({ near: local({ directory: "lake" }), far: s3({ bucket: "flights-archive" }), after: "90 days" }) })
 */
export function hybrid(options: HybridOptions): BindingNode {
  return binding("hybrid", options);
}

export const system: System = {
  name: "hybrid",
  title: "Hybrid storage",
  peers: [],
  roles: { lake: connect },
};

async function connect(options: Options, context: ConnectContext): Promise<Lake> {
  const [near, far] = [await lakeOf(options, "near", context), await lakeOf(options, "far", context)];
  const days = parseDuration(textOption("hybrid", options, "after")) / 86_400;
  if (!Number.isInteger(days) || days < 1) throw optionError("hybrid", "after", "at least a day, in whole days");
  return {
    storages: [...near.storages, ...far.storages],
    duckdb:
      near.duckdb === null || far.duckdb === null
        ? null
        : {
            extensions: [...new Set([...near.duckdb.extensions, ...far.duckdb.extensions])],
            statements: [...near.duckdb.statements, ...far.duckdb.statements],
          },
    hadoop: { ...near.hadoop, ...far.hadoop },
    tiering: { days },
  };
}

/** The lake of a binding inside the binding, whose secrets are values already. */
async function lakeOf(options: Options, name: "near" | "far", context: ConnectContext): Promise<Lake> {
  const inner = objectOr("hybrid", options, name);
  if (inner["kind"] !== "binding") throw optionError("hybrid", name, "a storage, such as local({ ... }) or s3({ ... })");
  // Loaded here because the list of systems names this one, too.
  const { systems } = await import("./index.ts");
  const bound = await systems[String(inner["system"])]?.();
  const connectInner = bound?.roles.lake;
  if (bound === undefined || connectInner === undefined || bound.name === "hybrid") {
    throw new MillwrightError({
      code: "wrong-role",
      what: `hybrid: ${bound?.title ?? String(inner["system"])} cannot be the ${name} storage`,
      fix: "give a storage, such as local({ ... }) or s3({ ... })",
    });
  }
  return connectInner(objectOr("hybrid", inner, "options"), context);
}
