import { join } from "node:path";
import type { Column } from "../../src/define/column.ts";
import { connect, openDuckDB, quoteLiteral } from "../../src/systems/duckdb/connection.ts";
import { askRows, type ResultRow } from "../../src/systems/duckdb/rows.ts";

export const pair = [
  { name: "id", type: "bigint" },
  { name: "name", type: "text" },
] as const;

export const note = {
  run: "run-1",
  definition: "d1",
  inputs: { orders: "8954597067493422955" },
  position: { last: "7 ${env:HOME} 'x' \\n" },
  fingerprint: "f",
  fitted: { "fill amount": 2.5, categories: ["a", null] },
};

/** Every type of column, a row of values and one of nulls. */
export const types = [
  { name: "boolean", type: "boolean" },
  { name: "integer", type: "integer" },
  { name: "bigint", type: "bigint" },
  { name: "double", type: "double" },
  { name: "text", type: "text" },
  { name: "date", type: "date" },
  { name: "timestamp", type: "timestamp" },
  { name: "binary", type: "binary" },
  { name: "decimal", type: "decimal(20,3)" },
] as const satisfies readonly Column[];

export const typed = `SELECT true AS boolean, -7::INTEGER AS integer, 9007199254740993 AS bigint, 0.1::DOUBLE AS double, 'Zürich ''n'' 🌍' AS text, DATE '1913-02-28' AS date,
  TIMESTAMP '1913-01-01 10:15:00.123456' AS timestamp, '\\x00\\xFF'::BLOB AS binary, 12345678901234567.891::DECIMAL(20,3) AS decimal UNION ALL SELECT ${types.map(() => "NULL").join(", ")}`;

export const typedRows = [
  {
    boolean: true,
    integer: -7,
    bigint: "9007199254740993",
    double: 0.1,
    text: "Zürich 'n' 🌍",
    date: "1913-02-28",
    timestamp: "1913-01-01T10:15:00.123456Z",
    binary: "\\x00\\xFF",
    decimal: "12345678901234567.891",
  },
  Object.fromEntries(types.map(({ name }) => [name, null])),
];

/** Rows in an order of their own; nulls last. */
export function sorted(rows: readonly ResultRow[]): readonly ResultRow[] {
  const compare = (a: ResultRow, b: ResultRow): number => {
    for (const name of Object.keys(a)) {
      const [x = null, y = null] = [a[name], b[name]];
      if (x === y) continue;
      if (x === null) return 1;
      if (y === null) return -1;
      return typeof x === "number" && typeof y === "number" ? x - y : String(x) < String(y) ? -1 : 1;
    }
    return 0;
  };
  return rows.toSorted(compare);
}

/** Writes a DuckDB query's rows into a Parquet file. */
export async function parquet(folder: string, name: string, query: string): Promise<string> {
  const file = join(folder, `${name}.parquet`);
  await inDuckDB(`COPY (${query}) TO ${quoteLiteral(file)} (FORMAT parquet)`);
  return file;
}

export async function readParquet(file: string): Promise<readonly ResultRow[]> {
  return sorted(await inDuckDB(`SELECT * FROM read_parquet(${quoteLiteral(file)})`));
}

async function inDuckDB(query: string): Promise<readonly ResultRow[]> {
  const instance = await openDuckDB();
  const connection = await connect(instance);
  try {
    return await askRows(connection, query);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
