import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkPlatform } from "../../src/define/check.ts";
import { lineageOf } from "../../src/govern/lineage.ts";
import { sendOpenLineage } from "../../src/govern/openlineage-send.ts";
import type { OpenLineageEvent } from "../../src/govern/openlineage.ts";
import { environmentOf } from "../../src/run/bind.ts";
import { statusOf } from "../../src/run/status.ts";
import { openShop, shopPlatform, shopSteps } from "../run/shop.ts";

test("after a real run: all is fresh, lineage names the snapshots and columns that were read, and OpenLineage gets each step", async () => {
  const shop = openShop();
  const definition = shopPlatform();
  const { directory } = shop;
  const environment = environmentOf(definition, "local");
  const where = { definition, environment, directory };
  const status = () => Object.fromEntries(statusOf(where).assets.map((asset) => [asset.name, asset.status]));
  expect(new Set(Object.values(status()))).toEqual(new Set(["missing"]));
  const first = await shop.run(definition);
  expect(first.outcome).toBe("succeeded");
  expect(status()).toEqual(Object.fromEntries(shopSteps.map((name) => [name, "fresh"])));
  expect(statusOf(where).assets.find(({ name }) => name === "orders_clean")).toMatchObject({
    rows: 4,
    snapshot: shop.snapshots()["orders_clean"],
    detail: "1 in orders_clean_quarantine",
  });

  const lineage = lineageOf({ ...where, name: "orders_known", column: "amount" });
  expect(lineage.asset.run).toBe(first.run);
  expect(lineage.asset.inputs).toEqual(["orders_clean", "customers"].map((name) => ({ name, snapshot: shop.snapshots()[name] })));
  expect(lineage.column?.upstream.columns.map(({ table, column }) => `${table}.${column}`)).toEqual([
    "orders_known.amount",
    "orders_clean.amount",
    "orders.amount",
    "ops.orders.amount",
  ]);
  // The check agrees with what the run made.
  const { lock, problems } = await checkPlatform({ definition, directory });
  expect(problems).toEqual([]);
  for (const [table, columns] of Object.entries(lock.tables))
    expect(Object.fromEntries((shop.heads().get(table)?.schema ?? []).map(({ name, type }) => [name, type]))).toEqual(columns);

  const target = join(directory, "lineage.ndjson");
  const notes: string[] = [];
  await sendOpenLineage({ ...where, run: first.run, target, note: (text) => notes.push(text) });
  expect(notes).toEqual([]);
  const events = (await readFile(target, "utf8"))
    .trim()
    .split("\n")
    .map((line): OpenLineageEvent => JSON.parse(line));
  const ended = events.filter(({ eventType }) => eventType === "COMPLETE").map(({ job }) => job.name);
  expect(ended.toSorted()).toEqual(["shop", ...shopSteps.map((step) => `shop.${step}`)].toSorted());
  const clean = events.find(({ job, eventType }) => job.name === "shop.orders_clean" && eventType === "COMPLETE");
  expect(clean?.outputs.map(({ name, outputFacets }) => [name, outputFacets?.["outputStatistics"]?.["rowCount"]])).toEqual([
    ["shop.orders_clean", 4],
    ["shop.orders_clean_quarantine", 1],
  ]);

  shop.source("DROP TABLE customers");
  const second = await shop.run(definition);
  expect(second.outcome).toBe("failed");
  expect(status()).toMatchObject({ customers: "failed", orders: "fresh", sales: "fresh" });
  expect(statusOf(where).healthy).toBe(false);
  shop.source(
    "CREATE TABLE customers (name TEXT PRIMARY KEY, country TEXT); INSERT INTO customers VALUES ('ada', 'GB'), ('max', 'DE'), ('mia', 'DE')",
  );
  expect((await shop.run(definition)).outcomes["customers"]).toBe("unchanged");
  expect(statusOf(where).healthy).toBe(true);
}, 120_000);
