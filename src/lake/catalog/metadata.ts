import { gunzipSync } from "node:zlib";
import { badRequest } from "./error.ts";
import { isObject, parseJson, printJson, type JsonObject } from "./json.ts";
import type { Schema, TableMetadata, ViewMetadata } from "./model.ts";
import { readSnapshot } from "./snapshot-update.ts";
import { listOf, readId, readInteger, readObject, readText, readTexts } from "./shape.ts";

/**
 * Parses a table's metadata file, ours or another writer's. Parts that a writer may leave out get their
 * empty values; the single schema and partition spec of old version-1 files become lists of one.
 *
 * @throws CatalogError BadRequestException when it is no table metadata.
 */
export function readMetadata(content: Buffer): TableMetadata {
  return tableMetadata(parseFile(content));
}

/** The same of metadata that are parsed already, such as a catalog's reply carries. */
export function tableMetadata(object: JsonObject): TableMetadata {
  const version = readInteger(object["format-version"], "format-version");
  if (version < 1 || version > 3) throw badRequest(`Cannot read unsupported table metadata version: v${version}`);
  readText(object["table-uuid"], "table-uuid");
  readText(object["location"], "location");
  readTexts(object["properties"] ?? {}, "properties");
  const current = object["current-snapshot-id"] ?? -1;
  const id = readId(current, "current-snapshot-id");
  const spec = object["partition-spec"];
  const defaults: JsonObject = {
    "last-sequence-number": 0,
    "current-schema-id": 0,
    schemas: object["schema"] === undefined ? [] : [{ "schema-id": 0, ...readObject(object["schema"], "schema") }],
    "default-spec-id": 0,
    "partition-specs": spec === undefined ? [] : [{ "spec-id": 0, fields: spec }],
    "last-partition-id": 999,
    "default-sort-order-id": 0,
    "sort-orders": [{ "order-id": 0, fields: [] }],
    properties: {},
    refs: id === -1 ? {} : { main: { "snapshot-id": id, type: "branch" } },
    snapshots: [],
    statistics: [],
    "partition-statistics": [],
    "snapshot-log": [],
    "metadata-log": [],
    ...(version >= 3 ? { "next-row-id": 0 } : {}),
  };
  const given = Object.fromEntries(
    Object.entries(object).filter(([key, value]) => value !== null && key !== "schema" && key !== "partition-spec"),
  );
  const filled: JsonObject = {
    ...given,
    ...Object.fromEntries(Object.entries(defaults).filter(([key]) => !(key in given))),
    "current-snapshot-id": id,
  };
  for (const key of ["schemas", "partition-specs", "sort-orders", "snapshot-log", "metadata-log"]) listOf(readObject)(filled[key], key);
  listOf(readSnapshot)(filled["snapshots"], "snapshots");
  return filled as TableMetadata;
}

/** Parses a view's metadata file. */
export function readViewMetadata(content: Buffer): ViewMetadata {
  const object = parseFile(content);
  readText(object["view-uuid"], "view-uuid");
  readText(object["location"], "location");
  listOf(readObject)(object["versions"], "versions");
  listOf(readObject)(object["schemas"], "schemas");
  const filled: JsonObject = { "version-log": [], properties: {}, ...object };
  return filled as ViewMetadata;
}

function parseFile(content: Buffer): JsonObject {
  // Other writers may compress their metadata files.
  const bytes = content[0] === 0x1f && content[1] === 0x8b ? gunzipSync(content) : content;
  const value = parseJson(bytes.toString("utf8"));
  if (!isObject(value)) throw badRequest("The metadata file holds no JSON object");
  return value;
}

/** The text of a metadata file. Version-1 files also carry the single schema and spec that old readers look for. */
export function printMetadata(metadata: TableMetadata | ViewMetadata): string {
  if (!("table-uuid" in metadata) || metadata["format-version"] > 1) return printJson(metadata);
  const schema = currentSchema(metadata);
  const spec = metadata["partition-specs"].find((item) => item["spec-id"] === metadata["default-spec-id"]);
  return printJson({ ...metadata, ...(schema ? { schema } : {}), "partition-spec": spec?.fields ?? [] });
}

export function currentSchema(metadata: TableMetadata): Schema | undefined {
  return metadata.schemas.find((schema) => schema["schema-id"] === metadata["current-schema-id"]);
}
