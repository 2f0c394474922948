import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { MillwrightError } from "../../error.ts";
import { crashPoint } from "../../run/crash.ts";
import { newSnapshotId } from "../catalog/annotation.ts";
import type { AvroFile } from "../catalog/avro.ts";
import { currentSnapshot, findSnapshot, type Id, type Snapshot, type TableMetadata } from "../catalog/model.ts";
import type { JsonObject } from "../catalog/json.ts";
import { removeFiles } from "./leftovers.ts";
import { writeListing, type Listing, type ListedManifest, type WrittenManifest } from "./content.ts";
import { keepsSequence, mayApply, schemaOf, writeManifest, type Entry, type ManifestFile, type NewEntry } from "./entry.ts";
import type { Maintained } from "./maintained.ts";

/** A data file that takes the place of others. */
export interface NewFile {
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  /** An entry of the same partition, and the manifest that it stands in: the new one is written in the same words. */
  readonly like: { readonly entry: Entry; readonly manifest: ListedManifest };
  /** Deletes up to this sequence number have been applied to it. */
  readonly sequence: bigint;
  /** The file's own fields, by Iceberg's id; path, rows and bytes among them. */
  readonly changes: ReadonlyMap<number, unknown>;
}

/** Files that take the place of others and hold the same rows. */
export interface Replacement {
  readonly removed: readonly Entry[];
  readonly added: readonly NewFile[];
  /** The delete files that were applied, or that were known to touch none of the rows. */
  readonly knownDeletes: ReadonlySet<string>;
  /** Manifests that become one for each partition spec; their files stay as they are. */
  readonly merged: ReadonlySet<string>;
  /** What the snapshot's summary says besides the counts. */
  readonly summary: Readonly<Record<string, string>>;
}

/** A table's newest content, file by file. */
export interface Content {
  readonly metadata: TableMetadata;
  readonly snapshot: Snapshot;
  readonly listing: Listing;
  /** Every file that is in use. */
  readonly live: readonly { readonly manifest: ListedManifest; readonly entry: Entry }[];
}

/** Reads a table's newest content; null for one that is not there or has none. */
export async function readContent({ client, reader, table }: Pick<Maintained, "client" | "reader" | "table">): Promise<Content | null> {
  const loaded = await client.load(table);
  const snapshot = loaded === null ? undefined : currentSnapshot(loaded.metadata);
  const listing = snapshot === undefined ? null : await reader.listing(snapshot);
  if (loaded === null || snapshot === undefined || listing === null) return null;
  const entries = await reader.entries(listing.manifests);
  return { metadata: loaded.metadata, snapshot, listing, live: entries.filter(({ entry }) => entry.status !== "deleted") };
}

/** Why a table's files cannot be rewritten by us; null when they can. */
export function notRewritable({ metadata }: Pick<Content, "metadata">): string | null {
  const version = metadata["format-version"];
  return version === 2 ? null : `its format version is ${version}, and only version 2 is rewritten`;
}

const attempts = 50;

/**
 * Commits a replacement as one snapshot of operation `replace`: exactly those files go and come, and whatever others have appended
 * meanwhile stays. Gives null, and leaves the table as it is, when the replacement no longer holds: another commit has taken one
 * of the files away or deleted rows of one.
 */
export async function commitReplacement(maintained: Maintained, replacement: Replacement): Promise<string | null> {
  const preparing: Preparing = { id: newSnapshotId(), name: randomUUID(), ready: new Map(), used: new Set() };
  const discard = async (except: ReadonlySet<string> = new Set()) => {
    const paths = [...preparing.ready.values()].map(({ path }) => path);
    await removeFiles(
      maintained.storages,
      paths.filter((path) => !except.has(path)),
    );
  };
  for (let attempt = 1; ; attempt++) {
    maintained.signal.throwIfAborted();
    const content = await readContent(maintained);
    if (content === null || !stillHolds(content, replacement)) {
      await discard();
      return null;
    }
    const snapshot = await prepare(maintained, content, replacement, preparing);
    crashPoint("maintain-manifests-written");
    const outcome = await send(maintained, content, snapshot);
    crashPoint("maintain-replaced");
    if (outcome === "committed") {
      await discard(preparing.used);
      return String(snapshot["snapshot-id"]);
    }
    await removeFiles(maintained.storages, [snapshot["manifest-list"] ?? ""]);
    if (attempt === attempts) {
      await discard();
      throw new MillwrightError({
        code: "commit-conflict",
        what: `${maintained.table} changes too often for its files to be rearranged`,
        fix: "run it again later",
      });
    }
    if (attempt > 10) await sleep(Math.random() * 20 * (attempt - 10));
  }
}

function stillHolds({ live }: Content, { removed, knownDeletes }: Replacement): boolean {
  const present = new Set(live.map(({ entry }) => entry.path));
  if (removed.some(({ path }) => !present.has(path))) return false;
  const unknown = live.filter(({ entry }) => entry.holds !== "data" && !knownDeletes.has(entry.path));
  return !unknown.some(({ entry }) => removed.some((data) => mayApply(entry, data)));
}

