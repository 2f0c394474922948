import { randomUUID } from "node:crypto";
import { badRequest } from "./error.ts";
import type { Json, JsonObject } from "./json.ts";
import type { PartitionSpec, SortOrder, TableMetadata } from "./model.ts";
import { freshId, highestId, readOrder, readSchema, readSpec, withFreshIds } from "./schema.ts";
import { readTexts } from "./shape.ts";

/** Partition fields are numbered from here on, by Iceberg's specification. */
const firstPartitionId = 1000;

/** Format versions that the catalog can keep. */
export const supportedFormatVersion = 3;

/** Properties that describe the metadata itself and are therefore never stored among the properties. */
const reservedProperties: ReadonlySet<string> = new Set([
  "format-version",
  "uuid",
  "snapshot-count",
  "current-snapshot-summary",
  "current-snapshot-id",
  "current-snapshot-timestamp-ms",
  "current-schema",
  "default-partition-spec",
  "default-sort-order",
]);

export function formatVersionOf(properties: Readonly<Record<string, string>>): number {
  const text = properties["format-version"] ?? "2";
  const version = Number(text);
  if (version !== 1 && version !== 2 && version !== 3)
    throw badRequest(`Unsupported format version: v${text} (supported: v${supportedFormatVersion})`);
  return version;
}

export function withoutReserved(properties: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).filter(([key]) => !reservedProperties.has(key)));
}

/** Metadata before its first update: no schema, no partition spec, no sort order yet. */
export function emptyMetadata(formatVersion: number, location: string): TableMetadata {
  return {
    "format-version": formatVersion,
    "table-uuid": randomUUID(),
    location,
    "last-sequence-number": 0,
    "last-updated-ms": Date.now(),
    "last-column-id": 0,
    "current-schema-id": -1,
    schemas: [],
    "default-spec-id": -1,
    "partition-specs": [],
    "last-partition-id": firstPartitionId - 1,
    "default-sort-order-id": -1,
    "sort-orders": [],
    properties: {},
    "current-snapshot-id": -1,
    refs: {},
    snapshots: [],
    statistics: [],
    "partition-statistics": [],
    "snapshot-log": [],
    "metadata-log": [],
    ...(formatVersion >= 3 ? { "next-row-id": 0 } : {}),
  };
}

/** The metadata of a new table as a create request describes it, with ids of its own counting. */
export function newTableMetadata(request: JsonObject, location: string): TableMetadata {
  const properties = readTexts(request["properties"] ?? {}, "properties");
  const { schema, ids } = withFreshIds(readSchema(request["schema"], "schema"));
  const spec = freshSpec(request["partition-spec"], ids);
  const order = freshOrder(request["write-order"], ids);
  return {
    ...emptyMetadata(formatVersionOf(properties), location),
    "last-column-id": highestId(schema),
    "current-schema-id": 0,
    schemas: [schema],
    "default-spec-id": 0,
    "partition-specs": [spec],
    "last-partition-id": firstPartitionId - 1 + spec.fields.length,
    "default-sort-order-id": order["order-id"],
    "sort-orders": [order],
    properties: withoutReserved(properties),
  };
}

function freshSpec(value: Json | undefined, ids: ReadonlyMap<number, number>): PartitionSpec {
  if (value === undefined || value === null) return { "spec-id": 0, fields: [] };
  const spec = readSpec(value, "partition-spec", firstPartitionId - 1);
  return {
    "spec-id": 0,
    fields: spec.fields.map((field, index) => ({
      ...field,
      "source-id": freshId(ids, field["source-id"]),
      "field-id": firstPartitionId + index,
    })),
  };
}

function freshOrder(value: Json | undefined, ids: ReadonlyMap<number, number>): SortOrder {
  if (value === undefined || value === null) return { "order-id": 0, fields: [] };
  const order = readOrder(value, "write-order");
  const fields = order.fields.map((field) => ({ ...field, "source-id": freshId(ids, field["source-id"]) }));
  return { "order-id": fields.length === 0 ? 0 : 1, fields };
}
