import type { DuckDBConnection } from "@duckdb/node-api";
import type { Column, ColumnType } from "../../define/column.ts";
import { noteProperties, type CommitNote } from "../../lake/note.ts";
import type { Head } from "../../lake/catalog/heads.ts";
import { MillwrightError } from "../../error.ts";
import { crashPoint } from "../../run/crash.ts";
import { secondsSince } from "../../run/seconds.ts";
import type { TableWrite, Written } from "../roles.ts";
import { duckdbTypeOf, quoteIdentifier, quoteLiteral } from "./connection.ts";
import { askRows } from "./rows.ts";

interface Writing {
  readonly connection: DuckDBConnection;
  /** The full name of a table in the attached catalog. */
  readonly name: (table: string) => string;
  readonly write: TableWrite;
  readonly head: (table: string) => Head | null;
  /** Does something on another connection, outside of this one's transaction. */
  readonly aside: (work: (connection: DuckDBConnection) => Promise<void>) => Promise<void>;
}

/** The columns of every quarantine table. */
const quarantineColumns: readonly Column[] = [
  { name: "origin", type: "text" },
  { name: "reason", type: "text" },
  { name: "raw", type: "text" },
];

/**
 * Properties of new tables. Unless told a size, DuckDB begins a new file for every 120,000 rows or so, which takes nearly twice
 * the processor time and leaves thousands of small files in a large table. 512 MiB is Iceberg's own default. (DuckDB refuses it for partitioned tables.)
 */
const newTable = "WITH ('write.target-file-size-bytes' = '536870912')";

/**
 * Writes a table, and the rows it refuses into `<table>_quarantine`, as one transaction of the catalog: both or neither.
 * The note stands in the same commit.
 */
export async function writeTable(writing: Writing): Promise<Written> {
  const { connection, name, write, head, aside } = writing;
  const quarantine = `${write.table}_quarantine`;
  const before = head(write.table);
  const quarantineBefore = head(quarantine);
  // Where the number of rows is known, the refused ones are looked for only when the table has come out with fewer.
  const counted = write.rejected !== null && write.mode === "replace" ? (write.rows ?? null) : null;
  let rejected = write.rejected === null || counted !== null ? 0 : await materialiseRejected(connection, write);
  // Creating two tables is two commits; an empty quarantine table made first does no harm if the second never comes.
  if (rejected > 0 && quarantineBefore === null) await createEmpty(connection, name(quarantine), quarantineColumns);

  await connection.run("BEGIN");
  try {
    const rows = await writeRows(writing, before);
    if (counted !== null && rows < counted) {
      rejected = await materialiseRejected(connection, write);
      if (rejected > 0 && quarantineBefore === null) await aside((other) => createEmpty(other, name(quarantine), quarantineColumns));
    }
    if (rejected > 0 || (quarantineBefore !== null && write.mode === "replace")) await writeRejected(writing, rejected);
    crashPoint("data-written");
    await setProperties(
      connection,
      name(write.table),
      noteProperties(completeNote(write, rows, rejected), write.mode === "replace" && before !== null ? "replace" : "append"),
    );
    crashPoint("position-noted");
    // The transaction was begun on the table as it still stands here, or later; a commit from now on makes its own fail.
    requireUnmoved(write, head(write.table));
    await connection.run("COMMIT");
  } catch (error) {
    await rollBack(connection);
    throw error;
  }
  crashPoint("catalog-committed");
  if (write.rejected !== null) await connection.run(`DROP TABLE IF EXISTS ${rejectedTable(write.table)}`);
  const after = head(write.table);
  if (after?.snapshot == null || after.snapshot === before?.snapshot) {
    throw new MillwrightError({ code: "commit-without-snapshot", what: `the commit of ${write.table} left no snapshot in the catalog` });
  }
  return { snapshot: after.snapshot, note: completeNote(write, Number(after.summary["millwright.rows"] ?? 0), rejected) };
}

function requireUnmoved({ table, onto }: TableWrite, head: Head | null): void {
  const snapshot = head?.snapshot ?? null;
  if (onto === undefined || onto === snapshot) return;
  throw new MillwrightError({
    code: "commit-conflict",
    what: `${table} has got the snapshot ${snapshot} while this run was working on ${onto ?? "its first one"}`,
    fix: "run again",
  });
}

function completeNote(write: TableWrite, rows: number, quarantined: number): CommitNote {
  return { ...write.note, rows, quarantined, seconds: secondsSince(write.began) };
}

/** Gives the rows that the table will have. */
async function writeRows({ connection, name, write }: Writing, before: Head | null): Promise<number> {
  const target = name(write.table);
  const query = `SELECT ${write.columns.map(({ name: column, type }) => `CAST(${quoteIdentifier(column)} AS ${duckdbTypeOf(type)}) AS ${quoteIdentifier(column)}`).join(", ")} FROM (${write.query})`;
  if (before === null) return changed(connection, `CREATE TABLE ${target} ${newTable} AS ${query}`);
  await alterColumns(connection, target, before, write);
  const list = write.columns.map((column) => quoteIdentifier(column.name)).join(", ");
  switch (write.mode) {
    case "replace":
      return changed(connection, `INSERT INTO ${target} (${list}) ${query}`);
    case "overwrite":
      if (write.range !== undefined) await connection.run(`DELETE FROM ${target} WHERE ${withinRange(write.range)}`);
      await connection.run(`INSERT INTO ${target} (${list}) ${query}`);
      return countRows(connection, target);
    case "append":
      await connection.run(`INSERT INTO ${target} (${list}) ${query}`);
      return countRows(connection, target);
    case "merge": {
      // A MERGE of no rows is a fatal error of DuckDB 1.5.5's Iceberg extension; without one the note alone makes the snapshot.
      const [some] = await askRows(connection, `SELECT 1 AS some FROM (${query}) LIMIT 1`);
      if (some === undefined) return countRows(connection, target);
      const on = write.key.map((key) => `t.${quoteIdentifier(key)} IS NOT DISTINCT FROM s.${quoteIdentifier(key)}`).join(" AND ");
      const rest = write.columns.filter((column) => !write.key.includes(column.name));
      const update =
        rest.length === 0
          ? ""
          : `WHEN MATCHED THEN UPDATE SET ${rest.map(({ name: column }) => `${quoteIdentifier(column)} = s.${quoteIdentifier(column)}`).join(", ")}`;
      const values = write.columns.map((column) => `s.${quoteIdentifier(column.name)}`).join(", ");
      await connection.run(
        `MERGE INTO ${target} AS t USING (${query}) AS s ON ${on} ${update} WHEN NOT MATCHED THEN INSERT (${list}) VALUES (${values})`,
      );
      return countRows(connection, target);
    }
  }
}

