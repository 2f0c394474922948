import type { MaintenanceNode } from "../../define/node.ts";
import type { Engine, Lake } from "../../systems/roles.ts";
import { pathWithin } from "../storage/address.ts";
import { compactTable, type Compacted } from "./compact.ts";
import { compactOnSpark } from "./compact-spark.ts";
import { expireSnapshots, type Expired } from "./expire.ts";
import type { Maintained } from "./maintained.ts";
import { mergeManifests } from "./manifests.ts";
import { clearLeftovers, findOrphans, removeOrphans } from "./orphans.ts";
import { tierTable, type Tiered } from "./tier.ts";

/** What is done to a table. */
export interface Work extends Pick<MaintenanceNode, "compact" | "expire" | "orphans"> {
  readonly namespace: string;
  readonly lake: Pick<Lake, "storages" | "tiering">;
  readonly engine: Pick<Engine, "ask" | "relation" | "dialect">;
  /** Snapshots of the table that something needs. */
  readonly needed: ReadonlySet<string>;
  /** Where the other tables lie. */
  readonly others: readonly string[];
  /** File size of the table's layout, in bytes; null when it declares none. */
  readonly fileSize: number | null;
}

/** What was done to one table; null for what was not asked for. */
export interface TableReport {
  readonly table: string;
  readonly compact: Compacted | null;
  /** Manifests before and after they were put together; null when they were few. */
  readonly manifests: { readonly before: number; readonly after: number } | null;
  /** Files of old partitions that went to the lake's far storage. */
  readonly tier: Tiered | null;
  readonly expire: Expired | null;
  /** Files that nothing refers to: removed, or only found (`names` says which, a hundred at most). */
  readonly orphans: { readonly files: number; readonly bytes: number; readonly removed: boolean; readonly names: readonly string[] } | null;
  /** What an earlier maintenance had begun when it was killed, and this one finished. */
  readonly finished: { readonly files: number; readonly bytes: number };
}

/**
 * Maintains one table: finishes what a killed maintenance began, puts small files together, moves old partitions, lets old snapshots go, removes
 * orphans; each step leaves the table whole. Only the rewriting of rows is the engine's; the rest is work on metadata, and the same for all engines.
 */
export async function maintainTable(maintained: Maintained, work: Work): Promise<TableReport> {
  const { signal, leftovers, table } = maintained;
  const { lake, expire } = work;
  const cleared = await clearLeftovers(maintained);
  signal.throwIfAborted();
  const compact = work.compact === null ? null : await compactBy(maintained, work);
  const manifests = work.compact === null ? null : await mergeManifests(maintained);
  signal.throwIfAborted();
  const tier = lake.tiering === null ? null : await tierTable(maintained, lake);
  signal.throwIfAborted();
  const expired =
    expire === null
      ? null
      : await expireSnapshots(maintained, { olderThan: expire.olderThanSeconds * 1000, keepLast: expire.keepLast, needed: work.needed });
  signal.throwIfAborted();
  const orphans = work.orphans === null ? null : await orphansOf(maintained, work, work.orphans);
  // What a commit that is still in doubt needs is looked at again next time.
  if (cleared.settled) leftovers.forget();
  return { table, compact, manifests, tier, expire: expired, orphans, finished: { files: cleared.files, bytes: cleared.bytes } };
}

async function compactBy(maintained: Maintained, { compact, engine, namespace, fileSize }: Work): Promise<Compacted | null> {
  if (compact === null) return null;
  const options = { below: compact.below, into: compact.into ?? fileSize };
  switch (engine.dialect) {
    case "duckdb":
      return compactTable(maintained, engine, options);
    case "spark": {
      const loaded = await maintained.client.load(maintained.table);
      return compactOnSpark(engine, namespace, maintained.table, {
        ...options,
        sorted: (loaded?.metadata["default-sort-order-id"] ?? 0) !== 0,
      });
    }
    default:
      return {
        filesBefore: 0,
        filesAfter: 0,
        bytesBefore: 0,
        bytesAfter: 0,
        deletesApplied: 0,
        left: `${engine.dialect} cannot put files together`,
      };
  }
}

async function orphansOf(
  maintained: Maintained,
  { lake, others }: Work,
  { olderThanSeconds, dryRun }: NonNullable<Work["orphans"]>,
): Promise<TableReport["orphans"]> {
  const near = lake.storages[0].location;
  const elsewhere = (location: string) => {
    const path = pathWithin(near, location);
    return path === undefined ? [] : lake.storages.slice(1).map((storage) => `${storage.location}/${path}`);
  };
  const found = await findOrphans(maintained, { olderThan: olderThanSeconds * 1000, others, elsewhere });
  const names = found.files.slice(0, 100);
  if (dryRun) return { files: found.files.length, bytes: found.bytes, removed: false, names };
  return { ...(await removeOrphans(maintained, found)), removed: true, names };
}