/** Delete files that touch no data file which stays. */
function spentDeletes(content: Content, removed: ReadonlySet<string>, known: ReadonlySet<string>): ReadonlySet<string> {
  const staying = content.live.filter(({ entry }) => entry.holds === "data" && !removed.has(entry.path)).map(({ entry }) => entry);
  const byPartition = Map.groupBy(staying, ({ partition }) => partition);
  const spent = content.live.filter(({ entry }) => {
    if (entry.holds === "data" || !known.has(entry.path)) return false;
    const candidates =
      entry.holds === "equalityDeletes" && entry.partitionValues.length === 0 ? staying : (byPartition.get(entry.partition) ?? []);
    return !candidates.some((data) => mayApply(entry, data));
  });
  return new Set(spent.map(({ entry }) => entry.path));
}

/** What the attempts of one commit share: manifests that were written for one that another commit overtook serve the next. */
interface Preparing {
  readonly id: Id;
  /** What the names of its files have in common. */
  readonly name: string;
  /** By what went into them. */
  readonly ready: Map<string, WrittenManifest>;
  /** Those of the last attempt. */
  used: ReadonlySet<string>;
}

async function prepare(maintained: Maintained, content: Content, replacement: Replacement, preparing: Preparing): Promise<Snapshot> {
  const { storages, reader, leftovers } = maintained;
  const { metadata, listing } = content;
  const { id, name, ready } = preparing;
  const snapshotId = BigInt(id);
  const folder = (metadata.properties["write.metadata.path"] ?? `${metadata.location}/metadata`).replace(/\/+$/, "");
  const data = new Set(replacement.removed.map(({ path }) => path));
  const spent = spentDeletes(content, data, replacement.knownDeletes);
  const goes = (entry: Entry) => data.has(entry.path) || spent.has(entry.path);
  const touched = new Set(content.live.filter(({ entry }) => goes(entry)).map(({ manifest }) => manifest.path));
  const manifests: WrittenManifest[] = [];
  const unwritten: { readonly path: string; readonly bytes: Buffer }[] = [];
  const add = (
    key: string,
    like: ListedManifest,
    carries: boolean,
    file: AvroFile,
    entries: readonly (NewEntry & { readonly rows: number })[],
  ) => {
    const known = ready.get(key);
    if (known !== undefined) return manifests.push(known);
    const bytes = writeManifest(file, entries);
    const path = `${folder}/${name}-m${ready.size}.avro`;
    const manifest = { path, bytes: bytes.length, spec: like.spec, holds: like.holds, entries, boundsOf: carries ? like.record : null };
    ready.set(key, manifest);
    unwritten.push({ path, bytes });
    return manifests.push(manifest);
  };

  for (const listed of listing.manifests.filter(({ path }) => touched.has(path))) {
    const { file, entries } = await reader.manifest(listed);
    if (!keepsSequence(file))
      throw new MillwrightError({
        code: "not-rewritable",
        what: `a manifest of ${maintained.table} is of format version 1: ${listed.path}`,
      });
    const rest = entries
      .filter(({ status }) => status !== "deleted")
      .map((entry) => ({
        status: goes(entry) ? ("deleted" as const) : ("existing" as const),
        snapshot: goes(entry) ? snapshotId : entry.snapshot,
        sequence: entry.sequence,
        fileSequence: entry.fileSequence,
        value: entry.value,
        rows: entry.rows,
      }));
    add(`${listed.path} ${rest.map(({ status }) => status[0]).join("")}`, listed, true, file, rest);
  }
  const merging = listing.manifests.filter(({ path }) => replacement.merged.has(path) && !touched.has(path));
  for (const [key, group] of await alike(merging, reader)) {
    const [first] = group;
    if (first === undefined || group.length < 2) continue;
    for (const { listed } of group) touched.add(listed.path);
    const entries = group.flatMap(({ file }) => file.entries.filter(({ status }) => status !== "deleted"));
    add(
      `merged ${key} ${group.map(({ listed }) => listed.path).join(" ")}`,
      first.listed,
      false,
      first.file.file,
      entries.map(({ snapshot, sequence, fileSequence, value, rows }) => ({
        status: "existing" as const,
        snapshot,
        sequence,
        fileSequence,
        value,
        rows,
      })),
    );
  }
  // Those of one writer and one partition spec share a manifest.
  const withFiles = await Promise.all(
    replacement.added.map(async (one) => ({ ...one, file: (await reader.manifest(one.like.manifest)).file })),
  );
  for (const [key, group] of Map.groupBy(withFiles, ({ file, like }) => `${like.manifest.spec} ${schemaOf(file).text}`)) {
    const [first] = group;
    if (first === undefined) continue;
    const sources = new Set(group.map(({ like }) => like.manifest.path));
    const entries = group.map(({ like, sequence, changes, rows }) => ({
      status: "added" as const,
      snapshot: snapshotId,
      sequence,
      fileSequence: null,
      value: like.entry.value,
      changes,
      rows,
    }));
    add(key, first.like.manifest, sources.size === 1, first.file, entries);
  }

  preparing.used = new Set(manifests.map(({ path }) => path));
  const list = `${folder}/snap-${id}-1-${randomUUID()}.avro`;
  const parent = content.snapshot["snapshot-id"];
  const sequence = metadata["last-sequence-number"] + 1;
  const owner = { snapshot: id, parent, sequence, formatVersion: metadata["format-version"] };
  const carried = listing.manifests.filter(({ path }) => !touched.has(path));
  await leftovers.remember([...unwritten.map(({ path }) => path), list]);
  await Promise.all([
    ...unwritten.map(({ path, bytes }) => storages.write(path, bytes)),
    storages.write(list, writeListing(listing, carried, manifests, owner)),
  ]);
  return {
    "snapshot-id": id,
    "parent-snapshot-id": parent,
    "sequence-number": sequence,
    "timestamp-ms": Math.max(maintained.now(), content.snapshot["timestamp-ms"] + 1),
    "schema-id": metadata["current-schema-id"],
    "manifest-list": list,
    summary: { operation: "replace", ...counts(content, replacement, spent), ...replacement.summary },
  };
}

