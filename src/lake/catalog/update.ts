import { formatVersionOf, supportedFormatVersion } from "./create.ts";
import { badRequest, invalid } from "./error.ts";
import { canonicalJson, type JsonObject } from "./json.ts";
import { currentSnapshot, type Draft, type PartitionSpec, type Schema, type SortOrder, type TableMetadata } from "./model.ts";
import { columnIds, highestId, readOrder, readSchema, readSpec, sameSchema, schemaIdFor } from "./schema.ts";
import { listOf, readInteger, readObject, readText, readTexts } from "./shape.ts";
import { applySnapshotUpdate, correctSnapshotLog, isSnapshotUpdate } from "./snapshot-update.ts";

/** Metadata while updates are applied to it, with what they refer to as "the last added". */
export interface Building {
  readonly metadata: Draft<TableMetadata>;
  readonly now: number;
  lastSchema: number | null;
  lastSpec: number | null;
  lastOrder: number | null;
  /** Snapshots that this change adds, by id as text. */
  readonly addedSnapshots: Set<string>;
  removedSnapshots: boolean;
}

/**
 * The metadata after a commit's updates, in their order; the very object `base` when they change nothing.
 * Pure: `base` stays as it is.
 *
 * @throws CatalogError when an update is malformed or does not fit.
 */
export function applyUpdates(base: TableMetadata, updates: readonly JsonObject[], now: number): TableMetadata {
  const building: Building = {
    metadata: { ...base },
    now,
    lastSchema: null,
    lastSpec: null,
    lastOrder: null,
    addedSnapshots: new Set(),
    removedSnapshots: false,
  };
  for (const update of updates) applyUpdate(building, update);
  const { metadata } = building;
  correctSnapshotLog(building, base);
  checkComplete(metadata);
  forgetOrders(metadata);
  if (Object.entries(metadata).every(([key, value]) => value === base[key as keyof TableMetadata])) return base;
  metadata["last-updated-ms"] = Math.max(now, currentSnapshot(metadata)?.["timestamp-ms"] ?? 0);
  return metadata;
}

function checkComplete(metadata: TableMetadata): void {
  const schema = metadata.schemas.find((item) => item["schema-id"] === metadata["current-schema-id"]);
  if (schema === undefined) throw badRequest("Invalid table: no current schema was set");
  const spec = metadata["partition-specs"].find((item) => item["spec-id"] === metadata["default-spec-id"]);
  if (spec === undefined) throw badRequest("Invalid table: no default partition spec was set");
  const order = metadata["sort-orders"].find((item) => item["order-id"] === metadata["default-sort-order-id"]);
  if (order === undefined) throw badRequest("Invalid table: no default sort order was set");
  checkColumns(schema, spec.fields, "partition");
  checkColumns(schema, order.fields, "sort");
}

/**
 * Forgets sort orders, other than the one that holds, by a column that is gone: Iceberg 1.11's Spark runtime looks for the columns of all
 * of them before it writes, and could never write the table again.
 */
function forgetOrders(metadata: Building["metadata"]): void {
  const schema = metadata.schemas.find((item) => item["schema-id"] === metadata["current-schema-id"]);
  if (schema === undefined) return;
  const known = columnIds(schema);
  const kept = metadata["sort-orders"].filter(
    ({ "order-id": id, fields }) => id === metadata["default-sort-order-id"] || fields.every((field) => known.has(field["source-id"])),
  );
  if (kept.length < metadata["sort-orders"].length) metadata["sort-orders"] = kept;
}

function applyUpdate(building: Building, update: JsonObject): void {
  const { metadata } = building;
  const action = readText(update["action"], "update.action");
  if (isSnapshotUpdate(action)) return applySnapshotUpdate(building, action, update);
  const number = (key: string): number => readInteger(update[key], `${action}.${key}`);
  switch (action) {
    case "assign-uuid":
      metadata["table-uuid"] = readText(update["uuid"], "assign-uuid.uuid");
      return;
    case "upgrade-format-version":
      return upgrade(metadata, number("format-version"));
    case "add-schema":
      return addSchema(building, update);
    case "set-current-schema":
      metadata["current-schema-id"] = known(
        number("schema-id"),
        building.lastSchema,
        metadata.schemas.map((item) => item["schema-id"]),
        "schema",
      );
      return;
    case "remove-schemas":
      metadata.schemas = without(
        metadata.schemas,
        "schema-id",
        update["schema-ids"],
        metadata["current-schema-id"],
        "Cannot remove the current schema",
      );
      return;
    case "add-spec":
      return addSpec(building, readSpec(update["spec"], "add-spec.spec", metadata["last-partition-id"]));
    case "set-default-spec":
      metadata["default-spec-id"] = known(
        number("spec-id"),
        building.lastSpec,
        metadata["partition-specs"].map((item) => item["spec-id"]),
        "partition spec",
      );
      return;
    case "remove-partition-specs":
      metadata["partition-specs"] = without(
        metadata["partition-specs"],
        "spec-id",
        update["spec-ids"],
        metadata["default-spec-id"],
        "Cannot remove the default partition spec",
      );
      return;
    case "add-sort-order":
      return addOrder(building, readOrder(update["sort-order"], "add-sort-order.sort-order"));
    case "set-default-sort-order":
      metadata["default-sort-order-id"] = known(
        number("sort-order-id"),
        building.lastOrder,
        metadata["sort-orders"].map((item) => item["order-id"]),
        "sort order",
      );
      return;
    case "set-location":
      metadata.location = readText(update["location"], "set-location.location");
      return;
    case "set-properties":
      return setProperties(metadata, readTexts(update["updates"] ?? update["updated"], "set-properties.updates"));
    case "remove-properties":
      return removeProperties(metadata, listOf(readText)(update["removals"] ?? update["removed"], "remove-properties.removals"));
    case "add-encryption-key":
      metadata["encryption-keys"] = [
        ...(metadata["encryption-keys"] ?? []),
        readObject(update["encryption-key"], "add-encryption-key.encryption-key"),
      ];
      return;
    case "remove-encryption-key":
      metadata["encryption-keys"] = (metadata["encryption-keys"] ?? []).filter((key) => key["key-id"] !== update["key-id"]);
      return;
    default:
      throw badRequest(`Cannot apply update of a table: ${action}`);
  }
}

