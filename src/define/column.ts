/**
 * The types that a column can have, the same on every engine.
 * `timestamp` is an instant in UTC with microseconds; `decimal(p,s)` is exact; `text` is UTF-8.
 */
export type ColumnType =
  | "boolean"
  | "integer"
  | "bigint"
  | "double"
  | "text"
  | "date"
  | "timestamp"
  | "binary"
  | `decimal(${number},${number})`;

/** One column of a table. Every column may hold nulls. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** The columns of a table as the type checker knows them: name to type. */
export type Columns = { readonly [name: string]: ColumnType };

/** Whether a word is a column type, as in a file that somebody may have edited. */
export function isColumnType(type: unknown): type is ColumnType {
  return typeof type === "string" && /^(?:boolean|integer|bigint|double|text|date|timestamp|binary|decimal\(\d+,\d+\))$/.test(type);
}
