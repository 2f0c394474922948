import { randomUUID } from "node:crypto";
import { badRequest, CatalogError, invalid } from "./error.ts";
import { canonicalJson, type JsonObject } from "./json.ts";
import type { Draft, ViewMetadata, ViewVersion } from "./model.ts";
import { readSchema, sameSchema, schemaIdFor } from "./schema.ts";
import { listOf, optional, readInteger, readObject, readText, readTexts } from "./shape.ts";

/** How many versions a view keeps unless its property `version.history.num-entries` says otherwise. */
const defaultHistory = 10;

interface Building {
  readonly metadata: Draft<ViewMetadata>;
  readonly now: number;
  readonly addedVersions: Set<number>;
  lastSchema: number | null;
  lastVersion: number | null;
}

/** The metadata of a new view as a create request describes it. */
export function newViewMetadata(request: JsonObject, location: string, now: number): ViewMetadata {
  const empty: ViewMetadata = {
    "view-uuid": randomUUID(),
    "format-version": 1,
    location,
    schemas: [],
    "current-version-id": 0,
    versions: [],
    "version-log": [],
    properties: readTexts(request["properties"] ?? {}, "properties"),
  };
  return applyViewUpdates(
    empty,
    [
      { action: "add-schema", schema: request["schema"] },
      { action: "add-view-version", "view-version": { ...readObject(request["view-version"], "view-version"), "schema-id": -1 } },
      { action: "set-current-view-version", "view-version-id": -1 },
    ],
    now,
  );
}

/** A view's metadata after a commit's updates; the very object `base` when they change nothing. Pure. */
export function applyViewUpdates(base: ViewMetadata, updates: readonly JsonObject[], now: number): ViewMetadata {
  const building: Building = { metadata: { ...base }, now, addedVersions: new Set(), lastSchema: null, lastVersion: null };
  for (const update of updates) applyUpdate(building, update);
  const { metadata } = building;
  if (Object.entries(metadata).every(([key, value]) => value === base[key as keyof ViewMetadata])) return base;
  checkDialects(base, metadata);
  expireVersions(building);
  return metadata;
}

function applyUpdate(building: Building, update: JsonObject): void {
  const { metadata } = building;
  const action = readText(update["action"], "update.action");
  switch (action) {
    case "assign-uuid":
      if (readText(update["uuid"], "assign-uuid.uuid") !== metadata["view-uuid"]) throw badRequest("Cannot reassign uuid");
      return;
    case "upgrade-format-version":
      if (readInteger(update["format-version"], "format-version") !== 1)
        throw badRequest(`Unsupported format version of a view: ${String(update["format-version"])}`);
      return;
    case "add-schema":
      return addSchema(building, update);
    case "add-view-version":
      return addVersion(building, readVersion(update["view-version"]));
    case "set-current-view-version":
      return setCurrent(building, readInteger(update["view-version-id"], "set-current-view-version.view-version-id"));
    case "set-location":
      metadata.location = readText(update["location"], "set-location.location");
      return;
    case "set-properties":
      metadata.properties = { ...metadata.properties, ...readTexts(update["updates"] ?? update["updated"], "set-properties.updates") };
      return;
    case "remove-properties": {
      const removals = listOf(readText)(update["removals"] ?? update["removed"], "remove-properties.removals");
      metadata.properties = Object.fromEntries(Object.entries(metadata.properties).filter(([key]) => !removals.includes(key)));
      return;
    }
    default:
      throw badRequest(`Cannot apply update of a view: ${action}`);
  }
}

function addSchema(building: Building, update: JsonObject): void {
  const { metadata } = building;
  const schema = readSchema(update["schema"], "add-schema.schema");
  const id = schemaIdFor(metadata.schemas, schema, 0);
  if (!metadata.schemas.some((item) => sameSchema(item, schema))) metadata.schemas = [...metadata.schemas, { ...schema, "schema-id": id }];
  building.lastSchema = id;
}

function readVersion(value: JsonObject[string]): ViewVersion {
  const object = readObject(value, "view-version");
  const catalog = optional(readText)(object["default-catalog"], "view-version.default-catalog");
  return {
    "version-id": readInteger(object["version-id"], "view-version.version-id"),
    "timestamp-ms": readInteger(object["timestamp-ms"], "view-version.timestamp-ms"),
    "schema-id": readInteger(object["schema-id"], "view-version.schema-id"),
    summary: readTexts(object["summary"] ?? {}, "view-version.summary"),
    ...(catalog === undefined ? {} : { "default-catalog": catalog }),
    "default-namespace": listOf(readText)(object["default-namespace"], "view-version.default-namespace"),
    representations: listOf(readRepresentation)(object["representations"], "view-version.representations"),
  };
}

