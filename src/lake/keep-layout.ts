import type { Column } from "../define/column.ts";
import type { Layout } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import { columnTypeOfIceberg } from "./catalog/column.ts";
import { canonicalJson, isObject, parseJson, printJson, type JsonObject } from "./catalog/json.ts";
import { currentSchema, tableMetadata } from "./catalog/metadata.ts";
import { currentSnapshot, type Schema, type SortOrder, type TableMetadata } from "./catalog/model.ts";
import { fileSizeProperty, icebergType, sortFields, specFields, usualFileSize } from "./layout.ts";
import { writeModeKey } from "./note.ts";

/** A table of a REST catalog. */
export interface TablePlace {
  readonly catalog: { readonly url: string; readonly token: string };
  readonly namespace: string;
  readonly table: string;
}

/** How a table stands when its layout has been seen to. */
export interface Laid {
  readonly created: boolean;
  /** Whether the layout was another one before. */
  readonly changed: boolean;
  /** More than one when files may lie that were written in another layout. */
  readonly specs: number;
  readonly spec: number;
  /** Whether two of them have a field in common. */
  readonly sharedFields: boolean;
  /** The address of the current snapshot's manifest list; null without one. */
  readonly manifestList: string | null;
}

/** What a write wants of the table. */
export interface Wanted {
  readonly columns: readonly Column[];
  /** Null leaves an existing table's layout as it is. */
  readonly layout: Layout | null;
  /** Whether the write takes the place of everything. */
  readonly replaced: boolean;
  /** Further properties of a new table. */
  readonly properties?: Readonly<Record<string, string>>;
}

const unpartitioned: Layout = Object.freeze({ partition: [], sort: [], fileSize: null });

/**
 * Sees to it that a table is there and has the layout before an engine writes to it, the same for every engine: a missing table
 * is created empty; another layout evolves the partition spec, the sort order and the file size, which hold for what is
 * written from then on. Where the write takes everything's place and a column of the old layout goes or changes its
 * type, the table is emptied with it, since no engine can drop a column by which files are partitioned.
 *
 * @throws MillwrightError `transient` when the catalog cannot be reached, `commit-conflict` when somebody else changed the table meanwhile.
 */
export async function keepLayout(place: TablePlace, wanted: Wanted): Promise<Laid> {
  const path = `namespaces/${encodeURIComponent(place.namespace)}/tables`;
  const own = `${path}/${encodeURIComponent(place.table)}`;
  const found = await call(place, "GET", own, null);
  if (found === null) {
    const made = await call(place, "POST", path, createRequest(place.table, wanted));
    return { created: true, changed: false, ...standing(metadataOf(made)) };
  }
  const metadata = metadataOf(found);
  const updates = updatesTo(metadata, wanted);
  if (updates.length === 0) return { created: false, changed: false, ...standing(metadata) };
  const requirements = [
    { type: "assert-table-uuid", uuid: metadata["table-uuid"] },
    { type: "assert-current-schema-id", "current-schema-id": metadata["current-schema-id"] },
    { type: "assert-default-spec-id", "default-spec-id": metadata["default-spec-id"] },
    { type: "assert-last-assigned-partition-id", "last-assigned-partition-id": metadata["last-partition-id"] },
  ];
  const after = await call(place, "POST", own, { requirements, updates });
  return { created: false, changed: true, ...standing(metadataOf(after)) };
}

function standing(metadata: TableMetadata): Pick<Laid, "specs" | "spec" | "sharedFields" | "manifestList"> {
  const ids = metadata["partition-specs"].flatMap(({ fields }) => fields.map((field) => field["field-id"]));
  return {
    sharedFields: new Set(ids).size < ids.length,
    specs: metadata["partition-specs"].length,
    spec: metadata["default-spec-id"],
    manifestList: currentSnapshot(metadata)?.["manifest-list"] ?? null,
  };
}

function createRequest(name: string, { columns, layout: declared, properties }: Wanted): JsonObject {
  const layout = declared ?? unpartitioned;
  const schema: Schema = { type: "struct", "schema-id": 0, fields: columns.map((column, index) => fieldOf(column, index + 1)) };
  return {
    name,
    schema,
    "partition-spec": { "spec-id": 0, fields: specFields(layout, schema, [], 999) },
    "write-order": { "order-id": layout.sort.length === 0 ? 0 : 1, fields: sortFields(layout, schema) },
    properties: { ...properties, [fileSizeProperty]: String(layout.fileSize ?? usualFileSize) },
  };
}

function fieldOf({ name, type }: Column, id: number): Schema["fields"][number] {
  return { id, name, required: false, type: icebergType(type) };
}

