import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { contentHash } from "../../src/define/canonical.ts";
import { openJournal, type JournalEvent } from "../../src/run/journal.ts";
import { statePaths } from "../../src/run/state.ts";
import { openShop, outcomes } from "./shop.ts";

const essence = (events: readonly JournalEvent[]) =>
  events
    .map(({ type, time, asset, run, body }) => ({ type, time, asset, run, body }))
    .toSorted((a, b) => (contentHash(a) < contentHash(b) ? -1 : 1));

test("a lost journal is rebuilt from the commits, equal to the first one", async () => {
  const shop = openShop();
  await shop.run();
  shop.source("INSERT INTO orders VALUES (6, 'max', 5, '2026-01-09T00:00:00Z'), (7, 'max', -5, '2026-01-09T01:00:00Z')");
  await shop.run();
  const before = shop.events({ type: "asset.committed" });
  const loads = shop.events({ type: "load.committed" });
  expect(before.filter(({ asset }) => asset === "orders_clean_quarantine")).toHaveLength(2);
  const { journal } = statePaths(shop.directory, "local");
  for (const suffix of ["", "-wal", "-shm"]) rmSync(`${journal}${suffix}`, { force: true });
  const again = await shop.run();
  expect(essence(shop.events({ type: "asset.committed" }))).toEqual(essence(before));
  // Of the warehouse the newest load is known, of a metric nothing.
  expect(essence(shop.events({ type: "load.committed" }))).toEqual(essence(loads.slice(-1)));
  // The tables stand; the warehouse knows its snapshot by itself.
  expect(again.outcomes).toEqual(outcomes("unchanged", { "warehouse.sales": "unchanged", orders_total: "created" }));
  using rebuilt = openJournal(journal);
  expect(rebuilt.verify()).toBeNull();
});

test("a rebuilt journal tells the commits in their order", async () => {
  const shop = openShop();
  await shop.run();
  shop.source("INSERT INTO orders VALUES (6, 'max', 5, '2026-01-09T00:00:00Z')");
  await shop.run();
  const { journal } = statePaths(shop.directory, "local");
  for (const suffix of ["", "-wal", "-shm"]) rmSync(`${journal}${suffix}`, { force: true });
  await shop.run();
  const told = shop.events({ type: "asset.committed" });
  expect(told.map(({ time }) => time)).toEqual(told.map(({ time }) => time).toSorted());
  for (const { asset, body } of told) {
    const inputs = Object.values(typeof body["inputs"] === "object" && body["inputs"] !== null ? body["inputs"] : {});
    const position = told.findIndex((event) => event.asset === asset && event.body["snapshot"] === body["snapshot"]);
    for (const input of inputs) expect(told.findIndex((event) => event.body["snapshot"] === input)).toBeLessThan(position);
  }
});

test("the journal of two runs holds its chain and tells each commit once", async () => {
  const shop = openShop();
  await shop.run();
  await shop.run(undefined, { full: true });
  const snapshots = shop.events({ type: "asset.committed" }).map(({ body }) => body["snapshot"]);
  expect(new Set(snapshots).size).toBe(snapshots.length);
  using journal = openJournal(statePaths(shop.directory, "local").journal);
  expect(journal.verify()).toBeNull();
});
