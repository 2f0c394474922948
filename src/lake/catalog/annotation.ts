import { randomBytes, randomUUID } from "node:crypto";
import { annotationPrefix, summaryPrefix, writeModeKey, writeRangeKey } from "../note.ts";
import { isMissing } from "../storage/error.ts";
import type { Storages } from "../storage/storages.ts";
import { UnknownCodec } from "./avro.ts";
import { completedNote, isOwnNote, requireExpected } from "./own-note.ts";
import { badRequest } from "./error.ts";
import type { JsonObject } from "./json.ts";
import { syncAdded, type SizeChange } from "./added-files.ts";
import { manifestsOf, readManifestList, totalsOf, writeManifestList, type Manifest, type ManifestList } from "./manifest-list.ts";
import { readRange, withoutRange, type Range } from "./overwrite.ts";
import { partUpdates } from "./parts.ts";
import { currentSnapshot, findSnapshot, type Id, type Snapshot, type TableMetadata } from "./model.ts";
import { readObject, readTexts } from "./shape.ts";
import { readSnapshot } from "./snapshot-update.ts";
import { applyUpdates } from "./update.ts";

/** A commit's updates as they are to be applied, and the files that came and go with them. */
export interface Annotated {
  readonly updates: readonly JsonObject[];
  /** Files written for this commit; to be removed when it fails. */
  readonly written: readonly string[];
  /** Files that nothing refers to once it has succeeded. */
  readonly obsolete: readonly string[];
}

interface Split {
  readonly updates: readonly JsonObject[];
  readonly notes: Readonly<Record<string, string>>;
  readonly replace: boolean;
  /** The rows whose place is taken by what the commit adds. */
  readonly range: Range | null;
}

/**
 * Takes annotations out of the property updates: an engine that cannot write into a snapshot's summary sets table
 * properties in the same commit, and the catalog moves those of the prefix into the summary of the last snapshot
 * that the commit adds: `millwright.snapshot.run` becomes the summary's `millwright.run`.
 */
function splitAnnotations(updates: readonly JsonObject[]): Split {
  const notes: Record<string, string> = {};
  let mode = "append";
  let range: Range | null = null;
  const rest = updates.flatMap((update) => {
    if (update["action"] !== "set-properties") return [update];
    const properties = readTexts(update["updates"] ?? update["updated"], "set-properties.updates");
    const kept: Record<string, string> = {};
    for (const [key, value] of Object.entries(properties)) {
      if (key.startsWith(annotationPrefix)) notes[summaryPrefix + key.slice(annotationPrefix.length)] = value;
      else if (key === writeRangeKey) range = readRange(value);
      else if (key !== writeModeKey) kept[key] = value;
      else if (value === "replace" || value === "append" || value === "overwrite") mode = value;
      else throw badRequest(`${writeModeKey} must be 'replace', 'overwrite' or 'append', not '${value}'`);
    }
    return Object.keys(kept).length === 0 ? [] : [{ action: "set-properties", updates: kept }];
  });
  return { updates: rest, notes, replace: mode === "replace", range: mode === "overwrite" ? range : null };
}

/** True when there is something in a table's updates for the catalog to carry out. */
export function isAnnotated(updates: readonly JsonObject[]): boolean {
  const { notes, replace, range } = splitAnnotations(updates);
  return (
    replace ||
    range !== null ||
    Object.keys(notes).length > 0 ||
    updates.some((update) => update["action"] === "add-snapshot" && isOwnNote(update))
  );
}

/**
 * Carries out the annotations of one table's commit, and fills in the counts that its snapshots' summaries lack.
 *
 * @param storages where the catalog may read and write; manifest lists elsewhere are left as they are.
 * @throws CatalogError BadRequestException when an annotated commit's manifest list cannot be rewritten.
 */
