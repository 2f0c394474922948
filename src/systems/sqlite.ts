import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { Column, ColumnType } from "../define/column.ts";
import type { BindingNode, SourceTableNode } from "../define/node.ts";
import type { SecretReference } from "../define/option.ts";
import { MillwrightError } from "../error.ts";
import { stageRows } from "../extract/batches.ts";
import { tolerated } from "../extract/infer.ts";
import { numberOr, textOption } from "../extract/options.ts";
import { requireColumns, unknownTable } from "../extract/schema.ts";
import { dateDays, timestampMicros } from "../extract/text.ts";
import { binding } from "./binding.ts";
import { quoteIdentifier } from "./duckdb/connection.ts";
import type { ConnectContext, Extracted, ExtractRequest, Options, Position, Source, System } from "./roles.ts";

export interface SqliteOptions {
  /** The database file, from the platform file's folder. It is opened for reading only, and may be in use (WAL or not). */
  readonly file: string | SecretReference;
  /** How long to wait while a writer holds the file, in milliseconds. @default 10000 */
  readonly timeout?: number;
}

/**
 * Tables and views of an SQLite database.
 *
 * SQLite lets a cell hold another type than its column's; such a row goes to the quarantine, nothing is guessed.
 *
 * @example
 * environment({ ops: sqlite({ file: "data/ops.sqlite" }) })
 */
export function sqlite(options: SqliteOptions): BindingNode {
  return binding("sqlite", options);
}

export const system: System = {
  name: "sqlite",
  title: "SQLite",
  peers: [],
  roles: { source: connect },
};

async function connect(options: Options, { directory }: ConnectContext): Promise<Source> {
  const file = resolve(directory, textOption("sqlite", options, "file"));
  const timeout = numberOr("sqlite", options, "timeout", 10_000);
  await modified(file).catch((error: NodeJS.ErrnoException) => {
    throw new MillwrightError(
      { code: "source-missing", what: `sqlite cannot read ${file}: ${error.code ?? error.message}`, fix: "check the option file" },
      { cause: error },
    );
  });
  const { DatabaseSync } = await import("node:sqlite");
  // Tables are read at the same time, each in a transaction of its own, so each reading has its own handle.
  const open = (): DatabaseSync => {
    try {
      const database = new DatabaseSync(file, { readOnly: true, timeout });
      database.exec("SELECT count(*) FROM sqlite_schema");
      return database;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new MillwrightError(
        {
          code: "source-unreadable",
          what: `sqlite cannot read ${file}: ${reason}`,
          fix: "give the path of an SQLite 3 database that this user may read",
        },
        { cause: error },
      );
    }
  };
  return {
    async describe(table) {
      using database = open();
      return describe(database, table);
    },
    async fingerprint() {
      return [await modified(file), await modified(`${file}-wal`).catch(absent)].join(" ");
    },
    async extract(request) {
      using database = open();
      return await extract(database, request);
    },
    async close() {},
  };
}

/** Size and time of a file; an empty one, as a reader of a WAL database leaves it, counts as absent. */
async function modified(file: string): Promise<string> {
  const { size, mtimeNs } = await stat(file, { bigint: true });
  return size === 0n ? "" : `${size}:${mtimeNs}`;
}

function absent(error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return "";
  throw error;
}

function declaredColumns(database: DatabaseSync, table: SourceTableNode): Record<string, SQLOutputValue>[] {
  const declared = database.prepare("SELECT name, type, pk FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid").all(table.table);
  if (declared.length > 0) return declared;
  const tables = database
    .prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")
    .all();
  throw unknownTable(
    table,
    tables.map(({ name }) => String(name)),
  );
}

function describe(database: DatabaseSync, table: SourceTableNode): Column[] {
  const declared = declaredColumns(database, table);
  const sample = sampleOf(database, table.table);
  const soleKey = declared.filter(({ pk }) => pk !== 0).length === 1;
  const columns = declared.map(({ name, type, pk }, index): Column => {
    const values = sample.map((row) => row[index] ?? null).filter((value) => value !== null);
    // INTEGER PRIMARY KEY is the row's 64-bit number.
    const rowNumber = soleKey && pk !== 0 && String(type).toUpperCase() === "INTEGER";
    return { name: String(name), type: rowNumber ? "bigint" : typeOf(String(type).toUpperCase(), values) };
  });
  return widen(database, table.table, columns);
}

function sampleOf(database: DatabaseSync, table: string): SQLOutputValue[][] {
  const statement = database.prepare(`SELECT * FROM ${quoteIdentifier(table)} LIMIT 1000`);
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  const rows: SQLOutputValue[][] = [];
  for (const row of statement.iterate()) if (Array.isArray(row)) rows.push(row);
  return rows;
}