function withinRange({ column, from, to }: NonNullable<TableWrite["range"]>): string {
  const name = quoteIdentifier(column);
  return `${name} >= CAST(${quoteLiteral(from)} AS TIMESTAMP) AND ${name} < CAST(${quoteLiteral(to)} AS TIMESTAMP)`;
}

/**
 * Brings the table's columns to the wanted ones. What Iceberg can widen keeps its values; where rows stay in the
 * table, nothing else may change but that columns are added.
 */
async function alterColumns(
  connection: DuckDBConnection,
  target: string,
  before: Head,
  { table, mode, columns: wanted }: TableWrite,
): Promise<void> {
  const now = new Map(before.schema.map((column) => [column.name, column.type]));
  const alter = (action: string) => connection.run(`ALTER TABLE ${target} ${action}`);
  for (const { name, type } of wanted) {
    const column = quoteIdentifier(name);
    const old = now.get(name);
    if (old === type) continue;
    if (old === undefined) await alter(`ADD COLUMN ${column} ${duckdbTypeOf(type)}`);
    else if (widens(old, type)) await alter(`ALTER COLUMN ${column} TYPE ${duckdbTypeOf(type)}`);
    else if (mode === "replace") {
      await alter(`DROP COLUMN ${column}`);
      await alter(`ADD COLUMN ${column} ${duckdbTypeOf(type)}`);
    } else
      throw new MillwrightError({
        code: "column-retyped",
        what: `the column ${name} of ${table} is ${old} and cannot become ${type} while its rows stay`,
        fix: `run ${table} with --full`,
      });
  }
  const names = new Set(wanted.map((column) => column.name));
  for (const { name } of before.schema) {
    if (!names.has(name) && mode === "replace") await alter(`DROP COLUMN ${quoteIdentifier(name)}`);
  }
}

/** Whether Iceberg takes the new type over without rewriting files. */
function widens(from: ColumnType, to: ColumnType): boolean {
  if (from === "integer" && to === "bigint") return true;
  const [before, after] = [from, to].map((type) => /^decimal\((\d+),(\d+)\)$/.exec(type));
  return before != null && after != null && before[2] === after[2] && Number(after[1]) >= Number(before[1]);
}

/** Adds the refused rows to the quarantine, or puts them in the place of what it holds; without rows a replaced one becomes empty by its note alone. */
async function writeRejected({ connection, name, write }: Writing, rejected: number): Promise<void> {
  const quarantine = name(`${write.table}_quarantine`);
  if (rejected > 0) await connection.run(`INSERT INTO ${quarantine} BY NAME SELECT origin, reason, raw FROM ${rejectedTable(write.table)}`);
  const total = write.mode === "replace" ? rejected : await countRows(connection, quarantine);
  await setProperties(
    connection,
    quarantine,
    noteProperties(completeNote(write, total, 0), write.mode === "replace" ? "replace" : "append"),
  );
}

async function createEmpty(connection: DuckDBConnection, target: string, columns: readonly Column[]): Promise<void> {
  await connection.run(
    `CREATE TABLE IF NOT EXISTS ${target} (${columns.map((column) => `${quoteIdentifier(column.name)} ${duckdbTypeOf(column.type)}`).join(", ")}) ${newTable}`,
  );
}

function rejectedTable(table: string): string {
  return `temp.${quoteIdentifier(`rejected_${table}`)}`;
}

async function materialiseRejected(connection: DuckDBConnection, write: TableWrite): Promise<number> {
  return changed(connection, `CREATE OR REPLACE TEMP TABLE ${quoteIdentifier(`rejected_${write.table}`)} AS ${write.rejected}`);
}

async function setProperties(connection: DuckDBConnection, target: string, properties: Readonly<Record<string, string>>): Promise<void> {
  const entries = Object.entries(properties).map(([name, value]) => `${quoteLiteral(name)}: ${quoteLiteral(value)}`);
  await connection.run(`CALL set_iceberg_table_properties(${target}, {${entries.join(", ")}})`);
}

async function countRows(connection: DuckDBConnection, target: string): Promise<number> {
  const [row] = await askRows(connection, `SELECT count(*) AS n FROM ${target}`);
  return Number(row?.["n"] ?? 0);
}

async function changed(connection: DuckDBConnection, sql: string): Promise<number> {
  const [row] = await askRows(connection, sql);
  return Number(row?.["Count"] ?? 0);
}

async function rollBack(connection: DuckDBConnection): Promise<void> {
  try {
    await connection.run("ROLLBACK");
  } catch (error) {
    // A failed COMMIT has already ended the transaction; anything else is worth seeing.
    if (!/no transaction is active/i.test(String(error))) throw error;
  }
}
