import type { DuckDBConnection } from "@duckdb/node-api";
import type { Column, ColumnType } from "../../define/column.ts";
import { straddles } from "../../lake/catalog/overwrite.ts";
import { noteOf, noteProperties, type CommitNote } from "../../lake/note.ts";
import type { Head } from "../../lake/catalog/heads.ts";
import { requireUnmoved } from "../../lake/unmoved.ts";
import { MillwrightError } from "../../error.ts";
import { crashPoint } from "../../run/crash.ts";
import { secondsSince } from "../../run/seconds.ts";
import { layoutWords } from "../../define/layout.ts";
import { keepLayout, type Laid, type TablePlace } from "../../lake/keep-layout.ts";
import type { TableWrite, Written } from "../roles.ts";
import { canDelete, insertOrder } from "./layout.ts";
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
  readonly place: TablePlace;
}

/** The table as the transaction finds it. */
interface Target {
  /** Null when the transaction creates it. */
  readonly head: Head | null;
  /** Whether it must be written whole for rows of it to go: DuckDB cannot delete from every table whose layout has changed. */
  readonly copied: boolean;
}

/** The columns of every quarantine table. */
const quarantineColumns: readonly Column[] = [
  { name: "origin", type: "text" },
  { name: "reason", type: "text" },
  { name: "raw", type: "text" },
];

/**
 * Properties of new tables. Unless told a size, DuckDB begins a new file for every 120,000 rows or so, which takes nearly twice
 * the processor time and leaves thousands of small files in a large table. 512 MiB is Iceberg's own default.
 */
const newTable = "WITH ('write.target-file-size-bytes' = '536870912')";

/**
 * Writes a table, and the rows it refuses into `<table>_quarantine`, as one transaction of the catalog: both or neither.
 * The note stands in the same commit.
 */
export async function writeTable(writing: Writing): Promise<Written> {
  try {
    return await attempt({ ...writing, rowWise: false });
  } catch (error) {
    // Files that hold rows of the range and others cannot be dropped: their rows are deleted one by one.
    if (writing.write.mode !== "overwrite" || !(error instanceof Error) || !error.message.includes(straddles)) throw error;
    return attempt({ ...writing, rowWise: true });
  }
}

/** One way of writing. */
interface Attempt extends Writing {
  /** Whether an overwrite deletes its range row by row. */
  readonly rowWise: boolean;
}

