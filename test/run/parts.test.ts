import { rmSync } from "node:fs";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { expect, test, vi } from "vitest";
import type { Definition } from "../../src/index.ts";
import { readHistory } from "../../src/lake/catalog/heads.ts";
import { noteOf } from "../../src/lake/note.ts";
import { environmentOf } from "../../src/run/bind.ts";
import { openLakehouse, type Lakehouse } from "../../src/run/lakehouse.ts";
import { statusOf, type AssetStatus } from "../../src/run/status.ts";
import { statePaths } from "../../src/run/state.ts";
import { connect, openDuckDB } from "../../src/systems/duckdb/connection.ts";
import { attachLake } from "../../src/systems/duckdb/engine.ts";
import { randomNumbers } from "../../src/random.ts";
import { eventsPlatform, expectEqual, openEvents } from "./events.ts";
import type { Ran, Shop } from "./shop.ts";

let lastId = 0;
// Dozens of runs, each with a catalog and an engine of its own.
vi.setConfig({ testTimeout: 300_000 });

/** An event on a day of January 2026 (from 0), at an hour. */
function event(shop: Shop, day: number, hour: number, place = "ada", amount = 5): number {
  lastId += 1;
  shop.source(
    `INSERT INTO events VALUES (${lastId}, '${new Date(Date.UTC(2026, 0, 1 + day, hour)).toISOString()}', '${place}', ${amount})`,
  );
  return lastId;
}

/** The parts that the newest run made of a table, in their order. */
function partsOf(shop: Shop, { run }: Ran, name = "events_parted"): string[] {
  return readHistory(statePaths(shop.directory, "local").state, "shop", name).flatMap(({ summary }) => {
    const note = noteOf(summary);
    return note?.run === run && note.part !== undefined ? [note.part] : [];
  });
}

test("only the parts whose input has changed are made again, and those that look back into them", async () => {
  const shop = openEvents();
  for (const day of [0, 1, 2, 5]) for (const hour of [1, 12, 23]) event(shop, day, hour);
  const first = await shop.run(eventsPlatform());
  expect(partsOf(shop, first)).toEqual(["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-06"]);
  expect(first.detail("events_parted")).toBe("4 parts made, 0 as they were");
  await expectEqual(shop);

  const second = await shop.run(eventsPlatform());
  expect(second.outcomes["events_parted"]).toBe("unchanged");

  event(shop, 1, 22, "max", 1000);
  const third = await shop.run(eventsPlatform());
  expect(partsOf(shop, third)).toEqual(["2026-01-02", "2026-01-03"]);
  expect(partsOf(shop, third, "events_by_day")).toEqual(["2026-01-02"]);
  expect(third.detail("events_parted")).toBe("2 parts made, 2 as they were");
  await expectEqual(shop);

  shop.source("DELETE FROM events WHERE at >= '2026-01-06'");
  const fourth = await shop.run(eventsPlatform());
  expect(partsOf(shop, fourth)).toEqual(["2026-01-06"]);
  await expectEqual(shop);

  shop.source("UPDATE customers SET country = 'AT' WHERE name = 'ada'");
  expect(partsOf(shop, await shop.run(eventsPlatform()))).toHaveLength(4);
  await expectEqual(shop);
});

test("each part is one snapshot of whole files, without deletes", async () => {
  const shop = openEvents();
  for (let day = 0; day < 4; day += 1) for (const hour of [1, 12, 23]) event(shop, day, hour);
  for (const partitioned of [true, false]) {
    const definition = eventsPlatform({ partitioned, most: partitioned ? 90 : 80 });
    await shop.run(definition);
    const before = readHistory(statePaths(shop.directory, "local").state, "shop", "events_parted").length;
    event(shop, 1, 3);
    await shop.run(definition);
    const history = readHistory(statePaths(shop.directory, "local").state, "shop", "events_parted");
    // Two parts, and the commit that says that all are made.
    expect(history.length - before).toBe(3);
    expect(history.at(-1)?.summary).toMatchObject({ "total-data-files": "4", "total-delete-files": "0", "millwright.parts": "day of at" });
    expect(history.at(-2)?.summary).toMatchObject({ "added-data-files": "1", "deleted-data-files": "1", "millwright.part": "2026-01-03" });
    await expectEqual(shop);
  }
});

