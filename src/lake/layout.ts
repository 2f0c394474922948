import type { ColumnType } from "../define/column.ts";
import type { Layout, PartitionField } from "../define/node.ts";
import type { PartitionField as SpecField, Schema, SortField, TableMetadata } from "./catalog/model.ts";
import { currentSchema } from "./catalog/metadata.ts";

/** Iceberg's name of a transform: `day`, `bucket[16]`. */
export function transformName({ transform, size }: Pick<PartitionField, "transform" | "size">): string {
  return size === null ? transform : `${transform}[${size}]`;
}

/** Iceberg's name of a column type. */
export function icebergType(type: ColumnType): string {
  switch (type) {
    case "integer":
      return "int";
    case "bigint":
      return "long";
    case "text":
      return "string";
    case "boolean":
    case "double":
    case "date":
    case "timestamp":
    case "binary":
      return type;
    default:
      return type.replace(",", ", ");
  }
}

/** Iceberg's own size of a data file to aim at, in bytes, when nothing is said. */
export const usualFileSize = 536_870_912;

/** The table property that holds it, for all engines. */
export const fileSizeProperty = "write.target-file-size-bytes";

/** What a table's metadata say of its layout: partition fields, sort order, file size; transforms that we do not write are left out. */
export function layoutOf(metadata: TableMetadata): Layout {
  const names = new Map(currentSchema(metadata)?.fields.map(({ id, name }) => [id, name]));
  const spec = metadata["partition-specs"].find((item) => item["spec-id"] === metadata["default-spec-id"]);
  const order = metadata["sort-orders"].find((item) => item["order-id"] === metadata["default-sort-order-id"]);
  const size = Number(metadata.properties[fileSizeProperty] ?? usualFileSize);
  return {
    partition: (spec?.fields ?? []).flatMap((field) => {
      const column = names.get(field["source-id"]);
      const read = readTransform(field.transform);
      return column === undefined || read === null ? [] : [{ column, ...read }];
    }),
    sort: (order?.fields ?? []).flatMap((field) => {
      const column = names.get(field["source-id"]);
      return column === undefined || field.transform !== "identity" ? [] : [{ column, descending: field.direction === "desc" }];
    }),
    fileSize: size === usualFileSize ? null : size,
  };
}

function readTransform(text: string): Pick<PartitionField, "transform" | "size"> | null {
  const [, name = "", size] = /^(\w+)(?:\[(\d+)\])?$/.exec(text) ?? [];
  const known = (["identity", "year", "month", "day", "hour", "bucket", "truncate"] as const).find((one) => one === name);
  return known === undefined ? null : { transform: known, size: size === undefined ? null : Number(size) };
}

/**
 * The fields of the partition spec that a layout asks for. A field that an earlier spec had keeps its id and name, as Iceberg wants it;
 * new ones are numbered from `lastId` on, and named as Iceberg's libraries name them: `at_day`, `id_bucket_16`.
 */
export function specFields(layout: Layout, schema: Schema, earlier: readonly SpecField[], lastId: number): SpecField[] {
  let last = lastId;
  const taken = new Set(earlier.map(({ name }) => name));
  const columns = new Set(schema.fields.map(({ name }) => name));
  return layout.partition.map((field) => {
    const source = idOf(schema, field.column);
    const transform = transformName(field);
    const same = earlier.find((one) => one["source-id"] === source && one.transform === transform);
    if (same !== undefined) return same;
    last += 1;
    const name = fieldName(field, (candidate) => taken.has(candidate) || (columns.has(candidate) && candidate !== field.column));
    taken.add(name);
    return { "source-id": source, "field-id": last, name, transform };
  });
}

/** Avro, which manifests are written in, takes letters, digits and underscores only. */
function fieldName({ column, transform, size }: PartitionField, isTaken: (name: string) => boolean): string {
  const plain = column.replaceAll(/[^A-Za-z0-9_]/g, (character) => `_x${character.codePointAt(0)?.toString(16).toUpperCase()}`);
  const safe = /^[0-9]/.test(plain) ? `_${plain}` : plain;
  const suffix = transform === "identity" ? "" : `_${transform === "truncate" ? "trunc" : transform}${size === null ? "" : `_${size}`}`;
  const name = `${safe}${suffix}`;
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name}_${number}`;
    if (!isTaken(candidate)) return candidate;
  }
}

/** The fields of the sort order that a layout asks for. */
export function sortFields(layout: Layout, schema: Schema): SortField[] {
  return layout.sort.map(({ column, descending }) => ({
    transform: "identity",
    "source-id": idOf(schema, column),
    direction: descending ? "desc" : "asc",
    "null-order": "nulls-last",
  }));
}

function idOf(schema: Schema, column: string): number {
  const field = schema.fields.find(({ name }) => name === column);
  if (field === undefined) throw new Error(`the layout names the column '${column}', which the table has not`);
  return field.id;
}
