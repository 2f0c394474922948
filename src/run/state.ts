import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** Where one environment of one platform keeps its state on this machine. */
export interface StatePaths {
  /** The platform file's folder. */
  readonly directory: string;
  /** `.millwright/<environment>` in it; the catalog keeps `catalog.sqlite` and `lake/` here. */
  readonly state: string;
  readonly journal: string;
  readonly lock: string;
  readonly warehouse: string;
  readonly models: string;
  readonly staging: string;
}

/** The paths of an environment's state; makes the folder. */
export function statePaths(directory: string, environment: string): StatePaths {
  const state = join(directory, ".millwright", environment);
  mkdirSync(state, { recursive: true });
  return {
    directory,
    state,
    journal: join(state, "journal.sqlite"),
    lock: join(state, "run.lock"),
    warehouse: join(state, "warehouse.duckdb"),
    models: join(state, "models"),
    staging: join(state, "staging"),
  };
}
