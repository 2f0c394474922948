import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { boostedTrees, endpoint, environment, model, platform, source, type Definition } from "../../src/index.ts";
import { tellAliases } from "../../src/registry/event.ts";
import { openRegistry, type Registry } from "../../src/registry/registry.ts";
import { environmentOf } from "../../src/run/bind.ts";
import { openJournal } from "../../src/run/journal.ts";
import { statePaths } from "../../src/run/state.ts";
import { statusOf } from "../../src/run/status.ts";
import { up } from "../../src/run/up.ts";
import { sqlite } from "../../src/systems/index.ts";
import { openShop, type Shop } from "../run/shop.ts";
import { paymentsSql } from "../train/search/platform.ts";

function scored({
  trees,
  approval,
  tracker = false,
}: {
  readonly trees: number;
  readonly approval?: "required";
  readonly tracker?: boolean;
}): Definition {
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
    accept: { auc: ">= 0.6" },
    ...(approval === undefined ? {} : { approval }),
  });
  // Another system as the tracker is none: what is bound wrongly must hold up no training either.
  const bindings = { ops: sqlite({ file: "shop.sqlite" }), ...(tracker ? { tracker: sqlite({ file: "shop.sqlite" }) } : {}) };
  return platform({ name: "shop", assets: [endpoint("score", { model: late })], environments: { local: environment(bindings) } });
}

function paymentsShop(): Shop {
  const shop = openShop();
  shop.source(paymentsSql);
  return shop;
}

/** Decides as `millwright model` does. */
function decide(shop: Shop, work: (registry: Registry) => void): void {
  const paths = statePaths(shop.directory, "local");
  const registry = openRegistry(paths.models);
  using journal = openJournal(paths.journal);
  work(registry);
  tellAliases(registry, journal);
  registry.close();
}

const ada = { by: "ada", because: "complaints" };
const statusNow = (shop: Shop, definition: Definition) =>
  Object.fromEntries(
    statusOf({ definition, environment: environmentOf(definition, "local"), directory: shop.directory }).assets.map(
      ({ name, status, detail }) => [name, detail === null ? status : `${status}: ${detail}`],
    ),
  );

test("what serves goes back with its model in one step, and later runs leave it there", async () => {
  const shop = paymentsShop();
  await shop.run(scored({ trees: 5 }));
  const definition = scored({ trees: 7 });
  await shop.run(definition);
  const running = await up({
    definition,
    environment: environmentOf(definition, "local"),
    directory: shop.directory,
    signal: new AbortController().signal,
    port: 0,
    note: () => undefined,
  });
  onTestFinished(() => running.stop());
  const served = async (): Promise<unknown> => {
    const text = await (await fetch(`${running.doors.inference.http}/v2/models/score`)).text();
    const reply: { readonly versions?: readonly unknown[] } = JSON.parse(text);
    return reply.versions?.at(-1);
  };
  expect(await served()).toBe("2");
  decide(shop, (registry) => registry.rollBack("late", ada));
  while ((await served()) !== "1") await sleep(50);
  expect(statusNow(shop, definition)["score"]).toBe("stale: late has another champion");
  const { outcomes } = await shop.run(definition);
  expect(outcomes).toEqual({ payments: "unchanged", late: "unchanged", score: "updated" });
  expect(statusNow(shop, definition)).toEqual({ payments: "fresh", late: "fresh", score: "fresh" });
});

test("a model that has to be approved waits, is served only then, and runs meanwhile leave things as they are", async () => {
  const shop = paymentsShop();
  await shop.run(scored({ trees: 5 }));
  const definition = scored({ trees: 7, approval: "required" });
  const ran = await shop.run(definition);
  expect(ran.detail("late")).toMatch(/^version 2, AUC .*, waits for its approval: millwright model approve late@2 --because/);
  expect(ran.outcomes["score"]).toBe("unchanged");
  expect(statusNow(shop, definition)).toEqual({ payments: "fresh", late: "fresh: version 2 waits for its approval", score: "fresh" });
  expect((await shop.run(definition)).outcomes).toEqual({ payments: "unchanged", late: "unchanged", score: "unchanged" });
  decide(shop, (registry) => registry.approve("late", 2, ada));
  expect((await shop.run(definition)).outcomes["score"]).toBe("updated");
  expect(shop.events({ type: "endpoint.released" }).map(({ body }) => body["version"])).toEqual([1, 2]);
  expect(shop.events({ type: "model.approved" }).map(({ body }) => [body["version"], body["by"], body["because"]])).toEqual([
    [2, "ada", "complaints"],
  ]);
  expect(statusNow(shop, definition)).toEqual({ payments: "fresh", late: "fresh", score: "fresh" });
});

test("a tracker that cannot be reached fails no training: it is noted and told to the journal", async () => {
  const shop = paymentsShop();
  const ran = await shop.run(scored({ trees: 5, tracker: true }));
  expect(ran.outcomes).toEqual({ payments: "created", late: "created", score: "created" });
  expect(ran.notes).toEqual([
    expect.stringContaining("late could not be told to sqlite, the next run tries again: SQLite cannot be the tracker"),
  ]);
  expect(shop.events({ type: "tracker.failed" })).toHaveLength(1);
  await shop.run(scored({ trees: 5, tracker: true }));
  expect(shop.events({ type: "tracker.failed" })).toHaveLength(2);
});