test("a range of parts is made anew, changed or not, and the plan says so; the others wait for a run without one", async () => {
  const shop = openEvents();
  for (const day of [0, 1, 2, 40]) event(shop, day, 5);
  const definition = eventsPlatform();
  const backfill = (from: string | null, to: string | null) => ({
    assets: ["events_parted"],
    backfill: { assets: ["events_parted"], from: from && `${from}T00:00:00.000Z`, to: to && `${to}T00:00:00.000Z` },
  });
  const first = await shop.run(definition, backfill("2026-01-02", "2026-02-01"));
  expect(first.planned.find(({ asset }) => asset === "events_parted")).toMatchObject({
    action: "update",
    reason: "its parts from 2026-01-02 to 2026-02-01 anew",
  });
  expect(partsOf(shop, first)).toEqual(["2026-01-02", "2026-01-03"]);
  expect(first.detail("events_parted")).toBe("2 parts made, 2 are missing or stale");
  expect(standing(shop, definition)).toMatchObject({ status: "stale", detail: "only 2 of its parts are known to stand" });

  const second = await shop.run(definition);
  expect(partsOf(shop, second)).toEqual(["2026-01-01", "2026-02-10"]);
  expect(standing(shop, definition)).toMatchObject({ status: "fresh", detail: "4 parts" });
  await expectEqual(shop);

  const third = await shop.run(definition, backfill(null, "2026-01-02"));
  expect(partsOf(shop, third)).toEqual(["2026-01-01"]);
  expect(third.detail("events_parted")).toBe("1 part made, 3 as they were");
  expect(standing(shop, definition)).toMatchObject({ status: "fresh" });
  expect((await shop.run(definition)).outcomes["events_parted"]).toBe("unchanged");
});

test("a table that was made as a whole, or by other parts, begins anew; months are parts too", async () => {
  const shop = openEvents();
  for (const day of [0, 1, 30, 31, 59, 400]) event(shop, day, 5);
  await shop.run(eventsPlatform({ by: "day" }));
  const months = await shop.run(eventsPlatform({ by: "month" }));
  expect(partsOf(shop, months)).toEqual(["2026-01", "2026-02", "2026-03", "2027-02"]);
  await expectEqual(shop);
  event(shop, 58, 3);
  // The second of March looks back into February; the last of February belongs to it.
  expect(partsOf(shop, await shop.run(eventsPlatform({ by: "month" })))).toEqual(["2026-02", "2026-03"]);
  await expectEqual(shop);
});

test("another program's commit makes every part doubtful, and a lost journal none", async () => {
  const shop = openEvents();
  for (const day of [0, 1, 2]) event(shop, day, 5);
  const definition = eventsPlatform();
  await shop.run(definition);
  rmSync(statePaths(shop.directory, "local").journal);
  const rebuilt = await shop.run(definition);
  expect(rebuilt.outcomes["events_parted"]).toBe("unchanged");
  expect(shop.events({ type: "asset.committed", asset: "events_parted" })).toHaveLength(4);

  const lakehouse = await openLakehouse({
    environment: environmentOf(definition, "local"),
    paths: statePaths(shop.directory, "local"),
    namespace: "shop",
  });
  const [client, instance] = await attached(lakehouse);
  await client.run("DELETE FROM lake.shop.events_parted WHERE id % 2 = 0");
  client.closeSync();
  instance.closeSync();
  await lakehouse.close();
  expect(shop.heads().get("events_parted")?.parts).toEqual({});
  expect(partsOf(shop, await shop.run(definition))).toHaveLength(3);
  await expectEqual(shop);
});

test("rows without a time belong to no part, and are not dropped in silence", async () => {
  const shop = openEvents();
  event(shop, 0, 5);
  shop.source("INSERT INTO events VALUES (999999, NULL, 'ada', 5)");
  const ran = await shop.run(eventsPlatform());
  expect(ran.outcomes["events_parted"]).toBe("failed");
  expect(ran.detail("events_parted")).toContain("1 rows of events have no at, and so no day of events_parted that they belong to");
});

test("whatever comes, goes and changes in whatever order, the parts are the whole", async () => {
  const random = randomNumbers(20260122);
  const pick = (most: number) => Math.floor(random() * most);
  const shop = openEvents();
  const definition = eventsPlatform();
  const ids: number[] = [];
  const places = ["ada", "max", "mia", "nobody"];
  for (let round = 0; round < 3; round += 1) {
    for (let change = 0; change < 12; change += 1) {
      const some = ids[pick(ids.length)];
      const kind = random();
      if (some === undefined || kind < 0.6) ids.push(event(shop, pick(9), pick(24), places[pick(4)], pick(100)));
      else if (kind < 0.8)
        shop.source(
          `UPDATE events SET at = strftime('%Y-%m-%dT%H:%M:%SZ', at, '${pick(3) - 1} days'), amount = ${pick(100)} WHERE id = ${some}`,
        );
      else shop.source(`DELETE FROM events WHERE id = ${some}`);
    }
    const from = Date.UTC(2026, 0, 1 + pick(9));
    const range = { assets: ["events_parted"], from: new Date(from).toISOString(), to: new Date(from + 2 * 86_400_000).toISOString() };
    if (random() < 0.6) await shop.run(definition, { assets: ["events_parted"], backfill: range });
    await shop.run(definition);
    await expectEqual(shop);
  }
});

function standing(shop: Shop, definition: Definition): AssetStatus | undefined {
  const { assets } = statusOf({ definition, environment: environmentOf(definition, "local"), directory: shop.directory });
  return assets.find(({ name }) => name === "events_parted");
}

/** Another program with the lake attached. */
async function attached(lakehouse: Lakehouse): Promise<[DuckDBConnection, DuckDBInstance]> {
  const instance = await openDuckDB();
  const connection = await connect(instance);
  await attachLake(connection, lakehouse);
  return [connection, instance];
}
