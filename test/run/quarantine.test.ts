import { expect, test } from "vitest";
import { openShop } from "./shop.ts";

test("a bad row that the source gives again stands in quarantine once, and makes no snapshot", async () => {
  const shop = openShop();
  shop.source("INSERT INTO orders VALUES (6, 'max', 'plenty', '2026-01-09T00:00:00Z')");
  await shop.run();
  const quarantined = await shop.ask("SELECT * FROM orders_quarantine");
  expect(quarantined).toHaveLength(1);
  expect(quarantined[0]?.["raw"]).toContain("plenty");
  const before = shop.snapshots();
  // The file changes, so the source is asked again, and gives the rows at the cursor's last value.
  shop.source("CREATE TABLE other (id BIGINT)");
  const again = await shop.run();
  expect(again.outcomes["orders"]).toBe("unchanged");
  expect(shop.snapshots()).toEqual(before);
  shop.source("INSERT INTO orders VALUES (7, 'max', 'a lot', '2026-01-10T00:00:00Z')");
  const third = await shop.run();
  expect(third.detail("orders")).toBe("1 in orders_quarantine");
  const raws = (await shop.ask("SELECT raw FROM orders_quarantine")).map(({ raw }) => String(raw));
  expect(raws.filter((raw) => raw.includes("plenty"))).toHaveLength(1);
  expect(raws.filter((raw) => raw.includes("a lot"))).toHaveLength(1);
});

test("a full extract empties the quarantine of rows that have become good", async () => {
  const shop = openShop();
  shop.source("INSERT INTO orders VALUES (6, 'max', 'plenty', '2026-01-09T00:00:00Z')");
  await shop.run();
  shop.source("UPDATE orders SET amount = 5 WHERE id = 6");
  await shop.run(undefined, { full: true });
  expect(await shop.ask("SELECT * FROM orders_quarantine")).toEqual([]);
  expect(await shop.ask("SELECT amount FROM orders WHERE id = 6")).toEqual([{ amount: 5 }]);
});
