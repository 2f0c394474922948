import { rm } from "node:fs/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { describe, expect, test } from "vitest";
import { readHistory } from "../../../src/lake/catalog/heads.ts";
import { startCatalog } from "../../../src/lake/catalog/start.ts";
import { connect, openDuckDB } from "../../../src/systems/duckdb/connection.ts";
import { attach, openLake, rows, temporaryFolder } from "./lake.ts";

const writers = 16;
const commitsEach = 4;

/** Commits, and again when somebody else was quicker; anything else is an error. */
async function insert(connection: DuckDBConnection, table: string, id: number): Promise<number> {
  for (let conflicts = 0; ; conflicts++) {
    try {
      await connection.run(`INSERT INTO ${table} VALUES (${id})`);
      return conflicts;
    } catch (error) {
      if (!String(error).includes("Conflict_409") || conflicts > 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * (1 + Math.min(conflicts, 5))));
    }
  }
}

describe("16 concurrent DuckDB writers", () => {
  test("append to one table and to a table each; nothing hangs and no commit is lost", async () => {
    const lake = await openLake();
    try {
      await lake.connection.run("CREATE TABLE lake.ns.shared (id BIGINT)");
      for (let writer = 0; writer < writers; writer++) await lake.connection.run(`CREATE TABLE lake.ns.own_${writer} (id BIGINT)`);
      await Promise.all(
        Array.from({ length: writers }, async (_, writer) => {
          const connection = await connect(lake.instance);
          for (let commit = 0; commit < commitsEach; commit++) {
            await insert(connection, "lake.ns.shared", writer * 100 + commit);
            await insert(connection, `lake.ns.own_${writer}`, commit);
          }
          connection.closeSync();
        }),
      );
      const expected = writers * commitsEach;
      expect(await rows(lake.connection, "SELECT count(*), count(DISTINCT id) FROM lake.ns.shared")).toEqual([
        [String(expected), String(expected)],
      ]);
      const history = readHistory(lake.directory, "ns", "shared");
      expect(history.map((snapshot) => snapshot.sequence)).toEqual(Array.from({ length: expected }, (_, index) => index + 1));
      expect(history.slice(1).every((snapshot, index) => snapshot.parent === history[index]?.id)).toBe(true);
      for (let writer = 0; writer < writers; writer++) expect(readHistory(lake.directory, "ns", `own_${writer}`)).toHaveLength(commitsEach);
    } finally {
      await lake.close();
    }
  });

  test("work through four catalog processes on the same folder", async () => {
    const directory = await temporaryFolder();
    const catalogs = await Promise.all(Array.from({ length: 4 }, () => startCatalog({ directory })));
    const instances = await Promise.all(catalogs.map(() => openDuckDB()));
    const first = await connections(instances, catalogs);
    try {
      await first[0]?.run("CREATE SCHEMA lake.ns");
      await first[0]?.run("CREATE TABLE lake.ns.shared (id BIGINT)");
      const all = [
        ...first,
        ...(await Promise.all(instances.flatMap((instance) => [connect(instance), connect(instance), connect(instance)]))),
      ];
      await Promise.all(
        all.map(async (connection, writer) => {
          for (let commit = 0; commit < 2; commit++) await insert(connection, "lake.ns.shared", writer * 100 + commit);
        }),
      );
      const expected = String(writers * 2);
      for (const connection of first)
        expect(await rows(connection, "SELECT count(*), count(DISTINCT id) FROM lake.ns.shared")).toEqual([[expected, expected]]);
      for (const connection of all) connection.closeSync();
    } finally {
      for (const instance of instances) instance.closeSync();
      await Promise.all(catalogs.map((catalog) => catalog.stop()));
      await rm(directory, { recursive: true, force: true });
    }
  });
});

async function connections(
  instances: readonly Awaited<ReturnType<typeof openDuckDB>>[],
  catalogs: readonly { readonly url: string; readonly token: string }[],
): Promise<DuckDBConnection[]> {
  return Promise.all(
    instances.map(async (instance, index) => {
      const connection = await connect(instance);
      const catalog = catalogs[index];
      if (catalog) await attach(connection, catalog);
      return connection;
    }),
  );
}
