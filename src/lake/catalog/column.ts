import type { Column, ColumnType } from "../../define/column.ts";
import { printJson } from "./json.ts";
import type { Schema } from "./model.ts";

/** A current column, as the catalog's database keeps it. */
type StoredColumn = { readonly name: string; readonly type: string; readonly id: number };

/** The columns of a schema for the catalog's database: Iceberg's types as text. */
export function printHeadSchema(schema: Schema | undefined): string {
  const columns: StoredColumn[] = (schema?.fields ?? []).map(({ name, type, id }) => ({
    name,
    type: typeof type === "string" ? type : printJson(type),
    id,
  }));
  return JSON.stringify(columns);
}

/** The same, read back, with our own types beside Iceberg's. */
export function readHeadSchema(text: string): (Column & { readonly id: number; readonly iceberg: string })[] {
  const columns: readonly StoredColumn[] = JSON.parse(text);
  return columns.map(({ name, type, id }) => ({ name, type: columnTypeOfIceberg(type), id, iceberg: type }));
}

/** Our type for one of Iceberg's; what we do not have becomes the next wider type, or text. */
export function columnTypeOfIceberg(type: string): ColumnType {
  const decimal = /^decimal\((\d+),\s*(\d+)\)$/.exec(type);
  if (decimal) return `decimal(${Number(decimal[1])},${Number(decimal[2])})`;
  if (type.startsWith("timestamp")) return "timestamp";
  if (type.startsWith("fixed[")) return "binary";
  switch (type) {
    case "boolean":
    case "double":
    case "date":
    case "binary":
      return type;
    case "int":
      return "integer";
    case "long":
      return "bigint";
    case "float":
      return "double";
    default:
      return "text";
  }
}
