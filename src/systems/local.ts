import { resolve } from "node:path";
import type { BindingNode } from "../define/node.ts";
import { textOption } from "../extract/options.ts";
import { folderStorage } from "../lake/storage/storages.ts";
import { binding } from "./binding.ts";
import type { ConnectContext, Lake, Options, System } from "./roles.ts";

export interface LocalOptions {
  /** The folder, from the platform file's folder; it is made when it is not there. */
  readonly directory: string;
}

/**
 * The lake in a folder of this machine, such as another disk. Without a binding it is the folder `lake` of the environment's state.
 *
 * @example
 * environment({ lake: local({ directory: "/data/lake" }) })
 */
export function local(options: LocalOptions): BindingNode {
  return binding("local", options);
}

export const system: System = {
  name: "local",
  title: "Local disk",
  peers: [],
  roles: { lake: connect },
};

async function connect(options: Options, { directory }: ConnectContext): Promise<Lake> {
  const storage = folderStorage(resolve(directory, textOption("local", options, "directory")));
  return { storages: [storage], duckdb: { extensions: [], statements: [] }, hadoop: {}, tiering: null };
}
