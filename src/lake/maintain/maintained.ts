import type { Storages } from "../storage/storages.ts";
import type { CatalogClient } from "./client.ts";
import type { ContentReader } from "./content.ts";
import type { Leftovers } from "./leftovers.ts";

/** One table under maintenance, with what the work on it needs. */
export interface Maintained {
  readonly table: string;
  readonly client: CatalogClient;
  readonly storages: Storages;
  readonly reader: ContentReader;
  readonly leftovers: Leftovers;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}
