import { badRequest, invalid } from "./error.ts";
import type { JsonObject } from "./json.ts";
import { findSnapshot, sameId, type Draft, type Id, type Reference, type Snapshot, type TableMetadata } from "./model.ts";
import { listOf, optional, readId, readInteger, readObject, readText, readTexts } from "./shape.ts";
import type { Building } from "./update.ts";

const actions: ReadonlySet<string> = new Set([
  "add-snapshot",
  "set-snapshot-ref",
  "remove-snapshots",
  "remove-snapshot-ref",
  "set-statistics",
  "remove-statistics",
  "set-partition-statistics",
  "remove-partition-statistics",
]);

export function isSnapshotUpdate(action: string): boolean {
  return actions.has(action);
}

export function applySnapshotUpdate(building: Building, action: string, update: JsonObject): void {
  const { metadata } = building;
  switch (action) {
    case "add-snapshot":
      return addSnapshot(building, readSnapshot(update["snapshot"]));
    case "set-snapshot-ref":
      return setReference(building, update);
    case "remove-snapshots":
      return removeSnapshots(building, listOf(readId)(update["snapshot-ids"], "remove-snapshots.snapshot-ids"));
    case "remove-snapshot-ref":
      return removeReference(metadata, readText(update["ref-name"], "remove-snapshot-ref.ref-name"));
    case "set-statistics":
      metadata.statistics = replaced(metadata.statistics, readObject(update["statistics"], "set-statistics.statistics"));
      return;
    case "remove-statistics":
      metadata.statistics = withoutSnapshot(metadata.statistics, readId(update["snapshot-id"], "remove-statistics.snapshot-id"));
      return;
    case "set-partition-statistics":
      metadata["partition-statistics"] = replaced(
        metadata["partition-statistics"],
        readObject(update["partition-statistics"], "set-partition-statistics"),
      );
      return;
    case "remove-partition-statistics":
      metadata["partition-statistics"] = withoutSnapshot(
        metadata["partition-statistics"],
        readId(update["snapshot-id"], "remove-partition-statistics.snapshot-id"),
      );
      return;
  }
}

/** A snapshot out of a request; what we do not know of it is kept as it is. */
export function readSnapshot(value: JsonObject[string]): Snapshot {
  const object = readObject(value, "snapshot");
  readId(object["snapshot-id"], "snapshot.snapshot-id");
  optional(readId)(object["parent-snapshot-id"], "snapshot.parent-snapshot-id");
  readInteger(object["timestamp-ms"], "snapshot.timestamp-ms");
  optional(readText)(object["manifest-list"], "snapshot.manifest-list");
  optional(readTexts)(object["summary"], "snapshot.summary");
  for (const key of ["sequence-number", "schema-id", "first-row-id", "added-rows"]) optional(readInteger)(object[key], `snapshot.${key}`);
  return object as Snapshot;
}

function addSnapshot({ metadata, addedSnapshots }: Building, snapshot: Snapshot): void {
  const id = snapshot["snapshot-id"];
  if (metadata.schemas.length === 0) throw invalid("Attempting to add a snapshot before a schema is added");
  if (metadata["partition-specs"].length === 0) throw invalid("Attempting to add a snapshot before a partition spec is added");
  if (metadata["sort-orders"].length === 0) throw invalid("Attempting to add a snapshot before a sort order is added");
  if (findSnapshot(metadata, id)) throw invalid(`Snapshot already exists for id: ${id}`);
  const sequence = snapshot["sequence-number"] ?? 0;
  const parent = snapshot["parent-snapshot-id"] ?? null;
  if (metadata["format-version"] > 1 && sequence <= metadata["last-sequence-number"] && parent !== null) {
    throw invalid(
      `Cannot add snapshot with sequence number ${sequence} older than last sequence number ${metadata["last-sequence-number"]}`,
    );
  }
  if (metadata["format-version"] >= 3) metadata["next-row-id"] = nextRowId(metadata, snapshot);
  metadata["last-sequence-number"] = sequence;
  metadata.snapshots = [...metadata.snapshots, snapshot];
  addedSnapshots.add(String(id));
}

function nextRowId(metadata: TableMetadata, snapshot: Snapshot): number {
  const next = metadata["next-row-id"] ?? 0;
  const first = snapshot["first-row-id"];
  if (first === undefined || first === null) throw invalid("Cannot add a snapshot: first-row-id is null");
  if (first < next) throw invalid(`Cannot add a snapshot, first-row-id is behind table next-row-id: ${first} < ${next}`);
  return next + (snapshot["added-rows"] ?? 0);
}