/** Manifests by what must be equal for their entries to stand in one: partition spec, content, and the words of their writer. */
export async function alike(
  manifests: readonly ListedManifest[],
  reader: Maintained["reader"],
): Promise<ReadonlyMap<string, readonly { readonly listed: ListedManifest; readonly file: ManifestFile }[]>> {
  const read = await Promise.all(manifests.map(async (listed) => ({ listed, file: await reader.manifest(listed) })));
  return Map.groupBy(
    read.filter(({ file }) => keepsSequence(file.file)),
    ({ listed, file }) => `${listed.spec} ${listed.holds} ${schemaOf(file.file).text}`,
  );
}

/** Iceberg's own counts of a snapshot's summary. */
function counts(content: Content, { removed, added }: Replacement, spent: ReadonlySet<string>): Record<string, string> {
  const gone = new Set([...removed.map(({ path }) => path), ...spent]);
  const staying = content.live.map(({ entry }) => entry).filter(({ path }) => !gone.has(path));
  const files = [...staying.filter(({ holds }) => holds === "data"), ...added];
  const deletes = staying.filter(({ holds }) => holds !== "data");
  const sum = (list: readonly { readonly rows: number; readonly bytes: number }[], of: "rows" | "bytes") =>
    String(list.reduce((total, item) => total + item[of], 0));
  const spentEntries = content.live.map(({ entry }) => entry).filter(({ path }) => spent.has(path));
  return {
    "added-data-files": String(added.length),
    "deleted-data-files": String(removed.length),
    "added-records": sum(added, "rows"),
    "deleted-records": sum(removed, "rows"),
    "added-files-size": sum(added, "bytes"),
    "removed-files-size": sum([...removed, ...spentEntries], "bytes"),
    ...(spentEntries.length === 0 ? {} : { "removed-delete-files": String(spentEntries.length) }),
    "total-data-files": String(files.length),
    "total-records": sum(files, "rows"),
    "total-files-size": sum([...files, ...deletes], "bytes"),
    "total-delete-files": String(deletes.length),
    "total-position-deletes": sum(
      deletes.filter(({ holds }) => holds === "positionDeletes"),
      "rows",
    ),
    "total-equality-deletes": sum(
      deletes.filter(({ holds }) => holds === "equalityDeletes"),
      "rows",
    ),
  };
}

/** Sends the commit; when its reply is lost, again, until the catalog says what became of it: it can happen only once. */
async function send(
  { client, table, signal }: Maintained,
  { metadata, snapshot: parent }: Content,
  snapshot: Snapshot,
): Promise<"committed" | "conflict"> {
  const requirements: JsonObject[] = [
    { type: "assert-table-uuid", uuid: metadata["table-uuid"] },
    { type: "assert-ref-snapshot-id", ref: "main", "snapshot-id": parent["snapshot-id"] },
  ];
  const updates: JsonObject[] = [
    { action: "add-snapshot", snapshot },
    { action: "set-snapshot-ref", "ref-name": "main", type: "branch", "snapshot-id": snapshot["snapshot-id"] },
  ];
  for (let attempt = 1; ; attempt++) {
    const outcome = await client.commit(table, requirements, updates);
    if (outcome === "committed") return outcome;
    if (outcome === "conflict" && attempt === 1) return outcome;
    // After a lost reply a conflict may be with ourselves.
    const now = await client.load(table);
    if (now !== null && findSnapshot(now.metadata, snapshot["snapshot-id"]) !== undefined) return "committed";
    if (outcome === "conflict") return outcome;
    if (attempt === 6)
      throw new MillwrightError({
        code: "transient",
        what: `the catalog does not say whether it has committed to ${table}`,
        fix: "run it again",
      });
    await sleep(200 * 2 ** attempt, undefined, { signal });
  }
}
