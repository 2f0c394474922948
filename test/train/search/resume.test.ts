import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { ModelNode } from "../../../src/index.ts";
import { openRegistry } from "../../../src/registry/registry.ts";
import type { ModelVersion } from "../../../src/registry/version.ts";
import { statePaths } from "../../../src/run/state.ts";
import { openShop, type Shop } from "../../run/shop.ts";
import { paymentsSql, searchPlatform } from "./platform.ts";

const child = fileURLToPath(new URL("./search-once.ts", import.meta.url));

/** Brings the platform up to date in a process of its own, which kills itself at a crash point. */
function runAndDie(shop: Shop, crash: string): void {
  const { signal, stderr } = spawnSync(process.execPath, [child, shop.directory], {
    encoding: "utf8",
    env: { ...process.env, MILLWRIGHT_CRASH: crash },
  });
  expect(signal, stderr).toBe("SIGKILL");
}

function paymentsShop(): Shop {
  const shop = openShop();
  shop.source(paymentsSql);
  return shop;
}

function newest(shop: Shop): ModelVersion {
  const registry = openRegistry(statePaths(shop.directory, "local").models);
  try {
    return registry.resolve("late");
  } finally {
    registry.close();
  }
}

const trialsOf = (shop: Shop) => shop.events({ type: "trial.finished", asset: "late" });
/** Which trials were tried in which run, and what they gave. */
const given = (shop: Shop) =>
  trialsOf(shop)
    .map(({ body }) => ({ trial: body["trial"], parameters: body["parameters"], folds: body["folds"], value: body["value"] }))
    .toSorted((a, b) => Number(a.trial) - Number(b.trial));

test("a search that is killed goes on after the trials that finished, and ends as an undisturbed one", async () => {
  const undisturbed = paymentsShop();
  expect((await undisturbed.run(searchPlatform())).detail("late")).toMatch(/^version 1, AUC/);
  const whole = newest(undisturbed);

  const shop = paymentsShop();
  runAndDie(shop, "trial-finished:2");
  expect(trialsOf(shop)).toHaveLength(2);
  runAndDie(shop, "trial-finished:3");
  expect(trialsOf(shop)).toHaveLength(5);
  const { outcomes } = await shop.run(searchPlatform());
  expect(outcomes["late"]).toBe("created");
  // Six trials, none of them twice, and with the figures of the undisturbed search.
  expect(given(shop)).toEqual(given(undisturbed));
  expect(new Set(trialsOf(shop).map(({ run }) => run)).size).toBe(3);
  const resumed = newest(shop);
  expect(resumed.description.search?.parameters).toEqual(whole.description.search?.parameters);
  expect(resumed.description.parameters).toEqual(whole.description.parameters);
  expect(resumed.files["search.json"]).toEqual(whole.files["search.json"]);
  expect(resumed.description.metrics).toEqual(whole.description.metrics);
  const again = await shop.run(searchPlatform());
  expect(again.outcomes["late"]).toBe("unchanged");
  expect(trialsOf(shop)).toHaveLength(6);
});

test("a search that asks for more, or goes by another figure, tries only what is new; other rows are tried anew; all is told", async () => {
  const shop = paymentsShop();
  const change = (search: Partial<NonNullable<ModelNode["search"]>>, accept: ModelNode["accept"] = {}) =>
    searchPlatform((node) => ({ ...node, accept, search: node.search === null ? null : { ...node.search, trials: 3, ...search } }));
  await shop.run(change({}));
  expect(trialsOf(shop)).toHaveLength(3);
  await shop.run(change({ trials: 4 }));
  expect(trialsOf(shop)).toHaveLength(4);
  await shop.run(change({ trials: 4, metric: "logLoss", better: "less" }, { auc: { atLeast: 0.5 } }));
  expect(trialsOf(shop)).toHaveLength(4);
  expect(newest(shop)).toMatchObject({ version: 3, description: { search: { metric: "logLoss" } } });
  await shop.run(change({ trials: 4, folds: 2 }));
  expect(trialsOf(shop)).toHaveLength(8);

  const [event] = trialsOf(shop);
  expect(event?.body).toMatchObject({
    trial: expect.any(Number),
    round: 1,
    parameters: { leaves: expect.any(Number), learningRate: expect.any(Number) },
    folds: [1, 2, 3].map(() => expect.objectContaining({ auc: expect.any(Number), logLoss: expect.any(Number) })),
    histories: [1, 2, 3].map(() =>
      expect.objectContaining({ validationLoss: expect.arrayContaining([{ step: 8, value: expect.any(Number) }]) }),
    ),
    value: expect.any(Number),
    seconds: expect.any(Number),
    inputs: { payments: expect.any(String) },
  });
  const card = readFileSync(join(newest(shop).directory, "card.md"), "utf8");
  expect(card).toContain("## Search of parameters");
  expect(card).toMatch(
    /By random \(seed 1\), 4 trials, each judged by its mean auc over 2 folds .* \(more is better\)\. Trial \d trained the model\./,
  );
  expect(card).toMatch(
    /\| trial \| leaves \| learningRate \| auc \| auc by fold \| seconds \|\n\| --- .*\n(\| \d \| \d \| 0\.\d+ \| 0\.\d+ \| 0\.\d+, 0\.\d+ \| \d+\.\d \|\n){4}/,
  );
});
