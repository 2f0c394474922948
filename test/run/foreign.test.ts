import { expect, test } from "vitest";
import { localLake } from "../../src/lake/local.ts";
import { startCatalog } from "../../src/lake/catalog/start.ts";
import { statePaths } from "../../src/run/state.ts";
import { connect, openDuckDB } from "../../src/systems/duckdb/connection.ts";
import { attachLake } from "../../src/systems/duckdb/engine.ts";
import { openShop, outcomes, shopPlatform } from "./shop.ts";

/** Changes the lake as another program would that knows the catalog. */
async function writeElsewhere(directory: string, sql: string): Promise<void> {
  const catalog = await startCatalog({ directory: statePaths(directory, "local").state });
  const instance = await openDuckDB();
  const connection = await connect(instance);
  try {
    await attachLake(connection, { catalog, lake: localLake(statePaths(directory, "local").state) });
    await connection.run(sql);
  } finally {
    connection.closeSync();
    instance.closeSync();
    await catalog.stop();
  }
}

test("another program's commit to a source's table loses neither rows nor position", async () => {
  const shop = openShop();
  await shop.run();
  await writeElsewhere(shop.directory, "INSERT INTO lake.shop.orders VALUES (90, 'mia', 50, TIMESTAMP '2026-01-01 00:00:00')");
  // What the source no longer keeps must not go because somebody wrote to the table.
  shop.source("DELETE FROM orders WHERE id = 1; INSERT INTO orders VALUES (6, 'max', 5, '2026-01-09T00:00:00Z')");
  const again = await shop.run();
  expect(again.outcomes).toEqual(outcomes("updated", { customers: "unchanged" }));
  expect((await shop.ask("SELECT id FROM orders ORDER BY id")).map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 90]);
  expect((await shop.ask("SELECT id FROM orders_clean ORDER BY id")).map(({ id }) => id)).toEqual([1, 2, 3, 4, 6, 90]);
});

test("another program's commit to a built table is undone by building it again", async () => {
  const shop = openShop();
  await shop.run();
  await writeElsewhere(shop.directory, "DELETE FROM lake.shop.orders_known WHERE id = 2");
  const again = await shop.run();
  expect(again.outcomes).toEqual(outcomes("unchanged", { orders_known: "updated", sales: "updated", "warehouse.sales": "updated" }));
  expect((await shop.ask("SELECT id FROM orders_known ORDER BY id")).map(({ id }) => id)).toEqual([1, 2, 3, 4]);
});

test("a write that does not know of the newest snapshot is refused and changes nothing", async () => {
  const shop = openShop();
  await shop.run(shopPlatform(), { assets: ["orders"] });
  const before = shop.snapshots()["orders"] ?? null;
  const { state } = statePaths(shop.directory, "local");
  const { openDuckDBEngine } = await import("../../src/systems/duckdb/engine.ts");
  const catalog = await startCatalog({ directory: state });
  const engine = await openDuckDBEngine({ namespace: "shop", catalog, lake: localLake(state), state });
  try {
    const write = (query: string, onto: string | null) =>
      engine.write({
        table: "orders",
        columns: [{ name: "id", type: "bigint" }],
        mode: "append",
        key: [],
        query,
        rejected: null,
        onto,
        note: { run: "r", definition: "d", inputs: {}, position: null, fingerprint: null, fitted: null },
        began: performance.now(),
      });
    await write("SELECT 100 AS id", before);
    await expect(write("SELECT 101 AS id", before)).rejects.toMatchObject({ problem: { code: "commit-conflict" } });
    await expect(write("SELECT 102 AS id", null)).rejects.toThrow("orders has got the snapshot");
    expect(await engine.ask("SELECT id FROM lake.shop.orders WHERE id >= 100")).toEqual([{ id: 100 }]);
    await write("SELECT 103 AS id", shop.snapshots()["orders"] ?? null);
  } finally {
    await engine.close();
    await catalog.stop();
  }
});
