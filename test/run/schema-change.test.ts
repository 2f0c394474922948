import { expect, test } from "vitest";
import { openShop, outcomes, shopPlatform } from "./shop.ts";

test("a new column at the source appears, is recorded, and the rows that stand keep their values", async () => {
  const shop = openShop();
  await shop.run();
  const before = await shop.ask("SELECT id, customer, amount FROM orders ORDER BY id");
  shop.source("ALTER TABLE orders ADD COLUMN voucher TEXT; INSERT INTO orders VALUES (6, 'max', 5, '2026-01-09T00:00:00Z', 'SPRING')");
  const second = await shop.run();
  expect(second.outcome).toBe("succeeded");
  expect(await shop.ask("SELECT id, voucher FROM orders WHERE voucher IS NOT NULL")).toEqual([{ id: 6, voucher: "SPRING" }]);
  expect(await shop.ask("SELECT id, customer, amount FROM orders WHERE id < 6 ORDER BY id")).toEqual(before);
  expect(await shop.ask("SELECT voucher FROM orders_clean WHERE id = 6")).toEqual([{ voucher: "SPRING" }]);
  expect(shop.events({ type: "schema.changed" }).map(({ asset, body }) => [asset, body["changes"]])).toEqual([
    ["orders", [{ kind: "added", column: "voucher", type: "text" }]],
  ]);
});

test("a column that the source has lost stays, empty from now on, and is recorded once", async () => {
  const shop = openShop();
  await shop.run();
  shop.source("ALTER TABLE orders DROP COLUMN amount; INSERT INTO orders VALUES (6, 'max', '2026-01-09T00:00:00Z')");
  const second = await shop.run(shopPlatform(), { assets: ["orders"] });
  expect(second.outcomes).toEqual({ orders: "updated" });
  // Order 5 lies at the cursor's last value and is read again.
  expect(await shop.ask("SELECT id, amount FROM orders ORDER BY id")).toEqual([
    { id: 1, amount: 12.5 },
    { id: 2, amount: 8 },
    { id: 3, amount: 20 },
    { id: 4, amount: null },
    { id: 5, amount: null },
    { id: 6, amount: null },
  ]);
  expect(shop.events({ type: "schema.changed" })).toHaveLength(1);
  shop.source("INSERT INTO orders VALUES (7, 'max', '2026-01-10T00:00:00Z')");
  await shop.run(shopPlatform(), { assets: ["orders"] });
  expect(shop.events({ type: "schema.changed" })).toHaveLength(1);
});

test("a wider type is taken over without losing a value", async () => {
  const shop = openShop();
  shop.source(
    "CREATE TABLE counts (id BIGINT PRIMARY KEY, n INTEGER, at TIMESTAMP); INSERT INTO orders VALUES (6, 'max', 5, '2026-01-09T00:00:00Z'); DROP TABLE orders; ALTER TABLE counts RENAME TO orders; INSERT INTO orders VALUES (1, 7, '2026-01-05T09:30:00Z')",
  );
  await shop.run(shopPlatform(), { assets: ["orders"] });
  shop.source("INSERT INTO orders VALUES (2, 5000000000, '2026-01-06T09:30:00Z')");
  const second = await shop.run(shopPlatform(), { assets: ["orders"] });
  expect(second.outcomes).toEqual({ orders: "updated" });
  expect(await shop.ask("SELECT id, n FROM orders ORDER BY id")).toEqual([
    { id: 1, n: 7 },
    { id: 2, n: 5_000_000_000 },
  ]);
  expect(shop.events({ type: "schema.changed" }).map(({ body }) => body["changes"])).toEqual([
    [{ kind: "widened", column: "n", from: "integer", to: "bigint" }],
  ]);
});

test("a retyped column is refused with the declaration's place, and the table stays as it was", async () => {
  const shop = openShop();
  await shop.run();
  const before = shop.snapshots();
  shop.source(
    "ALTER TABLE orders RENAME COLUMN amount TO old; ALTER TABLE orders ADD COLUMN amount TEXT; ALTER TABLE orders DROP COLUMN old; UPDATE orders SET amount = 'a lot'",
  );
  const second = await shop.run();
  expect(second.outcome).toBe("failed");
  expect(second.outcomes).toEqual(outcomes("skipped", { orders: "failed", customers: "unchanged" }));
  expect(second.detail("orders")).toMatch(/column amount is now text, and was agreed as double/);
  expect(second.detail("orders")).toMatch(/at .*shop\.ts:\d+/);
  expect(second.detail("orders")).toContain("--full");
  expect(shop.snapshots()).toEqual(before);
  const forced = await shop.run(shopPlatform(), { assets: ["orders"], full: true, allowDestroy: ["orders"] });
  expect(forced.outcome).toBe("succeeded");
  expect(await shop.ask("SELECT DISTINCT amount FROM orders")).toEqual([{ amount: "a lot" }]);
});

test("a full extract that would lose rows is refused until it is allowed by name", async () => {
  const shop = openShop();
  await shop.run();
  shop.source("DELETE FROM orders WHERE id = 2");
  const refused = await shop.run(shopPlatform(), { full: true });
  expect(refused.outcomes["orders"]).toBe("failed");
  expect(refused.detail("orders")).toMatch(/gives 4 rows where the table has 5/);
  expect(refused.detail("orders")).toContain("--allow-destroy orders");
  expect(refused.detail("orders")).toMatch(/at .*shop\.ts:\d+/);
  expect(await shop.ask("SELECT count(*) AS n FROM orders")).toEqual([{ n: 5 }]);
  const other = await shop.run(shopPlatform(), { full: true, allowDestroy: ["customers"], assets: ["orders"] });
  expect(other.outcomes["orders"]).toBe("failed");
  const allowed = await shop.run(shopPlatform(), { full: true, allowDestroy: ["orders"], assets: ["orders"] });
  expect(allowed.outcomes["orders"]).toBe("updated");
  expect(await shop.ask("SELECT count(*) AS n FROM orders")).toEqual([{ n: 4 }]);
});

test("a table that is no longer declared is kept, and the plan says so", async () => {
  const shop = openShop();
  await shop.run();
  const before = shop.snapshots();
  const fewer = { ...shopPlatform(), assets: shopPlatform().assets.filter(({ name }) => ["orders", "customers"].includes(name)) };
  const second = await shop.run(fewer);
  expect(
    second.planned
      .filter(({ action }) => action === "kept")
      .map(({ asset }) => asset)
      .toSorted(),
  ).toEqual(["orders_clean", "orders_clean_quarantine", "orders_known", "sales"]);
  expect(shop.snapshots()).toEqual(before);
});

test("another binding of the source means extracting anew, and losing rows by it must be allowed", async () => {
  const shop = openShop();
  await shop.run();
  const other = shopPlatform({ file: "./shop.sqlite" });
  const second = await shop.run(other);
  expect(second.planned.find(({ asset }) => asset === "orders")).toMatchObject({ action: "rebuild" });
  expect(second.outcome).toBe("succeeded");
  shop.source("DELETE FROM orders WHERE id = 1");
  const third = await shop.run(shopPlatform());
  expect(third.detail("orders")).toContain("--allow-destroy orders");
});