function readRepresentation(value: JsonObject[string], where: string): JsonObject {
  const object = readObject(value, where);
  if (readText(object["type"], `${where}.type`) !== "sql")
    throw badRequest(`Found unsupported view representation: ${String(object["type"])}`);
  readText(object["sql"], `${where}.sql`);
  readText(object["dialect"], `${where}.dialect`);
  return object;
}

function addVersion(building: Building, given: ViewVersion): void {
  const { metadata } = building;
  const schemaId = given["schema-id"] === -1 ? building.lastSchema : given["schema-id"];
  if (schemaId === null) throw invalid("Cannot set last added schema: no schema has been added");
  if (!metadata.schemas.some((schema) => schema["schema-id"] === schemaId))
    throw badRequest(`Cannot add version with unknown schema: ${schemaId}`);
  const dialects = dialectsOf(given);
  const twice = dialects.find((dialect, index) => dialects.indexOf(dialect) !== index);
  if (twice !== undefined)
    throw new CatalogError(400, "IllegalArgumentException", `Invalid view version: Cannot add multiple queries for dialect ${twice}`);
  const version = { ...given, "schema-id": schemaId };
  const same = metadata.versions.find((item) => meaning(item) === meaning(version));
  const id = same?.["version-id"] ?? Math.max(version["version-id"], ...metadata.versions.map((item) => item["version-id"] + 1));
  if (same === undefined) {
    metadata.versions = [...metadata.versions, { ...version, "version-id": id }];
    building.addedVersions.add(id);
  }
  building.lastVersion = id;
}

/** What a version says, without its number and time. */
function meaning(version: ViewVersion): string {
  return canonicalJson([
    version.summary,
    [...version.representations],
    version["default-catalog"] ?? null,
    [...version["default-namespace"]],
    version["schema-id"],
  ]);
}

function setCurrent(building: Building, requested: number): void {
  const { metadata } = building;
  const id = requested === -1 ? building.lastVersion : requested;
  if (id === null) throw invalid("Cannot set last version id: no current version id has been set");
  if (id === metadata["current-version-id"]) return;
  const version = metadata.versions.find((item) => item["version-id"] === id);
  if (version === undefined) throw badRequest(`Cannot set current version to unknown version: ${id}`);
  metadata["current-version-id"] = id;
  const timestamp = building.addedVersions.has(id) ? version["timestamp-ms"] : building.now;
  metadata["version-log"] = [...metadata["version-log"], { "version-id": id, "timestamp-ms": timestamp }];
}

function dialectsOf(version: ViewVersion): string[] {
  return version.representations.map((item) => String(item["dialect"]).toLowerCase());
}

function checkDialects(base: ViewMetadata, metadata: ViewMetadata): void {
  if (metadata.properties["replace.drop-dialect.allowed"]?.toLowerCase() === "true") return;
  const find = (view: ViewMetadata): ViewVersion | undefined =>
    view.versions.find((item) => item["version-id"] === view["current-version-id"]);
  const before = find(base);
  const after = find(metadata);
  if (before === undefined || after === undefined) return;
  if (dialectsOf(before).every((dialect) => dialectsOf(after).includes(dialect))) return;
  throw new CatalogError(
    400,
    "IllegalStateException",
    `Cannot replace view due to loss of view dialects (replace.drop-dialect.allowed=false):\nPrevious dialects: [${dialectsOf(before).join(", ")}]\nNew dialects: [${dialectsOf(after).join(", ")}]`,
  );
}

/** Drops the oldest versions beyond the limit, and with them the log up to the newest entry of a dropped one. */
function expireVersions({ metadata, addedVersions }: Building): void {
  const limit = Number(metadata.properties["version.history.num-entries"] ?? defaultHistory);
  if (!Number.isInteger(limit) || limit <= 0)
    throw badRequest(`version.history.num-entries must be positive but was ${metadata.properties["version.history.num-entries"]}`);
  const current = metadata["current-version-id"];
  const keep = Math.max(limit, new Set([...addedVersions, current]).size);
  if (metadata.versions.length <= keep) return;
  const newest = metadata.versions
    .map((item) => item["version-id"])
    .filter((id) => id !== current)
    .sort((a, b) => b - a);
  const kept = new Set([current, ...newest.slice(0, keep - 1)]);
  metadata.versions = metadata.versions.filter((item) => kept.has(item["version-id"]));
  let log: ViewMetadata["version-log"][number][] = [];
  for (const entry of metadata["version-log"]) {
    if (kept.has(entry["version-id"])) log.push(entry);
    else log = [];
  }
  metadata["version-log"] = log;
}
