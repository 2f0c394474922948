import { MillwrightError } from "../../error.ts";
import type { Engine } from "../../systems/roles.ts";
import { quoteIdentifier, quoteLiteral } from "../../systems/duckdb/connection.ts";
import { isObject, type Json } from "../catalog/json.ts";
import type { Field, TableMetadata } from "../catalog/model.ts";
import { localPath } from "../storage/address.ts";
import { serialised } from "./bounds.ts";
import { fileIds } from "./entry.ts";

/** A data file as DuckDB has written it: its rows and bytes, and Iceberg's fields of it by their ids. */
export interface WrittenFile {
  readonly rows: number;
  readonly bytes: number;
  readonly changes: ReadonlyMap<number, unknown>;
}

/** Types that DuckDB reads as something wider, so that a file which it writes anew would not be of the column's type. */
const unwritable = /^(fixed\[|uuid|variant|geometry|geography|timestamp_ns|timestamptz_ns|unknown)/;

/** A column that DuckDB cannot write as Iceberg wants it; null when there is none. */
export function unwritableColumn(fields: readonly Field[]): string | null {
  return (
    fields.find(
      ({ type }) => unwritable.test(typeof type === "string" ? type : JSON.stringify(type).replaceAll('"', "")) || hasUnwritable(type),
    )?.name ?? null
  );
}

function hasUnwritable(type: Json): boolean {
  if (typeof type === "string") return unwritable.test(type);
  if (Array.isArray(type)) return type.some(hasUnwritable);
  return isObject(type) && ["type", "element", "key", "value", "fields"].some((part) => hasUnwritable(type[part] ?? null));
}

/**
 * Writes the rows that some of a table's files hold, less those that are deleted, into one new file. DuckDB reads through the table, so that
 * deletes, added columns and widened types count as in any query.
 *
 * @throws MillwrightError `rows-differ` when there are not as many rows as the files say.
 */
export async function rewriteFiles(
  engine: Pick<Engine, "ask" | "relation">,
  table: string,
  metadata: TableMetadata,
  files: { readonly paths: readonly string[]; readonly rows: number; readonly deleted: boolean },
  target: string,
): Promise<WrittenFile> {
  const fields = metadata.schemas.find((schema) => schema["schema-id"] === metadata["current-schema-id"])?.fields ?? [];
  const order = sortOrder(metadata, fields);
  const [row] = await engine.ask(
    `COPY (SELECT ${fields.map(({ name }) => quoteIdentifier(name)).join(", ")} FROM ${engine.relation(table, null)} ` +
      `WHERE filename IN (${files.paths.map(quoteLiteral).join(", ")})${order === null ? "" : ` ORDER BY ${order.sql}`}) ` +
      `TO ${quoteLiteral(localPath(target) ?? target)} (FORMAT parquet, COMPRESSION zstd, FIELD_IDS ${fieldIds(fields)}, RETURN_STATS)`,
  );
  const rows = Number(row?.["count"] ?? 0);
  if (rows > files.rows || (!files.deleted && rows !== files.rows))
    throw new MillwrightError({
      code: "rows-differ",
      what: `${table}: ${files.paths.length} files should hold ${files.rows} rows and gave ${rows}`,
      fix: "the table is left as it is; run maintenance again, and if this stays, look at the table's files",
    });
  const bytes = Number(row?.["file_size_bytes"] ?? 0);
  return {
    rows,
    bytes,
    changes: fileFields({ target, rows, bytes, order: order?.id ?? null }, fields, String(row?.["column_statistics"] ?? "[]")),
  };
}

/** `{id: 1, place: {__duckdb_field_id: 2, city: 3}}` */
function fieldIds(fields: readonly Field[]): string {
  const inner = fields.map(({ name, id, type }) => `${quoteIdentifier(name)}: ${nestedIds(id, type)}`);
  return `{${inner.join(", ")}}`;
}

function nestedIds(id: number, type: Json): string {
  if (!isObject(type)) return String(id);
  const parts = (...named: readonly (readonly [string, Json | undefined, Json | undefined])[]) =>
    `{__duckdb_field_id: ${id}, ${named.map(([name, part, inner]) => `${quoteIdentifier(name)}: ${nestedIds(Number(part), inner ?? null)}`).join(", ")}}`;
  switch (type["type"]) {
    case "list":
      return parts(["element", type["element-id"], type["element"]]);
    case "map":
      return parts(["key", type["key-id"], type["key"]], ["value", type["value-id"], type["value"]]);
    default: {
      const fields = Array.isArray(type["fields"]) ? type["fields"].filter(isObject) : [];
      return parts(...fields.map((field) => [String(field["name"]), field["id"], field["type"]] as const));
    }
  }
}

/** The table's own sort order, where it sorts by plain columns; null otherwise. */
function sortOrder(metadata: TableMetadata, fields: readonly Field[]): { readonly id: number; readonly sql: string } | null {
  const order = metadata["sort-orders"].find((one) => one["order-id"] === metadata["default-sort-order-id"]);
  if (order === undefined || order.fields.length === 0) return null;
  const parts = order.fields.map((field) => {
    const column = fields.find(({ id }) => id === field["source-id"]);
    if (column === undefined || field.transform !== "identity") return null;
    return `${quoteIdentifier(column.name)} ${field.direction === "desc" ? "DESC" : "ASC"} ${field["null-order"] === "nulls-first" ? "NULLS FIRST" : "NULLS LAST"}`;
  });
  return parts.includes(null) ? null : { id: order["order-id"], sql: parts.join(", ") };
}

/** What a manifest says of the file; the fields of the entry that it is made like, and that are not known of this file, become null. */
function fileFields(
  file: { readonly target: string; readonly rows: number; readonly bytes: number; readonly order: number | null },
  fields: readonly Field[],
  statistics: string,
): ReadonlyMap<number, unknown> {
  const told = statisticsOf(statistics);
  const columns = fields.flatMap(({ id, name, type }) => {
    const values = told.get(quoteIdentifier(name));
    return values === undefined || typeof type !== "string" ? [] : [{ id, type, values }];
  });
  const bound = (which: "min" | "max") =>
    columns.flatMap(({ id, type, values }) => {
      const text = values.get(which);
      // What is not a number stands outside of every bound, and engines do not agree where.
      const value = text === undefined || values.get("has_nan") === "true" ? null : serialised(type, text);
      return value === null ? [] : [{ key: id, value }];
    });
  const counts = (name: string) =>
    columns.flatMap(({ id, values }) => (values.has(name) ? [{ key: id, value: BigInt(values.get(name) ?? 0) }] : []));
  const unknown = [109, 131, 132, 135, 137, 142, 143, 144, 145].map((id) => [id, null] as const);
  return new Map<number, unknown>([
    ...unknown,
    [fileIds.path, file.target],
    [fileIds.rows, BigInt(file.rows)],
    [fileIds.bytes, BigInt(file.bytes)],
    [fileIds.columnSizes, counts("column_size_bytes")],
    [fileIds.valueCounts, columns.map(({ id }) => ({ key: id, value: BigInt(file.rows) }))],
    [fileIds.nullCounts, counts("null_count")],
    [fileIds.lowerBounds, bound("min")],
    [fileIds.upperBounds, bound("max")],
    [fileIds.sortOrder, file.order],
  ]);
}

/** DuckDB's statistics of a written file: column, as it quotes it, to name and value. */
function statisticsOf(text: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  type Pair<V> = { readonly key: string; readonly value: V };
  const columns: readonly Pair<readonly Pair<string>[]>[] = JSON.parse(text);
  return new Map(columns.map(({ key, value }) => [key, new Map(value.map((one) => [one.key, one.value]))]));
}
