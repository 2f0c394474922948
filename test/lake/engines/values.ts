import type { Column, ColumnType } from "../../../src/define/column.ts";

/** Every type of column. */
export const columns = [
  { name: "id", type: "bigint" },
  { name: "yes", type: "boolean" },
  { name: "small", type: "integer" },
  { name: "ratio", type: "double" },
  { name: "words", type: "text" },
  { name: "born", type: "date" },
  { name: "seen", type: "timestamp" },
  { name: "bytes", type: "binary" },
  { name: "price", type: "decimal(20,3)" },
] as const satisfies readonly Column[];

/** How an engine writes what is not the same everywhere. */
export interface Spelling {
  readonly name: "duckdb" | "spark" | "trino";
  /** The hexadecimal digits of a binary. */
  readonly hex: string;
  readonly text: string;
  readonly types: Readonly<Record<string, string>>;
  binary(hex: string): string;
  timestamp(text: string): string;
}

const common = { boolean: "BOOLEAN", integer: "INTEGER", bigint: "BIGINT", double: "DOUBLE", date: "DATE" };

export const duckdb: Spelling = {
  name: "duckdb",
  hex: "hex",
  text: "VARCHAR",
  types: { ...common, text: "VARCHAR", timestamp: "TIMESTAMP", binary: "BLOB" },
  binary: (hex) => `unhex('${hex}')`,
  timestamp: (text) => `TIMESTAMP '${text}'`,
};

export const spark: Spelling = {
  name: "spark",
  hex: "hex",
  text: "STRING",
  types: { ...common, text: "STRING", timestamp: "TIMESTAMP_NTZ", binary: "BINARY" },
  binary: (hex) => `X'${hex}'`,
  timestamp: (text) => `TIMESTAMP_NTZ '${text}'`,
};

export const trino: Spelling = {
  name: "trino",
  hex: "to_hex",
  text: "VARCHAR",
  types: { ...common, text: "VARCHAR", timestamp: "TIMESTAMP(6)", binary: "VARBINARY" },
  binary: (hex) => `X'${hex}'`,
  timestamp: (text) => `TIMESTAMP '${text}'`,
};

export function typeIn(spelling: Spelling, type: ColumnType): string {
  return spelling.types[type] ?? type.toUpperCase();
}

/** A row of values, all but the key possibly null, as literals of an engine. */
export function literals(spelling: Spelling, id: number): string[] {
  const type = (name: ColumnType): string => typeIn(spelling, name);
  if (id % 3 === 0) return [`CAST(${id} AS BIGINT)`, ...columns.slice(1).map((column) => `CAST(NULL AS ${type(column.type)})`)];
  return [
    `CAST(${id} AS BIGINT)`,
    id % 2 === 0 ? "true" : "false",
    `CAST(${-id} AS ${type("integer")})`,
    `CAST(${id}.125 AS DOUBLE)`,
    `'Zürich ''${id}'' 🌍'`,
    `DATE '1913-02-${String(10 + id)}'`,
    spelling.timestamp(`2013-01-${String(10 + id)} 10:15:00.123456`),
    spelling.binary(`00FF0${id}`),
    `CAST(12345678901234567.89${id} AS ${type("decimal(20,3)")})`,
  ];
}

/** A query that yields these rows. */
export function rowsQuery(spelling: Spelling, ids: readonly number[]): string {
  return ids
    .map(
      (id) =>
        `SELECT ${literals(spelling, id)
          .map((literal, index) => `${literal} AS ${columns[index]?.name ?? ""}`)
          .join(", ")}`,
    )
    .join(" UNION ALL ");
}

/** A query that yields every value of a table as text, the same in all engines. */
export function readQuery(spelling: Spelling, table: string, list: readonly Column[] = columns): string {
  const texts = list.map(({ name, type }) => {
    const value = type === "binary" ? `${spelling.hex}(${name})` : type === "double" ? `CAST(${name} * 1000 AS BIGINT)` : name;
    return `CAST(${value} AS ${spelling.text}) AS ${name}`;
  });
  return `SELECT ${texts.join(", ")} FROM ${table} ORDER BY ${table}.id`;
}

/** The rows that `rowsQuery` makes, as `readQuery` gives them. */
export function expected(ids: readonly number[]): (string | null)[][] {
  return ids
    .toSorted((a, b) => a - b)
    .map((id) => {
      if (id % 3 === 0) return [String(id), ...columns.slice(1).map(() => null)];
      return [
        String(id),
        String(id % 2 === 0),
        String(-id),
        String(id * 1000 + 125),
        `Zürich '${id}' 🌍`,
        `1913-02-${10 + id}`,
        `2013-01-${10 + id} 10:15:00.123456`,
        `00FF0${id}`,
        `12345678901234567.89${id}`,
      ];
    });
}
