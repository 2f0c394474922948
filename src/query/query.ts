import { existsSync } from "node:fs";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { EnvironmentNode } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import { connect, openDuckDB, quoteIdentifier, quoteLiteral } from "../systems/duckdb/connection.ts";
import { attachLake } from "../systems/duckdb/engine.ts";
import { askTable, type ResultRow } from "../systems/duckdb/rows.ts";
import { lakeOf, openLake } from "../run/lakehouse.ts";
import type { StatePaths } from "../run/state.ts";

export interface QueryResult {
  readonly columns: readonly string[];
  /** DuckDB's names of the types. */
  readonly types: readonly string[];
  readonly rows: readonly ResultRow[];
}

/** An environment, open for questions. */
export interface QuerySession {
  /**
   * Asks one statement. Lake and warehouse are attached for reading only.
   *
   * @throws MillwrightError `query-failed` with the database's own words; `several-statements`, of which none has then been done.
   */
  ask(sql: string): Promise<QueryResult>;
  close(): Promise<void>;
}

/**
 * Opens an environment's warehouse and lake, both for reading only. A bare table name is looked for in the warehouse, then in the lake.
 * Works while a run or a server of the environment lives; the warehouse is let go between questions.
 */
export async function openQuery(
  environment: Pick<EnvironmentNode, "bindings">,
  paths: StatePaths,
  namespace: string,
): Promise<QuerySession> {
  if (environment.bindings["lake"] !== undefined && (await lakeOf(environment, paths)).duckdb === null) {
    const { openEngineQuery } = await import("./engine-query.ts");
    return openEngineQuery(environment, paths, namespace);
  }
  const { lake, catalog } = await openLake(environment, paths);
  const instance = await openDuckDB();
  const connection = await connect(instance);
  const close = async () => {
    connection.closeSync();
    instance.closeSync();
    await catalog.stop();
  };
  try {
    await attachLake(connection, { lake, catalog }, { readOnly: true });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    close,
    async ask(sql) {
      const attached = await attachWarehouse(connection, paths.warehouse);
      try {
        const lake = (await hasSchema(connection, namespace)) ? [`lake.${quoteIdentifier(namespace)}`] : [];
        await connection.run(`SET search_path = ${quoteLiteral([...(attached ? ["warehouse.main"] : []), ...lake].join(","))}`);
        await refuseSeveral(connection, sql);
        return await askTable(connection, sql);
      } catch (error) {
        if (error instanceof MillwrightError) throw error;
        throw new MillwrightError({ code: "query-failed", what: error instanceof Error ? error.message : String(error) }, { cause: error });
      } finally {
        if (attached) await connection.run("USE memory.main; DETACH warehouse");
      }
    },
  };
}

/** Before the first run the lake has no place for the platform's tables. */
async function hasSchema(connection: DuckDBConnection, name: string): Promise<boolean> {
  const found = await connection.runAndReadAll(
    `SELECT 1 FROM duckdb_schemas() WHERE database_name = 'lake' AND schema_name = ${quoteLiteral(name)}`,
  );
  return found.currentRowCount > 0;
}

/** The engine would do all of several statements and show the rows of the first. */
async function refuseSeveral(connection: DuckDBConnection, sql: string): Promise<void> {
  // What cannot be taken apart is for the engine to complain about.
  const count = await connection.extractStatements(sql).then(
    (statements) => statements.count,
    () => 1,
  );
  if (count > 1)
    throw new MillwrightError({
      code: "several-statements",
      what: `these are ${count} statements, and one is asked at a time`,
      fix: "ask them one by one, or join them into one SELECT",
    });
}

/** Attaches the warehouse for reading; waits while a load holds it. False when nothing was loaded yet. */
async function attachWarehouse(connection: DuckDBConnection, file: string): Promise<boolean> {
  if (!existsSync(file)) return false;
  const { waitForFile } = await import("../warehouse/wait.ts");
  await waitForFile(file, () => connection.run(`ATTACH ${quoteLiteral(file)} AS warehouse (READ_ONLY)`));
  return true;
}