function setReference(building: Building, update: JsonObject): void {
  const { metadata, now } = building;
  const name = readText(update["ref-name"], "set-snapshot-ref.ref-name");
  const id = readId(update["snapshot-id"], "set-snapshot-ref.snapshot-id");
  const type = readText(update["type"], "set-snapshot-ref.type").toLowerCase();
  if (type !== "branch" && type !== "tag") throw badRequest(`Unknown type of reference: ${type}`);
  const snapshot = findSnapshot(metadata, id);
  if (snapshot === undefined) throw invalid(`Cannot set ${name} to unknown snapshot: ${id}`);
  if (name === "main" && type === "tag") throw invalid("Cannot set main to a tag, it must be a branch");
  const reference: Reference = { "snapshot-id": id, type, ...limits(update) };
  const before = metadata.refs[name];
  if (
    before !== undefined &&
    Object.entries(reference).every(([key, value]) => before[key] === value) &&
    Object.keys(before).length === Object.keys(reference).length
  )
    return;
  metadata.refs = { ...metadata.refs, [name]: reference };
  if (name !== "main") return;
  metadata["current-snapshot-id"] = id;
  // A rollback happens now; a new snapshot's own time counts otherwise.
  const timestamp = building.addedSnapshots.has(String(id)) ? snapshot["timestamp-ms"] : now;
  metadata["snapshot-log"] = [...metadata["snapshot-log"], { "timestamp-ms": timestamp, "snapshot-id": id }];
}

function limits(update: JsonObject): Record<string, Id> {
  const entries = ["min-snapshots-to-keep", "max-snapshot-age-ms", "max-ref-age-ms"].map(
    (key) => [key, optional(readId)(update[key], `set-snapshot-ref.${key}`)] as const,
  );
  return Object.fromEntries(entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}

function removeReference(metadata: Draft<TableMetadata>, name: string): void {
  if (!Object.hasOwn(metadata.refs, name)) return;
  if (name === "main") metadata["current-snapshot-id"] = -1;
  metadata.refs = Object.fromEntries(Object.entries(metadata.refs).filter(([key]) => key !== name));
}

function removeSnapshots(building: Building, ids: readonly Id[]): void {
  const { metadata } = building;
  const removed = new Set(ids.map(String));
  const remaining = metadata.snapshots.filter((snapshot) => !removed.has(String(snapshot["snapshot-id"])));
  if (remaining.length === metadata.snapshots.length) return;
  building.removedSnapshots = true;
  metadata.snapshots = remaining;
  for (const id of ids) {
    metadata.statistics = withoutSnapshot(metadata.statistics, id);
    metadata["partition-statistics"] = withoutSnapshot(metadata["partition-statistics"], id);
  }
  for (const [name, reference] of Object.entries(metadata.refs))
    if (removed.has(String(reference["snapshot-id"]))) removeReference(metadata, name);
}

function withoutSnapshot(files: readonly JsonObject[], id: Id): readonly JsonObject[] {
  const remaining = files.filter((file) => String(file["snapshot-id"]) !== String(id));
  return remaining.length === files.length ? files : remaining;
}

function replaced(files: readonly JsonObject[], file: JsonObject): readonly JsonObject[] {
  return [...withoutSnapshot(files, readId(file["snapshot-id"], "statistics.snapshot-id")), file];
}

/**
 * Takes out of the log what was never the current snapshot (a step inside this change), and, where a
 * snapshot was removed, everything before it: a gap would tell time travel a wrong answer.
 */
export function correctSnapshotLog({ metadata, addedSnapshots, removedSnapshots }: Building, base: TableMetadata): void {
  const steps = new Set(addedSnapshots);
  steps.delete(String(metadata["current-snapshot-id"]));
  if (metadata["snapshot-log"] === base["snapshot-log"] && !removedSnapshots) return;
  const present = removedSnapshots ? new Set(metadata.snapshots.map((snapshot) => String(snapshot["snapshot-id"]))) : null;
  let log: TableMetadata["snapshot-log"][number][] = [];
  for (const entry of metadata["snapshot-log"]) {
    const id = String(entry["snapshot-id"]);
    if (present !== null && !present.has(id)) log = [];
    else if (!steps.has(id)) log.push(entry);
  }
  const last = log.at(-1);
  if (metadata["current-snapshot-id"] !== -1 && !sameId(last?.["snapshot-id"], metadata["current-snapshot-id"])) {
    throw invalid("Cannot set invalid snapshot log: latest entry is not the current snapshot");
  }
  metadata["snapshot-log"] = log;
}