export async function annotate(base: TableMetadata, requested: readonly JsonObject[], storages: Storages, now: number): Promise<Annotated> {
  const split = splitAnnotations(requested);
  const { updates, notes, replace, range } = split;
  const annotated = replace || range !== null || Object.keys(notes).length > 0;
  const added = updates.flatMap((update, index) =>
    update["action"] === "add-snapshot" ? [{ index, snapshot: readSnapshot(update["snapshot"]) }] : [],
  );
  if (added.length === 0) {
    if (annotated) return addEmptySnapshot(storages, applyUpdates(base, updates, now), split, now);
    const moves = updates.some((update) => update["action"] === "set-snapshot-ref" && update["ref-name"] === "main");
    return { updates: moves ? [...updates, ...partUpdates(base, null)] : updates, written: [], obsolete: [] };
  }

  const result = [...updates];
  const written: string[] = [];
  const obsolete: string[] = [];
  const sizes = filesSizes(base);
  for (const { index, snapshot } of added) {
    const last = annotated && index === added.at(-1)?.index;
    requireExpected(base, snapshot);
    const list = await readListOf(snapshot, storages);
    const change = list ? await syncAdded(list.manifests, snapshot, storages) : null;
    const totals = list ? { ...totalsOf(list.manifests, snapshot["snapshot-id"]), ...sizes.after(snapshot, change) } : {};
    let completed: Snapshot = {
      ...snapshot,
      summary: { ...totals, ...snapshot.summary, ...completedNote(snapshot, totals, now), ...(last ? notes : {}) },
    };
    if (last && (replace || range !== null)) {
      if (list === null) throw badRequest("The snapshot's manifest list is not where the catalog may rewrite it");
      const own = ownManifests(
        list.manifests,
        added.map((item) => String(item.snapshot["snapshot-id"])),
      );
      const kept = range === null ? null : await keptManifests(storages, base, list, own, completed, range);
      written.push(...(kept?.written ?? []));
      const manifests = [...own, ...(kept?.manifests ?? [])];
      const location = await writeList(storages, base, list, manifests, completed);
      written.push(location);
      if (snapshot["manifest-list"]) obsolete.push(snapshot["manifest-list"]);
      const previous = findSnapshot(base, base["current-snapshot-id"]);
      const summary = {
        ...withoutTotals(completed.summary ?? {}),
        ...totalsAfterReplace(manifests, snapshot["snapshot-id"]),
        ...(replace ? sizes.afterReplace() : {}),
        ...(replace ? removedBy(previous && (await readListOf(previous, storages))) : {}),
        operation: "overwrite",
      };
      completed = { ...completed, "manifest-list": location, summary };
    }
    result[index] = { ...readObject(result[index], "update"), snapshot: completed };
    if (index === added.at(-1)?.index) result.push(...partUpdates(base, completed.summary ?? {}));
  }
  return { updates: result, written, obsolete };
}

/** What stays of the manifests that a commit carries over when its own files take the place of a range. */
async function keptManifests(
  storages: Storages,
  metadata: TableMetadata,
  list: ManifestList,
  own: readonly Manifest[],
  snapshot: Snapshot,
  range: Range,
): Promise<{ readonly manifests: readonly Manifest[]; readonly written: readonly string[] }> {
  const carried = list.manifests.filter((manifest) => !own.includes(manifest));
  const context = {
    list: list.file,
    metadata,
    storages,
    snapshot: BigInt(snapshot["snapshot-id"]),
    sequence: BigInt(snapshot["sequence-number"] ?? 0),
  };
  const { records, written } = await withoutRange(carried, range, context);
  return { manifests: manifestsOf(list.file, records), written };
}

/** What the snapshots of this commit added themselves; a manifest that also carries older files over would bring them back. */
function ownManifests(manifests: readonly Manifest[], snapshots: readonly string[]): Manifest[] {
  const own = manifests.filter((manifest) => snapshots.includes(manifest.snapshot));
  if (own.some((manifest) => manifest.holds === "data" && manifest.existingFiles !== 0)) {
    throw badRequest(`${writeModeKey} = replace needs a commit that only inserts: a manifest of it carries older files over`);
  }
  return own;
}

/** The engine counted what it believed to append to. */
function withoutTotals(summary: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(summary).filter(([key]) => !key.startsWith("total-")));
}

function totalsAfterReplace(manifests: readonly Manifest[], snapshot: Id): Record<string, string> {
  const noDeletes = manifests.every((manifest) => manifest.holds === "data");
  return { ...totalsOf(manifests, snapshot), ...(noDeletes ? { "total-position-deletes": "0", "total-equality-deletes": "0" } : {}) };
}

const sizeKey = "total-files-size";

/** Follows the bytes of a table's files through the snapshots of one commit; what cannot be followed is left out of their summaries. */
function filesSizes(base: TableMetadata): {
  /** After a snapshot that adds to its parent. */
  after(snapshot: Snapshot, change: SizeChange | null): Record<string, string>;
  /** After one that holds only what the commit added. */
  afterReplace(): Record<string, string>;
} {
  const totals = new Map<string, number | null>();
  let addedByCommit: number | null = 0;
  const said = (total: number | null): Record<string, string> => (total === null ? {} : { [sizeKey]: String(total) });
  return {
    after(snapshot, change) {
      const parent = snapshot["parent-snapshot-id"] ?? null;
      const before = parent === null ? 0 : (totals.get(String(parent)) ?? numberOf(findSnapshot(base, parent)?.summary?.[sizeKey]));
      const total = before === null || change === null ? null : before + change.added - change.removed;
      totals.set(String(snapshot["snapshot-id"]), total);
      addedByCommit = addedByCommit === null || change === null ? null : addedByCommit + change.added;
      return said(total);
    },
    afterReplace: () => said(addedByCommit),
  };
}

