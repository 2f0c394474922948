import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { noteOf } from "../../src/lake/note.ts";
import { statePaths } from "../../src/run/state.ts";
import { openShop, outcomes, shopPlatform } from "./shop.ts";

test("a first run creates every asset, and its notes say from what", async () => {
  const shop = openShop();
  const first = await shop.run();
  expect(first.outcome).toBe("succeeded");
  expect(first.outcomes).toEqual(outcomes("created"));
  expect(first.planned.map(({ action }) => action)).toEqual(Array.from({ length: 7 }, () => "create"));
  // The median of 8, 12.5, 20 and 900.
  expect(await shop.ask("SELECT id, amount FROM orders_clean ORDER BY id")).toEqual([
    { id: 1, amount: 12.5 },
    { id: 2, amount: 8 },
    { id: 3, amount: 20 },
    { id: 4, amount: 16.25 },
  ]);
  expect(await shop.ask("SELECT * FROM sales ORDER BY country")).toEqual([
    { country: "DE", orders: 2, amount: 24.25 },
    { country: "GB", orders: 2, amount: 32.5 },
  ]);
  expect(first.detail("orders_total")).toBe("4");
  const note = noteOf(shop.heads().get("orders_known")?.summary ?? {});
  const { orders_clean, customers } = shop.snapshots();
  expect(note).toMatchObject({ run: first.run, inputs: { orders_clean, customers }, rows: 4 });
  expect(noteOf(shop.heads().get("orders")?.summary ?? {})?.position).toMatchObject({
    cursor: "at",
    last: expect.stringContaining("2026-01-07"),
  });
});

test("rows that fail a check stand in the quarantine with the reason", async () => {
  const shop = openShop();
  const first = await shop.run();
  expect(first.detail("orders_clean")).toBe("1 in orders_clean_quarantine");
  const [row, ...others] = await shop.ask("SELECT * FROM orders_clean_quarantine");
  expect(others).toEqual([]);
  expect(row?.["reason"]).toMatch(/amount.*(0|100)/);
  expect(row?.["raw"]).toContain("900");
  const again = await shop.run(shopPlatform({ most: 1000 }));
  expect(again.detail("orders_clean")).toBeNull();
  expect(await shop.ask("SELECT * FROM orders_clean_quarantine")).toEqual([]);
});

test("an unchanged rerun does nothing: no snapshot, no event but its own, no catalog, no engine", async () => {
  const shop = openShop();
  await shop.run();
  const before = shop.snapshots();
  const events = shop.events().length;
  let processes = 0;
  const started = () => void (processes += 1);
  subscribe("child_process", started);
  const again = await shop.run();
  unsubscribe("child_process", started);
  expect(again.outcomes).toEqual(outcomes("unchanged"));
  expect(shop.snapshots()).toEqual(before);
  expect(
    shop
      .events()
      .slice(events)
      .map(({ type }) => type),
  ).toEqual(["run.started", "run.finished"]);
  // The engine cannot be without the catalog, which is a process.
  expect(processes).toBe(0);
});

test("a changed row rebuilds exactly what depends on it", async () => {
  const shop = openShop();
  await shop.run();
  const before = shop.snapshots();
  shop.source("UPDATE orders SET amount = 10, at = '2026-01-08T00:00:00Z' WHERE id = 1");
  const second = await shop.run();
  expect(second.outcomes).toEqual(outcomes("updated", { customers: "unchanged" }));
  const changed = Object.entries(shop.snapshots()).filter(([table, snapshot]) => snapshot !== before[table]);
  expect(changed.map(([table]) => table).toSorted()).toEqual([
    "orders",
    "orders_clean",
    "orders_clean_quarantine",
    "orders_known",
    "sales",
  ]);
  expect(await shop.ask("SELECT id, amount FROM orders ORDER BY id")).toEqual([
    { id: 1, amount: 10 },
    { id: 2, amount: 8 },
    { id: 3, amount: 20 },
    { id: 4, amount: null },
    { id: 5, amount: 900 },
  ]);
  expect(await shop.ask("SELECT amount FROM sales WHERE country = 'GB'")).toEqual([{ amount: 30 }]);
});

