import type { DuckDBConnection } from "@duckdb/node-api";
import type { Value } from "../roles.ts";

export type ResultRow = Readonly<Record<string, Value>>;

/** Runs one statement and gives its rows: integers within 2^53 as numbers, larger ones and decimals as text, timestamps as ISO 8601 in UTC. */
export async function askRows(connection: DuckDBConnection, sql: string): Promise<ResultRow[]> {
  const { rows } = await askTable(connection, sql);
  return rows;
}

/** The same with the names of the columns, which an empty result also has. */
export async function askTable(
  connection: DuckDBConnection,
  sql: string,
): Promise<{ columns: string[]; types: string[]; rows: ResultRow[] }> {
  const reader = await connection.runAndReadAll(sql);
  const columns = reader.deduplicatedColumnNames();
  const types = reader.columnTypes().map(String);
  const rows = reader
    .getRowsJson()
    .map((row) => Object.fromEntries(columns.map((name, index) => [name, plainValue(row[index] ?? null, types[index] ?? "")])));
  return { columns, types, rows };
}

function plainValue(value: unknown, type: string): Value {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "string") {
    if (/^(U?(BIG|HUGE)INT)$/.test(type)) {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : value;
    }
    if (type.startsWith("TIMESTAMP")) return isoTimestamp(value);
    if (/^(DOUBLE|FLOAT)$/.test(type)) return null;
    return value;
  }
  return JSON.stringify(value);
}

/** `2013-01-01 10:15:00+00` to `2013-01-01T10:15:00Z`; a fraction is kept. */
function isoTimestamp(text: string): string {
  return `${text.replace(" ", "T").replace(/\+00(:00)?$/, "")}Z`;
}