function numberOf(text: string | undefined): number | null {
  return text === undefined || !/^\d+$/.test(text) ? null : Number(text);
}

/** How much a replacement takes away, from the totals of what was there. */
function removedBy(previous: ManifestList | null | undefined): Record<string, string> {
  if (!previous) return {};
  const totals = totalsOf(previous.manifests, -1);
  const records = totals["total-records"];
  const files = totals["total-data-files"];
  return {
    ...(records === undefined ? {} : { "deleted-records": records }),
    ...(files === undefined ? {} : { "deleted-data-files": files }),
  };
}

async function readListOf(snapshot: Snapshot, storages: Storages): Promise<ManifestList | null> {
  const location = snapshot["manifest-list"];
  if (location === undefined || snapshot["key-id"] !== undefined || !storages.holds(location)) return null;
  try {
    return readManifestList(await storages.read(location));
  } catch (error) {
    if (isMissing(error)) throw badRequest(`The manifest list is not there: ${location}`);
    if (error instanceof UnknownCodec) return null;
    throw error;
  }
}

async function writeList(
  storages: Storages,
  metadata: TableMetadata,
  source: ManifestList | null,
  manifests: readonly Manifest[],
  snapshot: Snapshot,
): Promise<string> {
  const id = snapshot["snapshot-id"];
  const location = `${metadata.location}/metadata/snap-${id}-1-${randomUUID()}.avro`;
  const owner = {
    snapshot: id,
    parent: snapshot["parent-snapshot-id"] ?? null,
    sequence: snapshot["sequence-number"] ?? 0,
    formatVersion: metadata["format-version"],
  };
  await storages.write(location, writeManifestList(source?.file ?? null, manifests, owner));
  return location;
}

/** Adds the snapshot that an annotated commit without data lacks: the parent's data, or none when it replaces them. */
async function addEmptySnapshot(
  storages: Storages,
  metadata: TableMetadata,
  { updates, notes, replace, range }: Split,
  now: number,
): Promise<Annotated> {
  if (metadata["format-version"] < 2) throw badRequest("A commit without data can be annotated in tables of format version 2 and 3 only");
  const parent = currentSnapshot(metadata);
  const location = parent?.["manifest-list"];
  const list = location === undefined ? null : readManifestList(await storages.read(location));
  const id = newSnapshotId();
  const start: Snapshot = {
    "snapshot-id": id,
    ...(parent ? { "parent-snapshot-id": parent["snapshot-id"] } : {}),
    "sequence-number": metadata["last-sequence-number"] + 1,
    "timestamp-ms": Math.max(now, (parent?.["timestamp-ms"] ?? 0) + 1),
    "schema-id": metadata["current-schema-id"],
    ...(metadata["format-version"] >= 3 ? { "first-row-id": metadata["next-row-id"] ?? 0, "added-rows": 0 } : {}),
  };
  const kept = range === null || list === null ? null : await keptManifests(storages, metadata, list, [], start, range);
  const manifests = kept?.manifests ?? (replace || list === null ? [] : list.manifests);
  const operation = replace || range !== null ? "overwrite" : "append";
  const size = replace ? "0" : range === null ? parent?.summary?.[sizeKey] : undefined;
  const sized = size === undefined ? {} : { [sizeKey]: size };
  const snapshot = {
    ...start,
    summary: { operation, ...totalsOf(manifests, id), ...sized, ...(replace ? removedBy(list) : {}), ...notes },
  };
  const written = await writeList(storages, metadata, list, manifests, snapshot);
  const additions: JsonObject[] = [
    { action: "add-snapshot", snapshot: { ...snapshot, "manifest-list": written } },
    { action: "set-snapshot-ref", "ref-name": "main", type: "branch", "snapshot-id": id },
  ];
  const parts = partUpdates(metadata, snapshot.summary);
  return { updates: [...updates, ...additions, ...parts], written: [written, ...(kept?.written ?? [])], obsolete: [] };
}

/** A random positive 64-bit integer, as Iceberg's own libraries draw them. */
export function newSnapshotId(): Id {
  const id = BigInt.asUintN(63, randomBytes(8).readBigUInt64LE()) || 1n;
  return id <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(id) : id;
}
