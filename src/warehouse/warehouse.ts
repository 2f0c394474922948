import type { Column } from "../define/column.ts";
import { connect, duckdbTypeOf, openDuckDB, quoteIdentifier, quoteLiteral } from "../systems/duckdb/connection.ts";
import type { DuckDBLimits } from "../systems/duckdb/limits.ts";
import { askRows } from "../systems/duckdb/rows.ts";
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
  /** The whole table as Parquet. */
  readonly file: string;
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
  /** Replaces a table and remembers what it was loaded from in one transaction: doing it twice changes nothing. */
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
  await connection.run(
    `CREATE TABLE IF NOT EXISTS ${loads} (name VARCHAR PRIMARY KEY, snapshot VARCHAR NOT NULL, run VARCHAR NOT NULL, rows BIGINT NOT NULL, seconds DOUBLE NOT NULL, loaded_at TIMESTAMP_MS NOT NULL)`,
  );
  return {
    async loaded(table) {
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
    },
    async load({ table, columns, file: parquet, ...told }) {
      const list = columns
        .map(({ name, type }) => `CAST(${quoteIdentifier(name)} AS ${duckdbTypeOf(type)}) AS ${quoteIdentifier(name)}`)
        .join(", ");
      const time = new Date().toISOString();
      await connection.run("BEGIN");
      try {
        await connection.run(
          `CREATE OR REPLACE TABLE ${quoteIdentifier(table)} AS SELECT ${list} FROM read_parquet(${quoteLiteral(parquet)})`,
        );
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
