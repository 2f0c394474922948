import { setTimeout as sleep } from "node:timers/promises";
import { crashPoint } from "../../run/crash.ts";
import type { JsonObject } from "../catalog/json.ts";
import { findSnapshot, type Id, type Snapshot, type TableMetadata } from "../catalog/model.ts";
import type { LoadedTable } from "./client.ts";
import { removeFiles } from "./leftovers.ts";
import type { Maintained } from "./maintained.ts";
import { pathSet, reachOf, statisticsFiles } from "./reach.ts";

/** Which snapshots go. */
export interface ExpireOptions {
  /** Snapshots that have not been the newest one for so long, in milliseconds. */
  readonly olderThan: number;
  /** So many of the newest of each branch stay in any case. */
  readonly keepLast: number;
  /** Snapshots that something needs, in decimal digits. */
  readonly needed: ReadonlySet<string>;
}

/** What an expiry came to. */
export interface Expired {
  readonly snapshots: number;
  /** Files that only they referred to. */
  readonly files: number;
  readonly bytes: number;
}

/**
 * The snapshots that may go. A snapshot's age counts from when another one took its place, not from when it was made: a reader that
 * began when it was the newest has that long. Stay: each branch's and tag's own, the newest `keepLast` of a branch, what is
 * needed, and what only rearranged the files of a needed one, since it says that the rows are the same.
 */
export function snapshotsToExpire(metadata: TableMetadata, options: ExpireOptions, now: number): readonly Snapshot[] {
  const limit = now - options.olderThan;
  const replacedAt = timesOfReplacement(metadata);
  const keep = new Set<string>(options.needed);
  for (const snapshot of metadata.snapshots)
    // Those that no branch leads to have been replaced by nothing; their own time counts.
    if ((replacedAt.get(String(snapshot["snapshot-id"])) ?? snapshot["timestamp-ms"]) > limit) keep.add(String(snapshot["snapshot-id"]));
  for (const reference of Object.values(metadata.refs)) {
    const least = reference.type === "tag" ? 1 : Math.max(options.keepLast, Number(reference["min-snapshots-to-keep"] ?? 1), 1);
    const age = reference["max-snapshot-age-ms"];
    for (const [index, snapshot] of ancestors(metadata, reference["snapshot-id"]).entries()) {
      const id = String(snapshot["snapshot-id"]);
      const asked = typeof age === "number" && (replacedAt.get(id) ?? now) > now - age;
      if (index < least || (asked && reference.type === "branch")) keep.add(id);
    }
  }
  const withRearranged = new Set(keep);
  for (const snapshot of metadata.snapshots.toSorted((a, b) => (a["sequence-number"] ?? 0) - (b["sequence-number"] ?? 0))) {
    const parent = String(snapshot["parent-snapshot-id"]);
    if (snapshot.summary?.["operation"] === "replace" && options.needed.has(parent)) withRearranged.add(String(snapshot["snapshot-id"]));
    else if (
      snapshot.summary?.["operation"] === "replace" &&
      withRearranged.has(parent) &&
      rearrangesNeeded(metadata, snapshot, options.needed)
    )
      withRearranged.add(String(snapshot["snapshot-id"]));
  }
  return metadata.snapshots.filter((snapshot) => !withRearranged.has(String(snapshot["snapshot-id"])));
}

function rearrangesNeeded(metadata: TableMetadata, snapshot: Snapshot, needed: ReadonlySet<string>): boolean {
  for (
    let one: Snapshot | undefined = snapshot;
    one?.summary?.["operation"] === "replace";
    one = findSnapshot(metadata, one["parent-snapshot-id"])
  )
    if (needed.has(String(one["parent-snapshot-id"]))) return true;
  return false;
}

/** When each snapshot ceased to be the newest of its branch; what is newest has no time. */
function timesOfReplacement(metadata: TableMetadata): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  const tell = (id: Id, time: number) => times.set(String(id), Math.max(time, times.get(String(id)) ?? 0));
  for (const reference of Object.values(metadata.refs)) {
    if (reference.type === "tag") continue;
    const line = ancestors(metadata, reference["snapshot-id"]);
    for (const [index, snapshot] of line.entries()) {
      const next = line[index - 1];
      tell(snapshot["snapshot-id"], next === undefined ? Number.POSITIVE_INFINITY : next["timestamp-ms"]);
    }
  }
  // The log also knows what was rolled back.
  for (const [index, entry] of metadata["snapshot-log"].entries()) {
    const next = metadata["snapshot-log"][index + 1];
    if (next !== undefined) tell(entry["snapshot-id"], next["timestamp-ms"]);
  }
  return times;
}

/** A snapshot and those before it, newest first, as far as they are still there. */
function ancestors(metadata: TableMetadata, id: Id): readonly Snapshot[] {
  const line: Snapshot[] = [];
  for (let snapshot = findSnapshot(metadata, id); snapshot !== undefined; snapshot = findSnapshot(metadata, snapshot["parent-snapshot-id"]))
    line.push(snapshot);
  return line;
}

/**
 * Removes old snapshots from a table's metadata, through its catalog, and then the files that only these referred to. Killed in
 * between, the files are removed by the next maintenance.
 */
