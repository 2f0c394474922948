import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Lake } from "../systems/roles.ts";

/** The embedded lake: the folder `lake` of an environment's state, on this machine's disk. */
export function localLake(state: string): Lake {
  return {
    storages: [{ location: pathToFileURL(resolve(join(state, "lake"))).href, service: "fs", options: {} }],
    duckdb: { extensions: [], statements: [] },
    hadoop: {},
    tiering: null,
  };
}
