import { rm } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { askHistory, openHeads } from "../../lake/catalog/heads.ts";
import { MillwrightError } from "../../error.ts";
import type { Engine, EngineContext, TableWrite, Written } from "../roles.ts";
import { appendedRows } from "./appended.ts";
import { columnTypeOf, connect, loadExtensions, openDuckDB, quoteIdentifier, quoteLiteral } from "./connection.ts";
import type { DuckDBLimits } from "./limits.ts";
import { askRows } from "./rows.ts";
import { spillDirectory } from "./spill.ts";
import { writeTable } from "./write.ts";

export interface DuckDBEngineOptions extends Pick<EngineContext, "namespace" | "catalog" | "state" | "lake">, DuckDBLimits {}

/** The embedded engine: DuckDB in this process, writing Iceberg tables through a REST catalog. */
export async function openDuckDBEngine(options: DuckDBEngineOptions): Promise<Engine> {
  const { namespace, state, memoryLimit, threads } = options;
  const temporaryDirectory = await spillDirectory(state);
  const instance = await openDuckDB({
    temporaryDirectory,
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
    ...(threads === undefined ? {} : { threads }),
  });
  const first = await connect(instance);
  await attachLake(first, options);
  await first.run(`CREATE SCHEMA IF NOT EXISTS lake.${quoteIdentifier(namespace)}`);
  const idle: DuckDBConnection[] = [first];
  const busy = new Map<DuckDBConnection, Promise<unknown>>();
  let closed = false;
  const heads = openHeads(state, namespace);
  let keptTables = 0;
  const name = (table: string) => `lake.${quoteIdentifier(namespace)}.${quoteIdentifier(table)}`;

  /** Work on a connection of its own, interrupted when the signal aborts. */
  const borrow = async <T>(signal: AbortSignal | null, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> => {
    signal?.throwIfAborted();
    if (closed) throw new Error("the engine is closed");
    const connection = idle.pop() ?? (await connect(instance));
    const interrupt = () => connection.interrupt();
    signal?.addEventListener("abort", interrupt, { once: true });
    try {
      const working = work(connection);
      busy.set(connection, working);
      return await working;
    } catch (error) {
      // The reason of the signal says more than that a statement was interrupted.
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", interrupt);
      busy.delete(connection);
      idle.push(connection);
    }
  };

  const engineWithin = (signal: AbortSignal | null): Engine => ({
    dialect: "duckdb",
    relation: (table, snapshot) => (snapshot === null ? name(table) : `(SELECT * FROM ${name(table)} AT (VERSION => ${BigInt(snapshot)}))`),
    staged: async (files) => ({
      relation: `read_parquet([${files.map(quoteLiteral).join(", ")}], union_by_name = true)`,
      drop: async () => undefined,
    }),
    appended: (table, from, to) =>
      borrow(signal, async (connection) =>
        appendedRows(connection, { history: await askHistory(options.catalog, namespace, table), target: name(table), from, to }),
      ),
    describe: (query) =>
      borrow(signal, async (connection) => {
        const rows = await askRows(connection, `DESCRIBE ${query}`);
        return rows.map((row) => ({ name: String(row["column_name"]), type: columnTypeOf(String(row["column_type"])) }));
      }),
    ask: (sql) => borrow(signal, (connection) => askRows(connection, sql)),
    write: (write: TableWrite): Promise<Written> =>
      borrow(signal, (connection) =>
        writeTable({
          connection,
          name,
          write,
          head: heads.one,
          aside: (work) => borrow(signal, work),
          place: { catalog: options.catalog, namespace, table: write.table },
        }),
      ),
    keep: (query) =>
      borrow(signal, async (connection) => {
        // In the engine's own memory, not in a temporary table: the statements to come run on other connections.
        const relation = `memory.main.${quoteIdentifier(`kept_${(keptTables += 1)}`)}`;
        await connection.run(`CREATE TABLE ${relation} AS ${query}`);
        return { relation, drop: () => borrow(null, async (other) => void (await other.run(`DROP TABLE ${relation}`))) };
      }),
    exportParquet: (query, file) =>
      borrow(signal, async (connection) => {
        const [row] = await askRows(connection, `COPY (${query}) TO ${quoteLiteral(file)} (FORMAT parquet)`);
        return Number(row?.["Count"] ?? 0);
      }),
    within: engineWithin,
    async close() {
      closed = true;
      // A connection that goes while its statement runs takes the process with it.
      while (busy.size > 0) {
        for (const connection of busy.keys()) connection.interrupt();
        await Promise.race([Promise.allSettled(busy.values()), setTimeout(20)]);
      }
      heads.close();
      for (const connection of idle) connection.closeSync();
      instance.closeSync();
      await rm(temporaryDirectory, { recursive: true, force: true });
    },
  });
  return engineWithin(null);
}

/** Attaches a catalog as `lake`; the token goes into a secret of this instance and into no statement that is logged. */
export async function attachLake(
  connection: DuckDBConnection,
  { catalog, lake }: Pick<EngineContext, "catalog" | "lake">,
  options: { readonly readOnly?: boolean } = {},
): Promise<void> {
  if (lake.duckdb === null) {
    throw new MillwrightError({
      code: "engine-without-lake",
      what: `DuckDB cannot read or write ${lake.storages[0].location}`,
      fix: "bind an engine that can, e.g. engine: spark({ url: ... })",
    });
  }
  await loadExtensions(connection, ["iceberg", ...lake.duckdb.extensions]);
  for (const statement of lake.duckdb.statements) await connection.run(statement);
  // What DuckDB does not do by itself is done by the order of the rows that are inserted; a partition's file is written whole whatever its size.
  await connection.run(
    "SET GLOBAL ignore_target_file_size_for_partitioned_tables = true; SET GLOBAL unsafe_iceberg_ignore_sort_order = true",
  );
  await connection.run(`CREATE OR REPLACE SECRET lake_catalog (TYPE ICEBERG, TOKEN ${quoteLiteral(catalog.token)})`);
  // A commit whose reply is lost may have happened: DuckDB must not remove its files as if it had not.
  await connection.run(
    `ATTACH '' AS lake (TYPE ICEBERG, ENDPOINT ${quoteLiteral(catalog.url)}, SECRET lake_catalog, REMOVE_FILES_ON_DELETE false${options.readOnly === true ? ", READ_ONLY" : ""})`,
  );
}
