import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { startCatalog, type RunningCatalog } from "../../../src/lake/catalog/start.ts";
import { connect, loadExtensions, openDuckDB, quoteLiteral } from "../../../src/systems/duckdb/connection.ts";

/** A catalog in a folder of its own, and a DuckDB that has it attached as `lake`, with the schema `lake.ns`. */
export interface Lake {
  readonly directory: string;
  readonly catalog: RunningCatalog;
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  close(): Promise<void>;
}

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "millwright-catalog-"));
}

export async function openLake(): Promise<Lake> {
  const directory = await temporaryFolder();
  const catalog = await startCatalog({ directory });
  const instance = await openDuckDB();
  const connection = await connect(instance);
  await attach(connection, catalog);
  await connection.run("CREATE SCHEMA lake.ns");
  return {
    directory,
    catalog,
    instance,
    connection,
    async close() {
      connection.closeSync();
      instance.closeSync();
      await catalog.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/**
 * `REMOVE_FILES_ON_DELETE false` is not about deletes: without it DuckDB 1.5.5 removes the data files of every commit that it was told no success of,
 * also when the catalog has committed and only its reply was lost. The table would then refer to files that are gone.
 */
export async function attach(
  connection: DuckDBConnection,
  { url, token }: { readonly url: string; readonly token: string },
): Promise<void> {
  await loadExtensions(connection, ["iceberg"]);
  await connection.run(
    `ATTACH '' AS lake (TYPE ICEBERG, ENDPOINT ${quoteLiteral(url)}, TOKEN ${quoteLiteral(token)}, REMOVE_FILES_ON_DELETE false)`,
  );
}

/** All rows as JSON values; 64-bit integers are text. */
export async function rows(connection: DuckDBConnection, sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRowsJson();
}

/** Runs statements as one transaction. */
export async function transaction(connection: DuckDBConnection, ...statements: readonly string[]): Promise<void> {
  await connection.run("BEGIN");
  try {
    for (const statement of statements) await connection.run(statement);
  } catch (error) {
    await connection.run("ROLLBACK");
    throw error;
  }
  await connection.run("COMMIT");
}

export function properties(table: string, values: Readonly<Record<string, string>>): string {
  const entries = Object.entries(values).map(([key, value]) => `${quoteLiteral(key)}: ${quoteLiteral(value)}`);
  return `CALL set_iceberg_table_properties(${table}, {${entries.join(", ")}})`;
}
