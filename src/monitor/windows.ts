import type { DuckDBConnection } from "@duckdb/node-api";
import { quoteIdentifier } from "../systems/duckdb/connection.ts";
import { relationOf } from "./table-columns.ts";

/** Tumbling windows: so many rows each in the order of time, or so many seconds each, counted from 1970-01-01 UTC. */
export type WindowSize = { readonly rows: number } | { readonly seconds: number };

/**
 * What a window is compared with: `week`, the rows of the reference at the same hours of the week; `year`, those of the same months; so
 * that what comes round is no drift. Null compares with all of the reference.
 */
export type Season = "week" | "year";

export interface WindowBounds {
  /** From 0. */
  readonly number: number;
  /** The first and last time of its rows. */
  readonly from: Date;
  readonly to: Date;
  readonly rows: number;
}

export interface WindowedTable {
  /** For FROM: the table with the column `millwright_window`. */
  readonly relation: string;
  /** In the order of time; windows without rows are left out. */
  readonly windows: readonly WindowBounds[];
  /** A window's own rows, for FROM. */
  of(window: WindowBounds): string;
  drop(): Promise<void>;
}

export const windowColumn = "millwright_window";

/**
 * Divides a table into windows: a temporary table, numbered in one pass. Rows without a time are in none.
 *
 * @param id a column by which rows of one time are put in order, so that windows of rows are the same each time
 */
export async function windowed(
  connection: DuckDBConnection,
  table: string,
  time: string,
  size: WindowSize,
  id: string | null = null,
): Promise<WindowedTable> {
  const column = `CAST(${quoteIdentifier(time)} AS TIMESTAMP)`;
  const name = quoteIdentifier(`millwright_windows_${Math.round(performance.now() * 1000)}`);
  const number =
    "rows" in size
      ? `(row_number() OVER (ORDER BY ${column}${id === null ? "" : `, ${quoteIdentifier(id)}`}) - 1) // ${Math.max(1, Math.floor(size.rows))}`
      : `CAST(floor(epoch_us(${column}) / ${size.seconds * 1e6}) AS BIGINT)`;
  await connection.run(
    `CREATE TEMP TABLE ${name} AS SELECT *, ${number} AS ${windowColumn} FROM ${relationOf(table)} WHERE ${quoteIdentifier(time)} IS NOT NULL`,
  );
  const found = await connection.runAndReadAll(
    `SELECT CAST(${windowColumn} AS DOUBLE), CAST(epoch_ms(min(${column})) AS DOUBLE), CAST(epoch_ms(max(${column})) AS DOUBLE), CAST(count(*) AS DOUBLE)
     FROM ${name} GROUP BY 1 ORDER BY 1`,
  );
  const windows = found.getRows().map((row): WindowBounds => {
    const [number = Number.NaN, from = Number.NaN, to = Number.NaN, rows = 0] = row.map(Number);
    return { number, from: new Date(from), to: new Date(to), rows };
  });
  return {
    relation: name,
    windows,
    of: ({ number: wanted }) => `(SELECT * EXCLUDE (${windowColumn}) FROM ${name} WHERE ${windowColumn} = ${wanted})`,
    drop: async () => {
      await connection.run(`DROP TABLE ${name}`);
    },
  };
}

/** The rows of the reference of the same season as a window's, for FROM. Whole hours, or months, are compared: choose windows of such. */
export function sameSeason(
  reference: { readonly relation: string; readonly time: string },
  window: { readonly relation: string; readonly time: string },
  season: Season | null,
): string {
  if (season === null) return reference.relation;
  return `(SELECT * FROM ${reference.relation} WHERE ${seasonExpression(reference.time, season)} IN (SELECT DISTINCT ${seasonExpression(window.time, season)} FROM ${window.relation}))`;
}

/** A row's season by its column of time: its hour of the week, 24 to 191, or its month, 1 to 12; in UTC. */
export function seasonExpression(time: string, season: Season): string {
  const column = `CAST(${quoteIdentifier(time)} AS TIMESTAMP)`;
  return season === "week" ? `isodow(${column}) * 24 + hour(${column})` : `month(${column})`;
}

/** The same of an instant in microseconds since 1970. */
export function seasonOf(time: number, season: Season): number {
  const date = new Date(time / 1000);
  return season === "week" ? (date.getUTCDay() || 7) * 24 + date.getUTCHours() : date.getUTCMonth() + 1;
}
