import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { boostedTrees, endpoint, environment, model, platform, source, type Definition } from "../../src/index.ts";
import { openRegistry } from "../../src/registry/registry.ts";
import { statePaths } from "../../src/run/state.ts";
import { sqlite } from "../../src/systems/index.ts";
import { openShop, type Shop } from "./shop.ts";

/** Orders that are paid late when they are large, a model that learns it, and its endpoint. */
function lateModel({ trees = 5, auc = 0.6 }: { readonly trees?: number; readonly auc?: number } = {}): Definition {
  const payments = source("ops").table("payments", {
    key: "id",
    cursor: "at",
    columns: { id: "bigint", amount: "double", country: "text", late: "integer", at: "timestamp" },
  });
  const late = model("late", {
    from: payments,
    target: "late",
    ignore: ["id"],
    split: { by: "at", test: "last 5 days" },
    train: boostedTrees({ trees }),
    accept: { auc: `>= ${auc}` },
  });
  return platform({
    name: "shop",
    assets: [endpoint("score", { model: late })],
    environments: { local: environment({ ops: sqlite({ file: "shop.sqlite" }) }) },
  });
}

function paymentsShop(): Shop {
  const shop = openShop();
  const insert = (from: number, to: number) => `WITH RECURSIVE n (id) AS (SELECT ${from} UNION ALL SELECT id + 1 FROM n WHERE id < ${to})
    INSERT INTO payments SELECT id, id * 37 % 100, CASE id % 3 WHEN 0 THEN 'DE' ELSE 'GB' END, id * 37 % 100 > 60, strftime('%Y-%m-%dT%H:%M:%SZ', 1767225600 + id * 3600, 'unixepoch') FROM n`;
  shop.source(`CREATE TABLE payments (id BIGINT PRIMARY KEY, amount DOUBLE, country TEXT, late INTEGER, at TIMESTAMP); ${insert(1, 600)}`);
  return shop;
}

function registered(shop: Shop): readonly string[] {
  const registry = openRegistry(statePaths(shop.directory, "local").models);
  try {
    return registry.list("late").map(({ version, status, aliases }) => [version, status, ...aliases].join(" "));
  } finally {
    registry.close();
  }
}

const served = (shop: Shop) => shop.events({ type: "endpoint.released" }).map(({ body }) => body["version"]);

test("a model is trained once for its declaration and data, and its endpoint follows its champion", async () => {
  const shop = paymentsShop();
  const first = await shop.run(lateModel());
  expect(first.outcomes).toEqual({ payments: "created", late: "created", score: "created" });
  expect(first.detail("late")).toMatch(/version 1, AUC (0\.9|1\.0)/);
  const second = await shop.run(lateModel());
  expect(second.outcomes).toEqual({ payments: "unchanged", late: "unchanged", score: "unchanged" });
  const changed = await shop.run(lateModel({ trees: 7 }));
  expect(changed.outcomes).toEqual({ payments: "unchanged", late: "updated", score: "updated" });
  expect(registered(shop)).toEqual(["1 accepted", "2 accepted champion"]);
  expect(served(shop)).toEqual([1, 2]);
});

test("going back to an earlier declaration serves the earlier model again, without training", async () => {
  const shop = paymentsShop();
  await shop.run(lateModel());
  await shop.run(lateModel({ trees: 7 }));
  const back = await shop.run(lateModel());
  expect(back.outcomes).toEqual({ payments: "unchanged", late: "updated", score: "updated" });
  expect(registered(shop)).toEqual(["1 accepted champion", "2 accepted"]);
  expect(served(shop)).toEqual([1, 2, 1]);
  const again = await shop.run(lateModel());
  expect(again.outcomes).toEqual({ payments: "unchanged", late: "unchanged", score: "unchanged" });
});

test("an alias that somebody moved stays moved", async () => {
  const shop = paymentsShop();
  await shop.run(lateModel());
  await shop.run(lateModel({ trees: 7 }));
  const registry = openRegistry(statePaths(shop.directory, "local").models);
  registry.alias("late", "champion", 1);
  registry.close();
  const again = await shop.run(lateModel({ trees: 7 }));
  expect(again.outcomes).toEqual({ payments: "unchanged", late: "unchanged", score: "updated" });
  expect(registered(shop)).toEqual(["1 accepted champion", "2 accepted"]);
});

test("a model that misses its gate is kept as rejected, and the old one goes on serving", async () => {
  const shop = paymentsShop();
  await shop.run(lateModel());
  const worse = await shop.run(lateModel({ auc: 1.5 }));
  expect(worse.outcome).toBe("succeeded");
  expect(worse.detail("late")).toMatch(/version 2, .*REJECTED: .*the champion stays/);
  expect(worse.outcomes["score"]).toBe("unchanged");
  expect(registered(shop)).toEqual(["1 accepted champion", "2 rejected"]);
  expect(shop.events({ type: "model.rejected" })).toHaveLength(1);
  const again = await shop.run(lateModel({ auc: 1.5 }));
  expect(again.outcomes).toEqual({ payments: "unchanged", late: "unchanged", score: "unchanged" });
});

test("without any accepted version the endpoint fails and says what to do", async () => {
  const shop = paymentsShop();
  const first = await shop.run(lateModel({ auc: 1.5 }));
  expect(first.outcomes).toEqual({ payments: "created", late: "created", score: "failed" });
  expect(first.detail("score")).toContain("no version of late has passed its gate");
});

test("new rows train a new version", async () => {
  const shop = paymentsShop();
  await shop.run(lateModel());
  shop.source("INSERT INTO payments VALUES (700, 80, 'DE', 1, '2026-01-27T00:00:00Z')");
  const second = await shop.run(lateModel());
  expect(second.outcomes).toEqual({ payments: "updated", late: "updated", score: "updated" });
  expect(registered(shop)).toEqual(["1 accepted", "2 accepted champion"]);
});

test("the events of a lost journal are told again by the registry, equal to the first ones", async () => {
  const shop = paymentsShop();
  await shop.run(lateModel());
  await shop.run(lateModel({ trees: 7 }));
  const before = shop.events({ type: "model.registered" });
  const { journal } = statePaths(shop.directory, "local");
  for (const suffix of ["", "-wal", "-shm"]) rmSync(`${journal}${suffix}`, { force: true });
  const again = await shop.run(lateModel({ trees: 7 }));
  expect(again.outcomes).toEqual({ payments: "unchanged", late: "unchanged", score: "created" });
  const told = shop.events({ type: "model.registered" });
  expect(told.map(({ time, asset, run, body }) => ({ time, asset, run, body }))).toEqual(
    before.map(({ time, asset, run, body }) => ({ time, asset, run, body })),
  );
});