async function attempt(writing: Attempt): Promise<Written> {
  const { connection, name, write, head, aside } = writing;
  const quarantine = `${write.table}_quarantine`;
  const before = head(write.table);
  requireUnmoved(write, before);
  const target = await layOut(writing, before);
  const quarantineBefore = head(quarantine);
  // Where the number of rows is known, the refused ones are looked for only when the table has come out with fewer.
  const counted = write.rejected !== null && (write.mode === "replace" || write.mode === "append") ? (write.rows ?? null) : null;
  let rejected = write.rejected === null || counted !== null ? 0 : await materialiseRejected(connection, write);
  // Creating two tables is two commits; an empty quarantine table made first does no harm if the second never comes.
  if (rejected > 0 && quarantineBefore === null) await createEmpty(connection, name(quarantine), quarantineColumns);

  await connection.run("BEGIN");
  try {
    const { rows, written, as } = await writeRows(writing, target);
    if (counted !== null && (written ?? rows) < counted) {
      rejected = await materialiseRejected(connection, write);
      if (rejected > 0 && quarantineBefore === null) await aside((other) => createEmpty(other, name(quarantine), quarantineColumns));
    }
    if (rejected > 0 || (quarantineBefore !== null && (await makesWay(writing)))) await writeRejected(writing, rejected);
    crashPoint("data-written");
    await setProperties(connection, name(write.table), noteProperties(completeNote(write, rows, rejected), as));
    crashPoint("position-noted");
    // The transaction was begun on the table as it still stands here, or later; a commit from now on makes its own fail.
    requireUnmoved(target.head === before ? write : { ...write, onto: target.head?.snapshot ?? null }, head(write.table));
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

/** Brings the table to its declared layout, where it has one; creates it then. */
async function layOut({ connection, write, head, place, rowWise }: Attempt, before: Head | null): Promise<Target> {
  const layout = write.layout ?? null;
  const replaced = write.mode === "replace";
  const types = new Map(write.columns.map(({ name, type }) => [name, type]));
  const losesColumn = replaced && before !== null && before.schema.some(({ name, type }) => types.get(name) !== type);
  // A table without a declared layout may still be laid out by a column that goes.
  if (layout === null && !losesColumn) return { head: before, copied: false };
  const deletes = write.mode === "merge" || (write.mode === "overwrite" && rowWise);
  // What is known already is not asked of the catalog.
  if (layout !== null && !losesColumn && !deletes && before?.snapshot != null && before.layout === layoutWords(layout))
    return { head: before, copied: false };
  const laid: Laid = await keepLayout(place, { columns: write.columns, layout, replaced });
  return {
    head: laid.created || laid.changed ? head(write.table) : before,
    copied: deletes && !(await canDelete(connection, laid)),
  };
}

function completeNote(write: TableWrite, rows: number, quarantined: number): CommitNote {
  return { ...write.note, rows, quarantined, seconds: secondsSince(write.began) };
}

/** What an insert came to. */
interface Inserted {
  /** Rows of the table after it. */
  readonly rows: number;
  /** Rows that an append has added. */
  readonly written?: number;
  /** How the commit is to be taken: as all of the table, as more of it, or in the place of a range. */
  readonly as: Parameters<typeof noteProperties>[1];
}

async function writeRows({ connection, name, write, rowWise }: Attempt, target: Target): Promise<Inserted> {
  const table = name(write.table);
  const query = `SELECT ${write.columns.map(({ name: column, type }) => `CAST(${quoteIdentifier(column)} AS ${duckdbTypeOf(type)}) AS ${quoteIdentifier(column)}`).join(", ")} FROM (${write.query})`;
  if (target.head === null) return { rows: await changed(connection, `CREATE TABLE ${table} ${newTable} AS ${query}`), as: "append" };
  await alterColumns(connection, table, target.head, write);
  const list = write.columns.map((column) => quoteIdentifier(column.name)).join(", ");
  const insert = (rows: string) =>
    changed(connection, `INSERT INTO ${table} (${list}) SELECT * FROM (${rows})${insertOrder(write.layout)}`);
  if (write.mode === "replace") return { rows: await insert(query), as: "replace" };
  if (write.mode === "overwrite" && write.range !== undefined && !rowWise) {
    // The catalog drops the files of the range; what they hold is known before.
    const stood = noteOf(target.head.summary)?.rows ?? (await countRows(connection, table));
    const gone = await countRows(connection, `${table} WHERE ${withinRange(write.range)}`);
    return { rows: stood - gone + (await insert(query)), as: write.range };
  }
  if (target.copied)
    return { rows: await insert(`SELECT ${list} FROM ${table} AS t ${keptRows(write, query)} UNION ALL ${query}`), as: "replace" };
  if (write.mode === "append") {
    const written = await insert(query);
    return { rows: await countRows(connection, table), written, as: "append" };
  }
  if (write.mode === "merge") {
    if (write.layout == null) await merge(connection, table, write, query);
    else await mergeOrdered(connection, table, write, query, insert);
  } else {
    if (write.mode === "overwrite" && write.range !== undefined)
      await connection.run(`DELETE FROM ${table} WHERE ${withinRange(write.range)}`);
    await insert(query);
  }
  return { rows: await countRows(connection, table), as: "append" };
}

/** What follows `FROM table AS t` for the rows that a merge or overwrite leaves as they are. */
function keptRows(write: TableWrite, query: string): string {
  if (write.mode === "merge") return `ANTI JOIN (${query}) AS s ON ${sameKey(write.key)}`;
  return write.range === undefined ? "" : `WHERE (${withinRange(write.range)}) IS NOT TRUE`;
}

function sameKey(key: readonly string[]): string {
  return key.map((column) => `t.${quoteIdentifier(column)} IS NOT DISTINCT FROM s.${quoteIdentifier(column)}`).join(" AND ");
}

async function merge(connection: DuckDBConnection, table: string, write: TableWrite, query: string): Promise<void> {
  // A MERGE of no rows is a fatal error of DuckDB 1.5.5's Iceberg extension; without one the note alone makes the snapshot.
  const [some] = await askRows(connection, `SELECT 1 AS some FROM (${query}) LIMIT 1`);
  if (some === undefined) return;
  const names = write.columns.map((column) => quoteIdentifier(column.name));
  const rest = write.columns.filter((column) => !write.key.includes(column.name));
  const update =
    rest.length === 0
      ? ""
      : `WHEN MATCHED THEN UPDATE SET ${rest.map(({ name: column }) => `${quoteIdentifier(column)} = s.${quoteIdentifier(column)}`).join(", ")}`;
  await connection.run(
    `MERGE INTO ${table} AS t USING (${query}) AS s ON ${sameKey(write.key)} ${update} WHEN NOT MATCHED THEN INSERT (${names.join(", ")}) VALUES (${names.map((column) => `s.${column}`).join(", ")})`,
  );
}

/** As `merge`, but in two steps: what DuckDB's MERGE inserts keeps no order, and its files would neither be sorted nor few. */
async function mergeOrdered(
  connection: DuckDBConnection,
  table: string,
  write: TableWrite,
  query: string,
  insert: (rows: string) => Promise<number>,
): Promise<void> {
  const changes = `temp.${quoteIdentifier(`changes_${write.table}`)}`;
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${quoteIdentifier(`changes_${write.table}`)} AS ${query}`);
  await connection.run(`DELETE FROM ${table} AS t WHERE EXISTS (SELECT 1 FROM ${changes} AS s WHERE ${sameKey(write.key)})`);
  await insert(`SELECT * FROM ${changes}`);
  await connection.run(`DROP TABLE ${changes}`);
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

/** Whether a write takes refused rows of an earlier one out of the quarantine, which is there. */
async function makesWay({ connection, name, write }: Writing): Promise<boolean> {
  if (write.mode === "replace") return true;
  if (write.mode !== "overwrite" || write.origin === undefined) return false;
  return (await countRows(connection, `${name(`${write.table}_quarantine`)} WHERE origin = ${quoteLiteral(write.origin)}`)) > 0;
}

/** Adds the refused rows to the quarantine, or puts them in the place of what it holds; without rows a replaced one becomes empty by its note alone. */
async function writeRejected({ connection, name, write }: Writing, rejected: number): Promise<void> {
  const quarantine = name(`${write.table}_quarantine`);
  if (write.mode === "overwrite" && write.origin !== undefined)
    await connection.run(`DELETE FROM ${quarantine} WHERE origin = ${quoteLiteral(write.origin)}`);
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
