import { existsSync, mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkPlatform } from "../../src/define/check.ts";
import { maintenance, type MaintenanceOptions } from "../../src/define/maintenance.ts";
import type { Definition } from "../../src/define/node.ts";
import { environmentOf } from "../../src/run/bind.ts";
import { startScheduler } from "../../src/run/scheduler.ts";
import { openJournal } from "../../src/run/journal.ts";
import { runPlatform } from "../../src/run/run.ts";
import { silent } from "../../src/run/report.ts";
import { statePaths } from "../../src/run/state.ts";
import { statusOf } from "../../src/run/status.ts";
import { openShop, outcomes, shopPlatform, type Shop } from "./shop.ts";
import { eventually } from "./script.ts";

/** The shop with a maintenance of all its tables. */
function maintained(options: MaintenanceOptions): Definition {
  const shop = shopPlatform();
  return { ...shop, assets: [...shop.assets, maintenance("nightly", options).node] };
}

const all: MaintenanceOptions = { compact: {}, expire: { olderThan: "0 seconds", keepLast: 1 }, orphans: { olderThan: "1 hour" } };

/** Runs twice, so that the orders have two small files, and what is built from them an earlier snapshot. */
async function twoCommits(shop: Shop, definition: Definition): Promise<void> {
  await shop.run(definition);
  shop.source("INSERT INTO orders VALUES (6, 'ada', 6, '2026-02-01T00:00:00Z')");
  await shop.run(definition);
}

function assetStatus(shop: Shop, definition: Definition, name: string): unknown {
  return statusOf({ definition, environment: environmentOf(definition, "local"), directory: shop.directory }).assets.find(
    (asset) => asset.name === name,
  );
}

test("maintenance that is named puts files together, and nothing is stale after it", { timeout: 120_000 }, async () => {
  const shop = openShop();
  const definition = maintained(all);
  await twoCommits(shop, definition);
  const rows = await shop.ask("SELECT * FROM lake.shop.orders ORDER BY id");
  expect(shop.events({ type: "maintenance.finished" })).toEqual([]);
  const ran = await shop.run(definition, { assets: ["nightly"] });
  expect(ran.outcomes).toEqual({ nightly: "updated" });
  expect(ran.detail("nightly")).toMatch(/files became \d+, \d+ snapshots expired/);
  expect(await shop.ask("SELECT * FROM lake.shop.orders ORDER BY id")).toEqual(rows);

  const [finished] = shop.events({ type: "maintenance.finished" });
  expect(finished?.body).toMatchObject({ filesAfter: expect.any(Number), snapshots: expect.any(Number), orphans: 0 });
  expect(shop.events({ type: "table.maintained", asset: "orders" })).toHaveLength(1);
  expect(shop.heads().get("orders")?.summary["operation"]).toBe("replace");
  expect(assetStatus(shop, definition, "nightly")).toMatchObject({ status: "fresh", detail: expect.stringMatching(/files became/) });

  expect((await shop.run(definition)).outcomes).toEqual(outcomes("unchanged"));
  expect(assetStatus(shop, definition, "orders_clean")).toMatchObject({ status: "fresh" });
  shop.source("INSERT INTO orders VALUES (8, 'mia', 8, '2026-03-01T00:00:00Z')");
  expect((await shop.run(definition)).outcomes).toEqual(outcomes("updated", { customers: "unchanged" }));
});

test("a run of everything leaves maintenance alone until its schedule is due", { timeout: 120_000 }, async () => {
  const shop = openShop();
  expect((await shop.run(maintained(all))).outcomes).toEqual(outcomes("created"));
  const yearly = maintained({ ...all, schedule: "0 0 1 1 *" });
  // Never done is due at once; then not before the next year.
  expect((await shop.run(yearly)).outcomes).toMatchObject({ nightly: expect.stringMatching(/updated|unchanged/) });
  expect((await shop.run(yearly)).outcomes).toEqual(outcomes("unchanged"));
  expect((await shop.run(yearly, { assets: ["orders_clean"] })).outcomes).toEqual({ orders: "unchanged", orders_clean: "unchanged" });
  expect((await shop.run(yearly, { assets: ["nightly"] })).outcomes).toEqual({ nightly: expect.any(String) });
});

