import { join } from "node:path";
import { expect, test } from "vitest";
import { connect, openDuckDB, quoteLiteral } from "../../src/systems/duckdb/connection.ts";
import { askRows, type ResultRow } from "../../src/systems/duckdb/rows.ts";
import { openWarehouse, type Loaded } from "../../src/warehouse/warehouse.ts";
import { startScript } from "../run/script.ts";
import { temporaryFolder } from "../run/temporary.ts";

const columns = [
  { name: "id", type: "bigint" },
  { name: "name", type: "text" },
] as const;

/** Runs one statement in a database of its own. */
async function ask(sql: string, file?: string): Promise<readonly ResultRow[]> {
  const instance = await openDuckDB(file === undefined ? {} : { file, readOnly: true });
  const connection = await connect(instance);
  try {
    return await askRows(connection, sql);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function parquet(folder: string, query: string): Promise<string> {
  const file = join(folder, "rows.parquet");
  await ask(`COPY (${query}) TO ${quoteLiteral(file)} (FORMAT parquet)`);
  return file;
}

async function load(
  warehouse: string,
  file: string,
  snapshot: string,
  types: readonly { readonly name: string; readonly type: "bigint" | "text" | "timestamp" }[] = columns,
): Promise<Loaded> {
  const open = await openWarehouse(warehouse);
  try {
    return await open.load({
      table: "orders",
      columns: types,
      snapshot,
      run: `run of ${snapshot}`,
      rows: 2,
      seconds: 0.25,
      files: [file],
      onto: null,
    });
  } finally {
    await open.close();
  }
}

test("a table is loaded whole, and what it was loaded from is known", async () => {
  const folder = temporaryFolder();
  const warehouse = join(folder, "warehouse.duckdb");
  const file = await parquet(folder, "SELECT 1 AS id, 'ada' AS name UNION ALL SELECT 2, 'max'");
  const loaded = await load(warehouse, file, "8954597067493422955");
  expect(loaded).toMatchObject({ snapshot: "8954597067493422955", run: "run of 8954597067493422955", rows: 2, seconds: 0.25 });
  expect(Date.parse(loaded.time)).toBeGreaterThan(Date.now() - 60_000);
  const open = await openWarehouse(warehouse);
  expect(await open.loaded("orders")).toEqual(loaded);
  expect(await open.loaded("customers")).toBeNull();
  await open.close();
  expect(await ask("SELECT * FROM orders ORDER BY id", warehouse)).toEqual([
    { id: 1, name: "ada" },
    { id: 2, name: "max" },
  ]);
});

test("loading again replaces the rows, and columns that have changed", async () => {
  const folder = temporaryFolder();
  const warehouse = join(folder, "warehouse.duckdb");
  await load(warehouse, await parquet(folder, "SELECT 1 AS id, 'ada' AS name"), "1");
  await load(warehouse, await parquet(folder, "SELECT 1 AS id, TIMESTAMP '2026-01-05 09:30:00' AS at"), "2", [
    { name: "id", type: "bigint" },
    { name: "at", type: "timestamp" },
  ]);
  expect(await ask("SELECT * FROM orders", warehouse)).toEqual([{ id: 1, at: "2026-01-05T09:30:00Z" }]);
  expect(await ask("SELECT name, snapshot FROM _millwright_loads", warehouse)).toEqual([{ name: "orders", snapshot: "2" }]);
});

test("a load that fails leaves rows and snapshot as they were", async () => {
  const folder = temporaryFolder();
  const warehouse = join(folder, "warehouse.duckdb");
  await load(warehouse, await parquet(folder, "SELECT 1 AS id, 'ada' AS name"), "1");
  await expect(load(warehouse, await parquet(folder, "SELECT 'x' AS id, 'max' AS name"), "2")).rejects.toThrow(/convert|cast/i);
  expect(await ask("SELECT * FROM orders", warehouse)).toEqual([{ id: 1, name: "ada" }]);
  expect(await ask("SELECT snapshot FROM _millwright_loads", warehouse)).toEqual([{ snapshot: "1" }]);
});

test("while another process has the file open, a load waits", async () => {
  const folder = temporaryFolder();
  const warehouse = join(folder, "warehouse.duckdb");
  const file = await parquet(folder, "SELECT 1 AS id, 'ada' AS name");
  const holder = startScript("../warehouse/hold-file.ts", [warehouse]);
  expect(await holder.line()).toBe("open");
  const began = performance.now();
  await load(warehouse, file, "1");
  expect(performance.now() - began).toBeGreaterThan(500);
  expect(await holder.end()).toBe(0);
  expect(await ask("SELECT id FROM orders", warehouse)).toEqual([{ id: 1 }]);
});
