import { join } from "node:path";
import type { Lake } from "../systems/roles.ts";
import { folderStorage } from "./storage/storages.ts";

/** The embedded lake: the folder `lake` of an environment's state, on this machine's disk. */
export function localLake(state: string): Lake {
  return {
    storages: [folderStorage(join(state, "lake"))],
    duckdb: { extensions: [], statements: [] },
    hadoop: {},
    tiering: null,
  };
}
