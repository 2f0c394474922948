import type { BindingNode } from "../define/node.ts";
import { binding } from "./binding.ts";
import { limitsOf } from "./duckdb/limits.ts";
import type { Engine, EngineContext, Options, System } from "./roles.ts";

export interface DuckdbOptions {
  /**
   * Memory that the engine may use: `"2 GB"`, `"1.5 GiB"`. What does not fit goes to the folder `spill` of the environment's state, so that more rows
   * take longer but still come out. Staging and the warehouse take a quarter of it each, beside it. @default four fifths of the machine's
   */
  readonly memoryLimit?: string;
  /** @default the machine's processors */
  readonly threads?: number;
}

/**
 * The embedded engine, with limits. Without a binding it is the same engine, with DuckDB's own defaults.
 *
 * @example
 * environment({ engine: duckdb({ memoryLimit: "2 GB", threads: 2 }) })
 */
export function duckdb(options: DuckdbOptions = {}): BindingNode {
  return binding("duckdb", options);
}

export const system: System = {
  name: "duckdb",
  title: "DuckDB",
  peers: [],
  roles: { engine: open },
};

async function open(options: Options, context: EngineContext): Promise<Engine> {
  const limits = limitsOf(options);
  const { openDuckDBEngine } = await import("./duckdb/engine.ts");
  return openDuckDBEngine({ ...context, ...limits });
}
