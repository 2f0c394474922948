import type { Column } from "../define/column.ts";
import { connect, duckdbTypeOf, openDuckDB, quoteIdentifier, quoteLiteral } from "../systems/duckdb/connection.ts";
import { askRows } from "../systems/duckdb/rows.ts";
import { waitForFile } from "./wait.ts";

export interface WarehouseLoad {
  readonly table: string;
  readonly columns: readonly Column[];
  /** The lake's snapshot, kept beside the rows. */
  readonly snapshot: string;
  readonly run: string;
  /** The whole table as Parquet. */
  readonly file: string;
}

/** The role `warehouse`: tables for analysts, each a copy of one snapshot of the lake. */
export interface Warehouse {
  /** The lake's snapshot that a table holds; null when the warehouse has no such table. */
  snapshotOf(table: string): Promise<string | null>;
  /** Replaces a table and remembers its snapshot in one transaction: doing it twice changes nothing. Gives the rows. */
  load(load: WarehouseLoad): Promise<number>;
  close(): Promise<void>;
}

const loads = "_millwright_loads";

/**
 * The embedded warehouse: one DuckDB file, open only while it is loaded or asked, since DuckDB lets one process
 * write or many read. Waits up to 60 seconds for others.
 */
export async function openWarehouse(file: string): Promise<Warehouse> {
  const instance = await waitForFile(file, () => openDuckDB({ file }));
  const connection = await connect(instance);
  await connection.run(`CREATE TABLE IF NOT EXISTS ${loads} (name VARCHAR PRIMARY KEY, snapshot VARCHAR NOT NULL, run VARCHAR NOT NULL, loaded_at TIMESTAMP NOT NULL)`);
  return {
    async snapshotOf(table) {
      const [row] = await askRows(connection, `SELECT snapshot FROM ${loads} WHERE name = ${quoteLiteral(table)}`);
      return typeof row?.["snapshot"] === "string" ? row["snapshot"] : null;
    },
    async load({ table, columns, snapshot, run, file: parquet }) {
      const list = columns.map(({ name, type }) => `CAST(${quoteIdentifier(name)} AS ${duckdbTypeOf(type)}) AS ${quoteIdentifier(name)}`).join(", ");
      await connection.run("BEGIN");
      try {
        const [created] = await askRows(connection, `CREATE OR REPLACE TABLE ${quoteIdentifier(table)} AS SELECT ${list} FROM read_parquet(${quoteLiteral(parquet)})`);
        await connection.run(`INSERT OR REPLACE INTO ${loads} VALUES (${[table, snapshot, run].map(quoteLiteral).join(", ")}, now()::TIMESTAMP)`);
        await connection.run("COMMIT");
        return Number(created?.["Count"] ?? 0);
      } catch (error) {
        await connection.run("ROLLBACK");
        throw error;
      }
    },
    async close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