/** The type that a column was declared with, checked against what it holds; SQLite itself takes any word as a type. */
function typeOf(declared: string, values: readonly SQLOutputValue[]): ColumnType {
  // A few wrong cells are faults of their rows; they must not change the column's type.
  const most = (right: (value: SQLOutputValue) => boolean): boolean =>
    values.length === 0 || tolerated(values.filter((value) => !right(value)).length, values.length);
  const decimal = /^(?:DECIMAL|NUMERIC)\s*\((\d+)(?:\s*,\s*(\d+))?\)$/.exec(declared);
  if (decimal && Number(decimal[1]) <= 38) return `decimal(${Number(decimal[1])},${Number(decimal[2] ?? 0)})`;
  if (/^(BIGINT|INT8|UNSIGNED BIG INT)/.test(declared)) return "bigint";
  if (declared.includes("INT")) return "integer";
  if (/CHAR|CLOB|TEXT|JSON|UUID/.test(declared)) return "text";
  if (declared.includes("BLOB")) return values.length > 0 && most((value) => typeof value === "string") ? "text" : "binary";
  if (/REAL|FLOA|DOUB/.test(declared)) return "double";
  if (/BOOL/.test(declared) && most((value) => value === 0n || value === 1n)) return "boolean";
  if (declared === "DATE" && most((value) => typeof value === "string" && dateDays(value) !== undefined)) return "date";
  if (
    /DATE|TIME/.test(declared) &&
    declared !== "TIME" &&
    most((value) => typeof value === "string" && timestampMicros(value) !== undefined)
  )
    return "timestamp";
  return held(values);
}

/** Where the declaration says nothing: what the sample holds. */
function held(values: readonly SQLOutputValue[]): ColumnType {
  if (values.length === 0) return "text";
  if (values.every((value) => typeof value === "bigint")) return "bigint";
  if (values.every((value) => typeof value === "bigint" || typeof value === "number")) return "double";
  return values.every((value) => value instanceof Uint8Array) ? "binary" : "text";
}

/** INTEGER holds up to 64 bits: a column becomes bigint when one of the first million rows needs it. */
function widen(database: DatabaseSync, table: string, columns: readonly Column[]): Column[] {
  const narrow = columns.filter(({ type }) => type === "integer").map(({ name }) => quoteIdentifier(name));
  if (narrow.length === 0) return [...columns];
  const first = `(SELECT ${narrow.join(", ")} FROM ${quoteIdentifier(table)} LIMIT 1000000)`;
  const outside = narrow.map((name) => `${name} NOT BETWEEN -2147483648 AND 2147483647`);
  // Rare, and five times as fast to rule out as to say which column it is.
  if (database.prepare(`SELECT 1 FROM ${first} WHERE ${outside.join(" OR ")} LIMIT 1`).get() === undefined) return [...columns];
  const wide = narrow.map((name, index) => `max(typeof(${name}) = 'integer' AND ${outside[index]})`);
  const found = Object.values(
    database.prepare(`SELECT ${wide.map((test, index) => `${test} AS wide${index}`).join(", ")} FROM ${first}`).get() ?? {},
  );
  let next = 0;
  return columns.map((column) => (column.type === "integer" && found[next++] === 1 ? { ...column, type: "bigint" } : column));
}

async function extract(database: DatabaseSync, request: ExtractRequest): Promise<Extracted> {
  const { table, columns, position } = request;
  const present = declaredColumns(database, table).map(({ name }) => String(name));
  requireColumns(table, present);
  const from = quoteIdentifier(table.table);
  // One snapshot for the count, the rows and the position.
  database.exec("BEGIN");
  const last = position === null || table.key.length === 0 ? null : valueOf(table, position);
  const cursor = table.cursor === null ? null : quoteIdentifier(table.cursor);
  const where = last === null || cursor === null ? "" : ` WHERE ${cursor} >= ? OR ${cursor} IS NULL`;
  const parameters = where === "" || last === null ? [] : [last];
  const count = database.prepare(`SELECT count(*) AS rows FROM ${from}${where}`).get(...parameters);
  const list = columns.map(({ name }) => (present.includes(name) ? quoteIdentifier(name) : "NULL"));
  const statement = database.prepare(`SELECT ${list.join(", ")} FROM ${from}${where}`);
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  await stageRows(request, arrays(statement.iterate(...parameters)), Number(count?.["rows"] ?? 0));
  return { position: positionOf(database, table), contains: where === "" ? "all" : "changes" };
}

function* arrays(rows: Iterable<unknown>): Iterable<readonly SQLOutputValue[]> {
  for (const row of rows) if (Array.isArray(row)) yield row;
}

/** The cursor's last value with its storage class, because SQLite orders numbers before texts. */
function positionOf(database: DatabaseSync, table: SourceTableNode): Position {
  if (table.cursor === null) return {};
  const cursor = quoteIdentifier(table.cursor);
  const statement = database.prepare(`SELECT max(${cursor}) AS last FROM ${quoteIdentifier(table.table)}`);
  statement.setReadBigInts(true);
  const last = statement.get()?.["last"] ?? null;
  if (last === null || last instanceof Uint8Array) return {};
  return { cursor: table.cursor, last: String(last), type: typeof last };
}

function valueOf(table: SourceTableNode, position: Position): string | number | bigint | null {
  const { cursor, last, type } = position;
  if (cursor !== table.cursor || typeof last !== "string") return null;
  return type === "bigint" ? BigInt(last) : type === "number" ? Number(last) : last;
}