export async function expireSnapshots(maintained: Maintained, options: ExpireOptions): Promise<Expired> {
  for (let attempt = 1; ; attempt++) {
    const loaded = await maintained.client.load(maintained.table);
    const expired = loaded === null ? [] : snapshotsToExpire(loaded.metadata, options, maintained.now());
    const old = loaded === null ? [] : await oldMetadata(maintained, loaded, options.olderThan);
    if (loaded === null || (expired.length === 0 && old.length === 0)) return { snapshots: 0, files: 0, bytes: 0 };
    const spent = expired.length === 0 ? [] : await filesOfOnly(maintained, loaded, expired);
    await maintained.leftovers.remember([...spent, ...old]);
    crashPoint("maintain-expiry-planned");
    if (expired.length > 0 && !(await commitExpiry(maintained, loaded.metadata, expired))) {
      if (attempt < 10) continue;
      return { snapshots: 0, files: 0, bytes: 0 };
    }
    crashPoint("maintain-expired");
    return { snapshots: expired.length, ...(await removeUnless(maintained, [...spent, ...old])) };
  }
}

/** False when another commit came first, so that all is to be looked at again. */
async function commitExpiry(
  { client, table, signal }: Maintained,
  metadata: TableMetadata,
  expired: readonly Snapshot[],
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    const outcome = await client.commit(table, requirementsOf(metadata), [
      { action: "remove-snapshots", "snapshot-ids": expired.map((snapshot) => snapshot["snapshot-id"]) },
      ...statisticsUpdates(metadata, expired),
    ]);
    if (outcome === "committed") return true;
    if (outcome === "conflict" && attempt === 1) return false;
    // A reply was lost: what the catalog says now decides.
    const now = await client.load(table);
    if (now !== null && expired.every((snapshot) => findSnapshot(now.metadata, snapshot["snapshot-id"]) === undefined)) return true;
    if (outcome === "conflict" || attempt === 6) return false;
    await sleep(200 * 2 ** attempt, undefined, { signal });
  }
}

/** The branches and tags stand where they stood: none may have come to an expired snapshot meanwhile. */
function requirementsOf(metadata: TableMetadata): readonly JsonObject[] {
  return [
    { type: "assert-table-uuid", uuid: metadata["table-uuid"] },
    ...Object.entries(metadata.refs).map(([name, reference]) => ({
      type: "assert-ref-snapshot-id",
      ref: name,
      "snapshot-id": reference["snapshot-id"],
    })),
  ];
}

function statisticsUpdates(metadata: TableMetadata, expired: readonly Snapshot[]): readonly JsonObject[] {
  const ids = new Set(expired.map((snapshot) => String(snapshot["snapshot-id"])));
  const of = (files: readonly JsonObject[], action: string) =>
    files.flatMap((file) => (ids.has(String(file["snapshot-id"])) ? [{ action, "snapshot-id": file["snapshot-id"] ?? null }] : []));
  return [...of(metadata.statistics, "remove-statistics"), ...of(metadata["partition-statistics"], "remove-partition-statistics")];
}

async function filesOfOnly({ reader }: Maintained, { metadata }: LoadedTable, expired: readonly Snapshot[]): Promise<readonly string[]> {
  const gone = new Set(expired.map((snapshot) => String(snapshot["snapshot-id"])));
  const staying = await reachOf(
    reader,
    metadata.snapshots.filter((snapshot) => !gone.has(String(snapshot["snapshot-id"]))),
  );
  const going = await reachOf(reader, expired, staying.manifests);
  const statistics = [...metadata.statistics, ...metadata["partition-statistics"]].filter((file) => gone.has(String(file["snapshot-id"])));
  const used = pathSet([...staying.lists, ...staying.manifests.keys(), ...staying.files]);
  return [...going.files, ...going.manifests.keys(), ...going.lists, ...statisticsFiles(statistics)].filter((file) => !used.has(file));
}

/** A metadata file younger than this, in milliseconds, may belong to a commit that is still to come. */
const youngest = 3_600_000;

/** Metadata files that the table's log no longer names. */
async function oldMetadata(
  { storages, now }: Maintained,
  { metadata, metadataLocation }: LoadedTable,
  olderThan: number,
): Promise<readonly string[]> {
  const folder = (metadata.properties["write.metadata.path"] ?? `${metadata.location}/metadata`).replace(/\/+$/, "");
  if (!storages.holds(`${folder}/x`)) return [];
  const named = pathSet([metadataLocation, ...metadata["metadata-log"].map((entry) => entry["metadata-file"])]);
  const files = await storages.list(folder);
  return files
    .filter(
      ({ location, modified }) =>
        location.endsWith(".metadata.json") && modified < now() - Math.max(olderThan, youngest) && !named.has(location),
    )
    .map(({ location }) => location);
}

/** Removes files of our storages that nothing names now. */
async function removeUnless(
  { storages }: Maintained,
  locations: readonly string[],
): Promise<{ readonly files: number; readonly bytes: number }> {
  return removeFiles(
    storages,
    locations.filter((location) => storages.holds(location)),
  );
}