test("a source that was touched but not changed makes no snapshot", async () => {
  const shop = openShop();
  await shop.run();
  const before = shop.snapshots();
  shop.source("CREATE TABLE elsewhere (x INTEGER)");
  const again = await shop.run();
  expect(again.outcomes).toEqual(outcomes("unchanged"));
  expect(shop.snapshots()).toEqual(before);
});

test("a new row is appended, a deleted one goes where the source gives the whole table", async () => {
  const shop = openShop();
  await shop.run();
  shop.source("INSERT INTO orders VALUES (6, 'max', 5, '2026-01-09T00:00:00Z'); DELETE FROM customers WHERE name = 'ada'");
  const second = await shop.run();
  expect(second.outcomes).toEqual(outcomes("updated"));
  expect(await shop.ask("SELECT name FROM customers ORDER BY name")).toEqual([{ name: "max" }, { name: "mia" }]);
  expect(await shop.ask("SELECT country, orders FROM sales ORDER BY country NULLS FIRST")).toEqual([
    { country: null, orders: 2 },
    { country: "DE", orders: 3 },
  ]);
});

test("without a cursor a row that was deleted at the source is deleted here", async () => {
  const shop = openShop();
  const definition = shopPlatform({ cursor: false });
  await shop.run(definition);
  shop.source("DELETE FROM orders WHERE id IN (1, 3)");
  const second = await shop.run(definition);
  expect(second.outcome).toBe("succeeded");
  expect(await shop.ask("SELECT id FROM orders ORDER BY id")).toEqual([{ id: 2 }, { id: 4 }, { id: 5 }]);
});

test("a source that has become empty empties its table", async () => {
  const shop = openShop();
  await shop.run();
  shop.source("DELETE FROM customers");
  await shop.run();
  expect(await shop.ask("SELECT count(*) AS n FROM customers")).toEqual([{ n: 0 }]);
});

test("a changed declaration rebuilds the table and what depends on it, nothing else", async () => {
  const shop = openShop();
  await shop.run();
  const again = await shop.run(shopPlatform({ most: 1000 }));
  expect(again.planned.find(({ asset }) => asset === "orders_clean")).toMatchObject({
    action: "rebuild",
    reason: "its declaration changed",
  });
  expect(again.outcomes).toEqual(outcomes("updated", { orders: "unchanged", customers: "unchanged" }));
  expect(again.detail("orders_total")).toBe("5");
});

test("--full extracts and rebuilds all, and the rows stay the same", async () => {
  const shop = openShop();
  await shop.run();
  const before = shop.snapshots();
  const rows = await shop.ask("SELECT * FROM orders ORDER BY id");
  const again = await shop.run(shopPlatform(), { full: true });
  expect(again.outcome).toBe("succeeded");
  expect(again.outcomes).toEqual(outcomes("updated"));
  for (const [table, snapshot] of Object.entries(shop.snapshots())) expect(snapshot, table).not.toBe(before[table]);
  expect(await shop.ask("SELECT * FROM orders ORDER BY id")).toEqual(rows);
});

test("only what is named, and what it needs, is brought up to date", async () => {
  const shop = openShop();
  const first = await shop.run(shopPlatform(), { assets: ["orders_clean"] });
  expect(first.outcomes).toEqual({ orders: "created", orders_clean: "created" });
  expect([...shop.heads().keys()].toSorted()).toEqual(["orders", "orders_clean", "orders_clean_quarantine"]);
  const second = await shop.run();
  expect(second.outcomes).toEqual(outcomes("created", { orders: "unchanged", orders_clean: "unchanged" }));
});

