import type { Column, ColumnType } from "../../define/column.ts";
import type { DataType } from "./messages.ts";

/** Our type for one of Spark's; what we do not have becomes the next wider type, or text. */
export function columnTypeOf(type: DataType): ColumnType {
  const { decimal } = type;
  if (decimal !== undefined) return `decimal(${decimal.precision ?? 10},${decimal.scale ?? 0})`;
  const [kind] = Object.keys(type);
  switch (kind) {
    case "boolean":
    case "double":
    case "date":
    case "binary":
      return kind;
    case "byte":
    case "short":
    case "integer":
      return "integer";
    case "long":
      return "bigint";
    case "float":
      return "double";
    case "timestamp":
    case "timestampNtz":
      return "timestamp";
    default:
      return "text";
  }
}

/** The columns of a relation's rows. */
export function columnsOf({ struct }: DataType): readonly Column[] {
  return (struct?.fields ?? []).map(({ name = "", dataType = {} }) => ({ name, type: columnTypeOf(dataType) }));
}
