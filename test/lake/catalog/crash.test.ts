import { readdir, rm } from "node:fs/promises";
import { afterEach, describe, expect, test } from "vitest";
import { readHead, readHistory } from "../../../src/lake/catalog/heads.ts";
import { startCatalog } from "../../../src/lake/catalog/start.ts";
import { connect, openDuckDB } from "../../../src/systems/duckdb/connection.ts";
import { attach, rows, temporaryFolder, transaction } from "./lake.ts";

/** Runs `work` on a catalog over `directory` that kills itself at `crash`, if one is named. */
async function withLake<T>(
  directory: string,
  crash: string | null,
  work: (run: (...statements: string[]) => Promise<void>, ask: (sql: string) => Promise<unknown[][]>) => Promise<T>,
): Promise<T> {
  if (crash !== null) process.env["MILLWRIGHT_CRASH"] = crash;
  const catalog = await startCatalog({ directory });
  delete process.env["MILLWRIGHT_CRASH"];
  const instance = await openDuckDB();
  const connection = await connect(instance);
  try {
    await attach(connection, catalog);
    // A catalog that is gone stays gone: asking it again only takes time.
    await connection.run("SET http_retries = 0");
    return await work(
      (...statements) => transaction(connection, ...statements),
      (sql) => rows(connection, sql),
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
    await catalog.stop();
  }
}

describe("a catalog that is killed", () => {
  const directories: string[] = [];
  afterEach(async () => {
    await Promise.all(directories.splice(0).map((directory) => rm(directory, { recursive: true, force: true })));
  });

  for (const { point, visible } of [
    { point: "catalog-before-metadata", visible: false },
    { point: "catalog-after-metadata", visible: false },
    { point: "catalog-after-commit", visible: true },
  ]) {
    test(`at ${point} leaves a transaction over two tables ${visible ? "whole" : "undone"}, and the next one works`, async () => {
      const directory = await temporaryFolder();
      directories.push(directory);
      await withLake(directory, null, async (run) => {
        await run("CREATE SCHEMA lake.ns");
        await run("CREATE TABLE lake.ns.a AS SELECT 1::BIGINT AS id");
        await run("CREATE TABLE lake.ns.b AS SELECT 1::BIGINT AS id");
      });
      const before = readHead(directory, "ns", "a")?.snapshot;

      await withLake(directory, point, async (run) => {
        await expect(run("INSERT INTO lake.ns.a VALUES (2)", "INSERT INTO lake.ns.b VALUES (2)")).rejects.toThrow();
      });
      expect(readHead(directory, "ns", "a")?.snapshot === before).toBe(!visible);

      await withLake(directory, null, async (run, ask) => {
        const expected = visible ? [["1"], ["2"]] : [["1"]];
        expect(await ask("SELECT id FROM lake.ns.a ORDER BY id")).toEqual(expected);
        expect(await ask("SELECT id FROM lake.ns.b ORDER BY id")).toEqual(expected);
        await run("INSERT INTO lake.ns.a VALUES (3)", "INSERT INTO lake.ns.b VALUES (3)");
        expect(await ask("SELECT id FROM lake.ns.a ORDER BY id")).toEqual([...expected, ["3"]]);
        expect(await ask("SELECT id FROM lake.ns.b ORDER BY id")).toEqual([...expected, ["3"]]);
        expect(readHistory(directory, "ns", "a")).toHaveLength(expected.length + 1);
      });
    });
  }

  test("while it creates a table leaves none, and the name is free", async () => {
    const directory = await temporaryFolder();
    directories.push(directory);
    await withLake(directory, null, (run) => run("CREATE SCHEMA lake.ns"));
    await withLake(directory, "catalog-after-metadata", async (run) => {
      await expect(run("CREATE TABLE lake.ns.fresh AS SELECT 1::BIGINT AS id")).rejects.toThrow();
    });
    expect(readHead(directory, "ns", "fresh")).toBeNull();
    await withLake(directory, null, async (run, ask) => {
      await run("CREATE TABLE lake.ns.fresh AS SELECT 2::BIGINT AS id");
      expect(await ask("SELECT * FROM lake.ns.fresh")).toEqual([["2"]]);
    });
    // The orphan of the killed attempt lies in a folder of its own.
    expect(await readdir(`${directory}/lake/ns`)).toHaveLength(2);
  });
});
