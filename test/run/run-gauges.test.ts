import { join } from "node:path";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { openHeads } from "../../src/lake/catalog/heads.ts";
import { openJournal, type NewEvent } from "../../src/run/journal.ts";
import { runGauges } from "../../src/run/run-gauges.ts";
import { statePaths } from "../../src/run/state.ts";
import { openShop, shopPlatform } from "./shop.ts";
import { temporaryFolder } from "./temporary.ts";

/** The gauges over a journal that a test writes, and no tables. */
function gauges(): { tell(...events: readonly NewEvent[]): void; read(): Promise<Map<string, number>> } {
  const folder = temporaryFolder();
  const journal = openJournal(join(folder, "journal.sqlite"));
  const registry = new Registry();
  runGauges(registry, { definition: shopPlatform(), journal, heads: openHeads(folder, "shop") });
  return { tell: (...events) => journal.appendAll(events), read: () => valuesOf(registry) };
}

async function valuesOf(registry: Registry): Promise<Map<string, number>> {
  const lines = (await registry.metrics()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]));
}

const begins = (run: string, ...assets: readonly string[]): NewEvent => ({ type: "run.started", run, body: { assets, full: false } });
const fails = (run: string, asset: string): NewEvent => ({ type: "asset.failed", run, asset, body: { reason: "x", seconds: 1 } });
const ends = (run: string, outcome: string, seconds = 2): NewEvent => ({ type: "run.finished", run, body: { outcome, seconds } });
const failed = 'millwright_asset_failed{asset="orders"}';
const load = 'millwright_asset_failed{asset="warehouse.sales"}';

test("nothing has run: no run has a time, and no asset has failed", async () => {
  const values = await gauges().read();
  expect([...values.keys()].filter((name) => name.includes("_run_"))).toEqual(["millwright_run_seconds"]);
  expect(values.get(failed)).toBe(0);
});

test("an asset stands as failed until a later run of everything, or a successful one of it, has done better", async () => {
  const { tell, read } = gauges();
  tell(begins("r1"), fails("r1", "orders"), fails("r1", "warehouse.sales"), ends("r1", "failed", 7));
  let values = await read();
  expect([values.get(failed), values.get(load), values.get("millwright_run_seconds")]).toEqual([1, 1, 7]);
  expect(values.get('millwright_run_finished_timestamp_seconds{outcome="failed"}')).toBeGreaterThan(0);

  // Another asset, a run that somebody ended, and one of it that failed again: nothing is better.
  tell(begins("r2", "customers"), ends("r2", "succeeded"), begins("r3"), ends("r3", "cancelled"));
  tell(begins("r4", "orders"), fails("r4", "orders"), ends("r4", "failed"));
  values = await read();
  expect([values.get(failed), values.get(load)]).toEqual([1, 1]);

  tell(begins("r5", "orders", "sales"), ends("r5", "succeeded"));
  values = await read();
  expect([values.get(failed), values.get(load) ?? 0]).toEqual([0, 0]);

  tell(begins("r6"), fails("r6", "orders"), ends("r6", "failed"), begins("r7"), fails("r7", "warehouse.sales"), ends("r7", "failed"));
  values = await read();
  expect([values.get(failed), values.get(load)]).toEqual([0, 1]);
});

test("a table is fresh since its newest commit, and since the beginning of a later run that found nothing to do", async () => {
  const shop = openShop();
  await shop.run();
  const paths = statePaths(shop.directory, "local");
  using journal = openJournal(paths.journal);
  const heads = openHeads(paths.state, "shop");
  const registry = new Registry();
  runGauges(registry, { definition: shopPlatform(), journal, heads });
  const [committed, fresh] = ["committed", "fresh"].map((which) => `millwright_table_${which}_timestamp_seconds{table="orders"}`);
  const before = await valuesOf(registry);
  expect(before.get('millwright_table_rows{table="orders"}')).toBe(5);
  expect(before.get(fresh ?? "")).toBe(before.get(committed ?? ""));
  expect([...before.keys()].filter((name) => name.includes("quarantine"))).toEqual([]);
  await shop.run();
  const after = await valuesOf(registry);
  expect(after.get(committed ?? "")).toBe(before.get(committed ?? ""));
  expect(after.get(fresh ?? "")).toBeGreaterThan(before.get(fresh ?? "") ?? Number.NaN);
  heads.close();
});