function upgrade(metadata: Draft<TableMetadata>, version: number): void {
  if (version > supportedFormatVersion)
    throw badRequest(`Cannot upgrade table to unsupported format version: v${version} (supported: v${supportedFormatVersion})`);
  if (version < metadata["format-version"]) throw badRequest(`Cannot downgrade v${metadata["format-version"]} table to v${version}`);
  if (version >= 3 && metadata["next-row-id"] === undefined) metadata["next-row-id"] = 0;
  metadata["format-version"] = version;
}

function setProperties(metadata: Draft<TableMetadata>, updates: Readonly<Record<string, string>>): void {
  // Clients ask for a new format version through the property of that name, too.
  const { "format-version": version, ...rest } = updates;
  if (version !== undefined) upgrade(metadata, formatVersionOf({ "format-version": version }));
  if (Object.entries(rest).every(([key, value]) => metadata.properties[key] === value)) return;
  metadata.properties = { ...metadata.properties, ...rest };
}

function removeProperties(metadata: Draft<TableMetadata>, removals: readonly string[]): void {
  if (!removals.some((key) => Object.hasOwn(metadata.properties, key))) return;
  metadata.properties = Object.fromEntries(Object.entries(metadata.properties).filter(([key]) => !removals.includes(key)));
}

/** Resolves -1 to what this change added last, and refuses an id that the table does not have. */
function known(id: number, lastAdded: number | null, ids: readonly number[], what: string): number {
  if (id === -1) {
    if (lastAdded === null) throw invalid(`Cannot set last added ${what}: no ${what} has been added`);
    return lastAdded;
  }
  if (!ids.includes(id)) throw badRequest(`Cannot set current ${what} to unknown ${what}: ${id}`);
  return id;
}

function without<K extends string, T extends { readonly [key in K]: number }>(
  items: readonly T[],
  key: K,
  ids: JsonObject[string],
  kept: number,
  refusal: string,
): readonly T[] {
  const removed = listOf(readInteger)(ids, `${key}s`);
  if (removed.includes(kept)) throw badRequest(refusal);
  const remaining = items.filter((item) => !removed.includes(item[key]));
  return remaining.length === items.length ? items : remaining;
}

function addSchema(building: Building, update: JsonObject): void {
  const { metadata } = building;
  const schema = readSchema(update["schema"], "add-schema.schema");
  const highest = Math.max(metadata["last-column-id"], highestId(schema));
  const id = schemaIdFor(metadata.schemas, schema, Math.max(0, metadata["current-schema-id"]));
  if (!metadata.schemas.some((item) => sameSchema(item, schema))) metadata.schemas = [...metadata.schemas, { ...schema, "schema-id": id }];
  metadata["last-column-id"] = highest;
  building.lastSchema = id;
}

function addSpec(building: Building, spec: PartitionSpec): void {
  const { metadata } = building;
  const meaning = (item: PartitionSpec): string =>
    canonicalJson(item.fields.map((field) => [field["source-id"], field.name, field.transform]));
  const same = metadata["partition-specs"].find((item) => meaning(item) === meaning(spec));
  const id = same?.["spec-id"] ?? Math.max(0, ...metadata["partition-specs"].map((item) => item["spec-id"] + 1));
  if (same === undefined) {
    metadata["partition-specs"] = [...metadata["partition-specs"], { ...spec, "spec-id": id }];
    metadata["last-partition-id"] = Math.max(metadata["last-partition-id"], ...spec.fields.map((field) => field["field-id"]));
  }
  building.lastSpec = id;
}

function addOrder(building: Building, order: SortOrder): void {
  const { metadata } = building;
  const orders = metadata["sort-orders"];
  const same = orders.find((item) => canonicalJson(item.fields) === canonicalJson(order.fields));
  const id = order.fields.length === 0 ? 0 : (same?.["order-id"] ?? Math.max(1, ...orders.map((item) => item["order-id"] + 1)));
  if (same === undefined) metadata["sort-orders"] = [...orders, { ...order, "order-id": id }];
  building.lastOrder = id;
}

/** Refuses a default spec or order over columns that the current schema does not have; `void` outlives its column. */
function checkColumns(schema: Schema, fields: readonly { readonly "source-id": number; readonly transform: string }[], what: string): void {
  const known = columnIds(schema);
  const missing = fields.find((field) => field.transform !== "void" && !known.has(field["source-id"]));
  if (missing !== undefined) throw invalid(`Cannot find source column for ${what} field: ${missing["source-id"]}`);
}
