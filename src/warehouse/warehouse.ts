import type { Column } from "../define/column.ts";
import { connect, duckdbTypeOf, openDuckDB, quoteIdentifier, quoteLiteral } from "../systems/duckdb/connection.ts";
import type { DuckDBLimits } from "../systems/duckdb/limits.ts";
import { askRows } from "../systems/duckdb/rows.ts";
import { MillwrightError } from "../error.ts";
import { waitForFile } from "./wait.ts";

export interface WarehouseLoad {
  readonly table: string;
  readonly columns: readonly Column[];
  /** The lake's snapshot, kept beside the rows. */
  readonly snapshot: string;
  readonly run: string;
  /** Of the table. */
  readonly rows: number;
  /** Wall time of the work up to now. */
  readonly seconds: number;
  /** The whole table as Parquet files of this machine; with `onto`, what it has got since. */
  readonly files: readonly string[];
  /** The snapshot that the warehouse's table holds, when rows are added to it; null when it is replaced. */
  readonly onto: string | null;
}

/** What a table of the warehouse was loaded from, and by which run. */
export interface Loaded {
  readonly snapshot: string;
  readonly run: string;
  readonly rows: number;
  readonly seconds: number;
  /** ISO 8601, UTC, to the millisecond. */
  readonly time: string;
}

/** The role `warehouse`: tables for analysts, each a copy of one snapshot of the lake. */
export interface Warehouse {
  /** What a table holds; null when the warehouse has no such table. */
  loaded(table: string): Promise<Loaded | null>;
  /** Whether a table has these columns, so that rows can be added to it. */
  fits(table: string, columns: readonly Column[]): Promise<boolean>;
  /**
   * Replaces a table, or adds to it, and remembers what it was loaded from in one transaction: doing it twice changes nothing.
   *
   * @throws MillwrightError `load-conflict` when rows are to be added to another snapshot than the table holds.
   */
  load(load: WarehouseLoad): Promise<Loaded>;
  close(): Promise<void>;
}

const loads = "_millwright_loads";

/**
 * The embedded warehouse: one DuckDB file, open only while it is loaded or asked, since DuckDB lets one process
 * write or many read. Waits up to 60 seconds for others.
 */
export async function openWarehouse(file: string, limits: DuckDBLimits = {}): Promise<Warehouse> {
  const instance = await waitForFile(file, () => openDuckDB({ file, ...limits }));
  const connection = await connect(instance);
  // Rows that keep the order of their files leave row groups half full, which the checkpoint then writes all over again.
  await connection.run("SET preserve_insertion_order = false");
  await connection.run(
    `CREATE TABLE IF NOT EXISTS ${loads} (name VARCHAR PRIMARY KEY, snapshot VARCHAR NOT NULL, run VARCHAR NOT NULL, rows BIGINT NOT NULL, seconds DOUBLE NOT NULL, loaded_at TIMESTAMP_MS NOT NULL)`,
  );
  const loaded = async (table: string): Promise<Loaded | null> => {
    const [row] = await askRows(
      connection,
      `SELECT snapshot, run, rows, seconds, strftime(loaded_at, '%Y-%m-%dT%H:%M:%S.%gZ') AS time FROM ${loads} WHERE name = ${quoteLiteral(table)}`,
    );
    if (row === undefined) return null;
    return {
      snapshot: String(row["snapshot"]),
      run: String(row["run"]),
      rows: Number(row["rows"]),
      seconds: Number(row["seconds"]),
      time: String(row["time"]),
    };
  };
  return {
    loaded,
    async fits(table, columns) {
      const now = await askRows(
        connection,
        `SELECT column_name AS name, data_type AS type FROM duckdb_columns() WHERE schema_name = 'main' AND table_name = ${quoteLiteral(table)} ORDER BY column_index`,
      );
      return (
        JSON.stringify(now.map(({ name, type }) => [name, type])) ===
        JSON.stringify(columns.map(({ name, type }) => [name, duckdbTypeOf(type)]))
      );
    },
    async load({ table, columns, files, onto, ...told }) {
      const list = columns
        .map(({ name, type }) => `CAST(${quoteIdentifier(name)} AS ${duckdbTypeOf(type)}) AS ${quoteIdentifier(name)}`)
        .join(", ");
      const time = new Date().toISOString();
      await connection.run("BEGIN");
      try {
        const rows = `SELECT ${list} FROM read_parquet([${files.map(quoteLiteral).join(", ")}])`;
        if (onto === null) await connection.run(`CREATE OR REPLACE TABLE ${quoteIdentifier(table)} AS ${rows}`);
        else {
          const held = await loaded(table);
          if (held?.snapshot !== onto)
            throw new MillwrightError({
              code: "load-conflict",
              what: `the warehouse's ${table} holds the snapshot ${held?.snapshot ?? "none"}, and rows were to be added to ${onto}`,
              fix: "run again",
            });
          await connection.run(`INSERT INTO ${quoteIdentifier(table)} ${rows}`);
        }
        await connection.run(`INSERT OR REPLACE INTO ${loads} VALUES (?, ?, ?, ?, ?, CAST(? AS TIMESTAMP_MS))`, [
          table,
          told.snapshot,
          told.run,
          told.rows,
          told.seconds,
          time.slice(0, -1),
        ]);
        await connection.run("COMMIT");
      } catch (error) {
        await connection.run("ROLLBACK");
        throw error;
      }
      return { ...told, time };
    },
    async close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
