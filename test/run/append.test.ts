import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { environment, platform, source, table, type Definition } from "../../src/index.ts";
import { readHistory } from "../../src/lake/catalog/heads.ts";
import { files } from "../../src/systems/index.ts";
import { openShop, type Shop } from "./shop.ts";

const readings = source("raw").table("readings", { columns: { id: "bigint", at: "text", value: "double" } });
const clean = table("clean", readings)
  .convert({ at: "timestamp" })
  .fill({ value: { constant: 0 } })
  .derive((r) => ({ high: r.value.greaterThan(10) }))
  .check({ value: { between: [-100, 100] } })
  .load();
const typical = table("typical", readings).fill({ value: "median" });

function shopOf(archived: boolean): { shop: Shop; definition: Definition; arrive: (name: string, ...rows: readonly string[]) => void } {
  const shop = openShop();
  const definition = platform({
    name: "shop",
    assets: [clean, typical],
    environments: { local: environment({ raw: files({ directory: ".", tables: { readings: { path: "arrived-*.csv", archived } } }) }) },
  });
  const arrive = (name: string, ...rows: readonly string[]) =>
    writeFileSync(join(shop.directory, `arrived-${name}.csv`), ["id,at,value", ...rows, ""].join("\n"));
  return { shop, definition, arrive };
}

const operations = (shop: Shop, name: string) =>
  readHistory(join(shop.directory, ".millwright/local"), "shop", name).map(({ operation }) => operation);

test("of a table that follows row by row from files that arrive, only new rows are read, made and loaded; it is as if made anew", async () => {
  const { shop, definition, arrive } = shopOf(false);
  arrive("1", "1,2026-01-01T00:00:00Z,5", "2,2026-01-01T00:01:00Z,", "3,soon,7");
  await shop.run(definition);
  arrive("2", "4,2026-01-02T00:00:00Z,50", "5,2026-01-02T00:01:00Z,500");
  const second = await shop.run(definition);
  expect(second.outcomes).toMatchObject({ readings: "updated", clean: "updated", typical: "updated", "warehouse.clean": "updated" });
  expect(operations(shop, "readings")).toEqual(["append", "append"]);
  expect(operations(shop, "clean")).toEqual(["append", "append"]);
  // A median is of all rows.
  expect(operations(shop, "typical")).toEqual(["append", "overwrite"]);
  const tables = ["lake.clean", "warehouse.clean", "lake.clean_quarantine", "lake.typical"];
  const contents = async () => Promise.all(tables.map((name) => shop.ask(`SELECT * FROM ${name} ORDER BY ALL`)));
  const grown = await contents();
  expect(grown.map((rows) => rows.length)).toEqual([3, 3, 2, 5]);
  expect((await shop.run(definition)).outcomes["warehouse.clean"]).toBe("unchanged");
  await shop.run(definition, { full: true });
  expect(operations(shop, "clean").at(-1)).toBe("overwrite");
  expect(await contents()).toEqual(grown);
  // A changed file is no addition.
  arrive("1", "1,2026-01-01T00:00:00Z,6");
  await shop.run(definition);
  expect(await shop.ask("SELECT id, value FROM warehouse.clean ORDER BY id")).toEqual([
    { id: 1, value: 6 },
    { id: 4, value: 50 },
  ]);
});

test("files that are archived after they were read leave their rows, and nothing of them in the position", async () => {
  const { shop, definition, arrive } = shopOf(true);
  await expect(shop.run(definition)).resolves.toMatchObject({ outcome: "failed" });
  arrive("1", "1,2026-01-01T00:00:00Z,5");
  await shop.run(definition);
  rmSync(join(shop.directory, "arrived-1.csv"));
  expect((await shop.run(definition)).outcome).toBe("succeeded");
  arrive("2", "2,2026-01-02T00:00:00Z,6");
  const last = await shop.run(definition);
  expect(last.outcomes["clean"]).toBe("updated");
  expect(await shop.ask("SELECT id FROM warehouse.clean ORDER BY id")).toEqual([{ id: 1 }, { id: 2 }]);
  expect(Object.keys(JSON.parse(shop.heads().get("readings")?.summary["millwright.position"] ?? "{}"))).toEqual(["arrived-2.csv"]);
});
