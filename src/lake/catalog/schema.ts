import { badRequest } from "./error.ts";
import { canonicalJson, isObject, type Json, type JsonObject } from "./json.ts";
import type { Field, PartitionSpec, Schema, SortOrder } from "./model.ts";
import { listOf, readInteger, readObject, readText } from "./shape.ts";

/** The ids of a schema's columns, nested ones included. */
export function columnIds(schema: Schema): ReadonlySet<number> {
  const ids = new Set<number>();
  visitIds({ type: "struct", fields: schema.fields }, (id) => ids.add(id));
  return ids;
}

/** The highest of them; 0 for an empty schema. */
export function highestId(schema: Schema): number {
  return Math.max(0, ...columnIds(schema));
}

function visitIds(type: Json | undefined, visit: (id: number) => void): void {
  if (!isObject(type)) return;
  for (const key of ["element-id", "key-id", "value-id"]) if (key in type) visit(readInteger(type[key], key));
  for (const field of listOf(readObject)(type["fields"] ?? [], "fields")) {
    visit(readInteger(field["id"], "field id"));
    visitIds(field["type"], visit);
  }
  for (const key of ["element", "key", "value"]) visitIds(type[key], visit);
}

/** A schema out of a request. */
export function readSchema(value: Json | undefined, where: string): Schema {
  const object = readObject(value, where);
  const fields = listOf(readField)(object["fields"], `${where}.fields`);
  const identifiers = object["identifier-field-ids"];
  return {
    ...object,
    type: "struct",
    "schema-id": readInteger(object["schema-id"] ?? 0, `${where}.schema-id`),
    ...(identifiers === undefined || identifiers === null
      ? {}
      : { "identifier-field-ids": listOf(readInteger)(identifiers, "identifier-field-ids") }),
    fields,
  };
}

function readField(value: Json | undefined, where: string): Field {
  const object = readObject(value, where);
  const type = object["type"];
  if (type === undefined || type === null) throw badRequest(`Malformed request: ${where}.type is missing`);
  return { ...object, id: readInteger(object["id"], `${where}.id`), name: readText(object["name"], `${where}.name`), type };
}

/** True when two schemas have the same columns and identifiers; their own ids do not matter. */
export function sameSchema(a: Schema, b: Schema): boolean {
  return fingerprint(a) === fingerprint(b);
}

function fingerprint(schema: Schema): string {
  const identifiers = [...(schema["identifier-field-ids"] ?? [])].sort((a, b) => a - b);
  return canonicalJson([[...schema.fields], identifiers]);
}

/** The id of an equal schema that is there already, or else the next free one. */
export function schemaIdFor(schemas: readonly Schema[], schema: Schema, first: number): number {
  return (
    schemas.find((known) => sameSchema(known, schema))?.["schema-id"] ?? Math.max(first, ...schemas.map((known) => known["schema-id"] + 1))
  );
}

/**
 * A schema with ids counted from 1: all columns of a level before the levels below them, as Iceberg's own
 * libraries number a new table. Also tells the new id of each old one.
 */
export function withFreshIds(schema: Schema): { readonly schema: Schema; readonly ids: ReadonlyMap<number, number> } {
  const ids = new Map<number, number>();
  let last = 0;
  const next = (old: number): number => {
    last += 1;
    ids.set(old, last);
    return last;
  };
  const renumber = (type: Json): Json => {
    if (!isObject(type)) return type;
    if (type["type"] === "struct") return { ...type, fields: renumberFields(listOf(readField)(type["fields"], "fields")) };
    const fresh: Record<string, Json> = {};
    for (const key of ["element-id", "key-id", "value-id"]) if (key in type) fresh[key] = next(readInteger(type[key], key));
    for (const key of ["element", "key", "value"]) if (type[key] !== undefined) fresh[key] = renumber(type[key]);
    return { ...type, ...fresh };
  };
  const renumberFields = (fields: readonly Field[]): Field[] => {
    const numbered = fields.map((field) => ({ ...field, id: next(field.id) }));
    return numbered.map((field) => ({ ...field, type: renumber(field.type) }));
  };
  const fields = renumberFields(schema.fields);
  const identifiers = schema["identifier-field-ids"]?.map((id) => freshId(ids, id));
  return { schema: { ...schema, "schema-id": 0, ...(identifiers ? { "identifier-field-ids": identifiers } : {}), fields }, ids };
}

export function freshId(ids: ReadonlyMap<number, number>, old: number): number {
  const fresh = ids.get(old);
  if (fresh === undefined) throw badRequest(`Cannot find column with id ${old} in the schema`);
  return fresh;
}

/** A partition spec out of a request; fields without an id get the next ones after `lastId`. */
export function readSpec(value: Json | undefined, where: string, lastId: number): PartitionSpec {
  const object = readObject(value, where);
  let last = lastId;
  const fields = listOf(readObject)(object["fields"], `${where}.fields`).map((field: JsonObject, index: number) => {
    const given = field["field-id"];
    const id = given === undefined || given === null ? last + 1 : readInteger(given, `${where}.fields[${index}].field-id`);
    last = Math.max(last, id);
    return {
      ...field,
      "source-id": readSourceId(field, `${where}.fields[${index}]`),
      "field-id": id,
      name: readText(field["name"], `${where}.fields[${index}].name`),
      transform: readText(field["transform"], `${where}.fields[${index}].transform`),
    };
  });
  return { "spec-id": readInteger(object["spec-id"] ?? 0, `${where}.spec-id`), fields };
}

/** A sort order out of a request. */
export function readOrder(value: Json | undefined, where: string): SortOrder {
  const object = readObject(value, where);
  const fields = listOf(readObject)(object["fields"], `${where}.fields`).map((field: JsonObject) => ({
    transform: readText(field["transform"], `${where}.transform`),
    "source-id": readSourceId(field, where),
    direction: readText(field["direction"], `${where}.direction`),
    "null-order": readText(field["null-order"], `${where}.null-order`),
  }));
  return { "order-id": readInteger(object["order-id"] ?? 0, `${where}.order-id`), fields };
}

// Format version 3 lets a transform of one column say `source-ids: [id]`.
function readSourceId(field: JsonObject, where: string): number {
  const many = field["source-ids"];
  if (field["source-id"] !== undefined || !Array.isArray(many) || many.length !== 1)
    return readInteger(field["source-id"], `${where}.source-id`);
  return readInteger(many[0], `${where}.source-ids`);
}