test("a failing source leaves out its dependents and says why; all else is done, and the next run goes on", async () => {
  const shop = openShop();
  shop.source("ALTER TABLE customers RENAME TO clients");
  const first = await shop.run();
  expect(first.outcome).toBe("failed");
  expect(first.outcomes).toEqual(
    outcomes("skipped", { orders: "created", orders_clean: "created", orders_total: "created", customers: "failed" }),
  );
  expect(first.detail("customers")).toContain("has no table 'customers'");
  expect(first.detail("customers")).toMatch(/at .*shop\.ts:\d+/);
  expect(first.detail("sales")).toBe("customers failed");
  expect(shop.events({ type: "asset.failed" }).map(({ asset }) => asset)).toEqual(["customers"]);
  shop.source("ALTER TABLE clients RENAME TO customers");
  const second = await shop.run();
  expect(second.outcomes).toEqual(outcomes("created", { orders: "unchanged", orders_clean: "unchanged", orders_total: "unchanged" }));
});

test("the warehouse holds what the lake holds, and loading it twice changes nothing", async () => {
  const shop = openShop();
  await shop.run();
  const loaded = await shop.ask("SELECT name, snapshot, run, loaded_at FROM _millwright_loads");
  expect(loaded).toHaveLength(1);
  expect(loaded[0]?.["snapshot"]).toBe(shop.snapshots()["sales"]);
  await shop.run();
  expect(await shop.ask("SELECT name, snapshot, run, loaded_at FROM _millwright_loads")).toEqual(loaded);
  expect(
    await shop.ask(
      "(FROM warehouse.main.sales EXCEPT ALL FROM lake.shop.sales) UNION ALL (FROM lake.shop.sales EXCEPT ALL FROM warehouse.main.sales)",
    ),
  ).toEqual([]);
});

test("a deleted warehouse is loaded anew, every table of it", async () => {
  const shop = openShop();
  const plain = shopPlatform();
  const definition = { ...plain, assets: plain.assets.map((asset) => (asset.kind === "table" ? { ...asset, load: true } : asset)) };
  await shop.run(definition);
  rmSync(statePaths(shop.directory, "local").warehouse);
  const again = await shop.run(definition);
  const loads = Object.entries(again.outcomes).filter(([step]) => step.startsWith("warehouse."));
  expect(loads.map(([, outcome]) => outcome)).toEqual(["created", "created", "created"]);
  expect(await shop.ask("SELECT name FROM _millwright_loads ORDER BY name")).toEqual([
    { name: "orders_clean" },
    { name: "orders_known" },
    { name: "sales" },
  ]);
});

test("a metric is measured anew when its table changes, with the run and the snapshot that it was measured on", async () => {
  const shop = openShop();
  const first = await shop.run();
  shop.source("INSERT INTO orders VALUES (6, 'max', 5, '2026-01-09T00:00:00Z')");
  const before = shop.snapshots()["orders_clean"];
  const second = await shop.run();
  const told = shop.events({ type: "metric.measured" });
  expect(told.map(({ run, body }) => [run, body["value"], body["inputs"]])).toEqual([
    [first.run, 4, { orders_clean: before }],
    [second.run, 5, { orders_clean: shop.snapshots()["orders_clean"] }],
  ]);
});

test("older snapshots still give the older rows", async () => {
  const shop = openShop();
  await shop.run();
  const before = shop.snapshots()["orders"];
  shop.source(
    "UPDATE orders SET amount = 10, at = '2026-01-08T00:00:00Z' WHERE id = 1; INSERT INTO orders VALUES (6, 'max', 5, '2026-01-09T00:00:00Z')",
  );
  await shop.run();
  await shop.run(shopPlatform(), { full: true });
  expect(await shop.ask(`SELECT id, amount FROM lake.shop.orders AT (VERSION => ${before}) ORDER BY id`)).toEqual([
    { id: 1, amount: 12.5 },
    { id: 2, amount: 8 },
    { id: 3, amount: 20 },
    { id: 4, amount: null },
    { id: 5, amount: 900 },
  ]);
  expect(await shop.ask("SELECT count(*) AS n FROM orders")).toEqual([{ n: 6 }]);
});