/** What a commit must say to bring a table to the layout; nothing when it has it. */
function updatesTo(metadata: TableMetadata, { columns, layout: declared, replaced }: Wanted): JsonObject[] {
  const now = currentSchema(metadata);
  if (now === undefined) return [];
  const spec = metadata["partition-specs"].find((item) => item["spec-id"] === metadata["default-spec-id"]);
  const order = metadata["sort-orders"].find((item) => item["order-id"] === metadata["default-sort-order-id"]);
  const reshaped =
    replaced &&
    losesColumn(
      now,
      columns,
      [...(spec?.fields ?? []), ...(order?.fields ?? [])].map((field) => field["source-id"]),
    );
  if (declared === null && !reshaped) return [];
  const layout = declared ?? unpartitioned;
  const schema = reshaped
    ? reshape(now, columns, metadata["last-column-id"])
    : withColumnsOf(layout, now, columns, metadata["last-column-id"]);
  const earlier = metadata["partition-specs"].flatMap(({ fields }) => fields);
  const fields = specFields(layout, schema, earlier, metadata["last-partition-id"]);
  const sorted = sortFields(layout, schema);
  const meaning = (list: readonly { readonly "source-id": number; readonly transform: string }[]) =>
    canonicalJson(list.map((field) => [field["source-id"], field.transform]));
  const size = String(layout.fileSize ?? usualFileSize);
  const sameOrder = canonicalJson([...((order satisfies SortOrder | undefined)?.fields ?? [])]) === canonicalJson(sorted);
  return [
    ...(reshaped ? [{ action: "set-properties", updates: { [writeModeKey]: "replace" } }] : []),
    ...(schema === now
      ? []
      : [
          { action: "add-schema", schema },
          { action: "set-current-schema", "schema-id": -1 },
        ]),
    ...(meaning(spec?.fields ?? []) === meaning(fields)
      ? []
      : [
          { action: "add-spec", spec: { "spec-id": metadata["partition-specs"].length, fields } },
          { action: "set-default-spec", "spec-id": -1 },
        ]),
    ...(sameOrder
      ? []
      : [
          {
            action: "add-sort-order",
            "sort-order": { "order-id": sorted.length === 0 ? 0 : metadata["sort-orders"].length + 1, fields: sorted },
          },
          { action: "set-default-sort-order", "sort-order-id": -1 },
        ]),
    ...(declared === null || metadata.properties[fileSizeProperty] === size
      ? []
      : [{ action: "set-properties", updates: { [fileSizeProperty]: size } }]),
  ];
}

/** Whether one of these columns goes, or comes back with another type. */
function losesColumn(schema: Schema, columns: readonly Column[], ids: readonly number[]): boolean {
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  return schema.fields.some(
    ({ id, name, type }) => ids.includes(id) && types.get(name) !== columnTypeOfIceberg(typeof type === "string" ? type : ""),
  );
}

/** The schema with the wanted columns; one that keeps its name and type keeps its id. */
function reshape(schema: Schema, columns: readonly Column[], lastId: number): Schema {
  let last = lastId;
  const fields = columns.map((column) => {
    const same = schema.fields.find(({ name, type }) => name === column.name && type === icebergType(column.type));
    return same ?? fieldOf(column, (last += 1));
  });
  return { type: "struct", "schema-id": schema["schema-id"] + 1, fields };
}

/** The schema, with the layout's columns that only the write to come would add. */
function withColumnsOf(layout: Layout, schema: Schema, columns: readonly Column[], lastId: number): Schema {
  const known = new Set(schema.fields.map(({ name }) => name));
  const wanted = new Set([...layout.partition, ...layout.sort].map(({ column }) => column));
  const missing = columns.filter(({ name }) => wanted.has(name) && !known.has(name));
  if (missing.length === 0) return schema;
  const added = missing.map((column, index) => fieldOf(column, lastId + 1 + index));
  return { type: "struct", "schema-id": schema["schema-id"] + 1, fields: [...schema.fields, ...added] };
}

function metadataOf(body: JsonObject | null): TableMetadata {
  const metadata = body?.["metadata"];
  if (!isObject(metadata)) throw new Error("the catalog's reply holds no table metadata");
  return tableMetadata(metadata);
}

/** Null for a table that is not there. */
async function call({ catalog, table }: TablePlace, method: string, path: string, body: JsonObject | null): Promise<JsonObject | null> {
  const response = await fetch(`${catalog.url}/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${catalog.token}`, "content-type": "application/json" },
    ...(body === null ? {} : { body: printJson(body) }),
  }).catch((error: unknown) => {
    throw new MillwrightError({
      code: "transient",
      what: `the catalog does not answer: ${error instanceof Error ? error.message : String(error)}`,
    });
  });
  const text = await response.text();
  if (response.status === 404 && method === "GET") return null;
  if (!response.ok) {
    const code = response.status === 409 ? "commit-conflict" : response.status >= 500 ? "transient" : "layout-refused";
    throw new MillwrightError({ code, what: `the catalog refuses the layout of ${table}: ${messageOf(text)}`, fix: "run again" });
  }
  const parsed = parseJson(text);
  return isObject(parsed) ? parsed : null;
}

function messageOf(text: string): string {
  try {
    const parsed = parseJson(text);
    const error = isObject(parsed) ? parsed["error"] : undefined;
    if (isObject(error) && typeof error["message"] === "string") return error["message"];
    return text;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
