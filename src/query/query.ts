import { existsSync } from "node:fs";
import type { DuckDBConnection } from "@duckdb/node-api";
import { startCatalog } from "../lake/catalog/start.ts";
import { MillwrightError } from "../error.ts";
import { connect, openDuckDB, quoteIdentifier, quoteLiteral } from "../systems/duckdb/connection.ts";
import { attachLake } from "../systems/duckdb/engine.ts";
import { askTable, type ResultRow } from "../systems/duckdb/rows.ts";
import type { StatePaths } from "../run/state.ts";

export interface QueryResult {
  readonly columns: readonly string[];
  /** DuckDB's names of the types. */
  readonly types: readonly string[];
  readonly rows: readonly ResultRow[];
}

/** An environment, open for questions. */
export interface QuerySession {
  /** @throws MillwrightError `query-failed` with the database's own words. */
  ask(sql: string): Promise<QueryResult>;
  close(): Promise<void>;
}

/**
 * Opens an environment's warehouse (read-only) and lake. A bare table name is looked for in the warehouse, then in the lake.
 * Works while a run or a server of the environment lives; the warehouse is let go between questions.
 */
export async function openQuery(paths: StatePaths, namespace: string): Promise<QuerySession> {
  const catalog = await startCatalog({ directory: paths.state });
  const instance = await openDuckDB();
  const connection = await connect(instance);
  const close = async () => {
    connection.closeSync();
    instance.closeSync();
    await catalog.stop();
  };
  try {
    await attachLake(connection, catalog);
    await connection.run(`CREATE SCHEMA IF NOT EXISTS lake.${quoteIdentifier(namespace)}`);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    close,
    async ask(sql) {
      const attached = await attachWarehouse(connection, paths.warehouse);
      try {
        await connection.run(`SET search_path = '${attached ? "warehouse.main," : ""}lake.${quoteIdentifier(namespace)}'`);
        return await askTable(connection, sql);
      } catch (error) {
        throw new MillwrightError({ code: "query-failed", what: error instanceof Error ? error.message : String(error) }, { cause: error });
      } finally {
        if (attached) await connection.run("USE memory.main; DETACH warehouse");
      }
    },
  };
}

/** Attaches the warehouse for reading; waits while a load holds it. False when nothing was loaded yet. */
async function attachWarehouse(connection: DuckDBConnection, file: string): Promise<boolean> {
  if (!existsSync(file)) return false;
  const { waitForFile } = await import("../warehouse/wait.ts");
  await waitForFile(file, () => connection.run(`ATTACH ${quoteLiteral(file)} AS warehouse (READ_ONLY)`));
  return true;
}