test("what a table was made from, and what killed runs staged, is kept or removed as it is needed", { timeout: 120_000 }, async () => {
  const shop = openShop();
  const definition = maintained({ ...all, tables: ["orders"] });
  await twoCommits(shop, definition);
  const read = shop.heads().get("orders_clean")?.summary["millwright.inputs"] ?? "{}";
  const staged = join(shop.directory, ".millwright", "local", "lake", "staging");
  mkdirSync(staged, { recursive: true });
  for (const [name, age] of [
    ["old.parquet", 7200],
    ["young.parquet", 60],
  ] as const) {
    writeFileSync(join(staged, name), "rows");
    utimesSync(join(staged, name), Date.now() / 1000 - age, Date.now() / 1000 - age);
  }
  await shop.run(definition, { assets: ["nightly"] });
  expect([existsSync(join(staged, "old.parquet")), existsSync(join(staged, "young.parquet"))]).toEqual([false, true]);
  const needed: Readonly<Record<string, string>> = JSON.parse(read);
  expect(await shop.ask(`SELECT count(*)::INTEGER AS n FROM lake.shop.orders AT (VERSION => ${needed["orders"]})`)).toEqual([{ n: 6 }]);
  // Other tables were not named.
  expect(shop.events({ type: "table.maintained" }).map(({ asset }) => asset)).toEqual(["orders"]);
});

test("a table that cannot be maintained leaves the others to be; the step fails", { timeout: 120_000 }, async () => {
  const shop = openShop();
  const definition = { ...maintained(all), steps: { attempts: 1, timeoutSeconds: null } };
  await twoCommits(shop, definition);
  const [file] = await shop.ask("SELECT DISTINCT filename FROM lake.shop.orders");
  rmSync(String(file?.["filename"]).replace("file://", ""));
  const ran = await shop.run(definition, { assets: ["nightly"] });
  expect(ran.outcomes).toEqual({ nightly: "failed" });
  expect(ran.notes).toContainEqual(expect.stringMatching(/^nightly: orders could not be maintained/));
  const maintainedTables = shop.events({ type: "table.maintained" }).map(({ asset }) => asset);
  expect(maintainedTables).toContain("orders_clean");
  expect(maintainedTables).not.toContain("orders");
  expect(assetStatus(shop, definition, "nightly")).toMatchObject({ status: "failed" });
  expect(shop.events({ type: "maintenance.finished" })).toEqual([]);
});

test("check names tables that are not there", async () => {
  const shop = openShop();
  const definition = maintained({ compact: { below: "64 MB", into: "32 MB" }, tables: ["orders", "ordrs"] });
  const { problems } = await checkPlatform({ definition, directory: shop.directory, offline: true });
  expect(problems.map(({ code, what, fix }) => ({ code, what, fix })).filter(({ what }) => what.includes("nightly"))).toEqual([
    {
      code: "unknown-asset",
      what: "the maintenance 'nightly' names the table 'ordrs', and there is none",
      fix: expect.stringContaining("orders"),
    },
    { code: "bad-maintenance", what: expect.stringContaining("small enough"), fix: expect.any(String) },
  ]);
});

test.for([
  [{}, "bad-maintenance"],
  [{ orphans: { olderThan: "5 minutes" } }, "bad-maintenance"],
  [{ expire: { olderThan: "7 days", keepLast: 0 } }, "bad-maintenance"],
  [{ compact: { below: "0 MB" } }, "bad-size"],
  [{ compact: {}, schedule: "sometimes" }, "bad-schedule"],
] as const)("%j is refused where it is declared", ([options, code]) => {
  expect(() => maintenance("nightly", options)).toThrow(expect.objectContaining({ problem: expect.objectContaining({ code }) }));
});

test("the scheduler does what is due, once, and again when it is due again", { timeout: 120_000 }, async () => {
  const shop = openShop();
  const definition = { ...maintained({ ...all, schedule: "every 1 minute" }), schedule: { text: "every 1 hour", every: 3600, cron: null } };
  using journal = openJournal(statePaths(shop.directory, "local").journal);
  const notes: string[] = [];
  const asked: (readonly string[])[] = [];
  const scheduler = startScheduler({
    definition,
    journal,
    note: (text) => notes.push(text),
    interval: 50,
    async perform(assets, signal) {
      asked.push(assets);
      const options = { definition, environment: environmentOf(definition, "local"), directory: shop.directory };
      await runPlatform({ ...options, assets, signal, wait: true, reporter: silent });
    },
  });
  try {
    expect(
      await eventually(
        () => shop.events({ type: "maintenance.finished" }).length > 0 && shop.events({ type: "run.finished" }).length > 0,
        90,
      ),
    ).toBe(true);
  } finally {
    await scheduler.stop();
  }
  // The whole run did the maintenance too, which was never done: it is not done twice.
  expect(asked).toEqual([[]]);
  expect(notes).toEqual(["shop is due (every 1 hour)"]);
});
