import { Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { openRegistry, type Registry as ModelRegistry } from "../../src/registry/registry.ts";
import { openJournal, type Journal } from "../../src/run/journal.ts";
import { dueRetraining, retrainDue, type Due } from "../../src/run/retrain.ts";
import { statePaths } from "../../src/run/state.ts";
import type { ModelNode, RetrainOptions } from "../../src/index.ts";
import { registration } from "../registry/registration.ts";
import { openShop, type Shop } from "./shop.ts";
import { temporaryFolder } from "./temporary.ts";
import { paymentsBetween, watchedPlatform, watchedTables, type WatchedOptions } from "./watched.ts";

function watchedShop(): Shop {
  const shop = openShop();
  shop.source(watchedTables);
  return shop;
}

function versions(shop: Shop): readonly string[] {
  const registry = openRegistry(statePaths(shop.directory, "local").models);
  try {
    return registry.list("late").map(({ version, status, aliases }) => [version, status, ...aliases].join(" "));
  } finally {
    registry.close();
  }
}

const onDrift: WatchedOptions = { retrain: { on: ["drift"] } };

test("a model that says when it is trained anew is left alone by a run of everything, and trained by one that names it", async () => {
  const shop = watchedShop();
  await shop.run(watchedPlatform(onDrift));
  shop.source(paymentsBetween(601, 700, 0));
  const everything = await shop.run(watchedPlatform(onDrift));
  expect([everything.outcomes["payments"], everything.outcomes["late"], everything.outcomes["score"]]).toEqual([
    "updated",
    undefined,
    "unchanged",
  ]);
  expect((await shop.run(watchedPlatform(onDrift), { assets: ["score"] })).outcomes["late"]).toBeUndefined();
  const named = await shop.run(watchedPlatform(onDrift), { assets: ["late"] });
  expect(named.planned.find(({ asset }) => asset === "late")).toMatchObject({ action: "update", reason: "payments has a newer snapshot" });
  expect(named.outcomes["late"]).toBe("updated");
  expect(versions(shop)).toEqual(["1 accepted", "2 accepted champion"]);
});

test("one that passes its gate but is worse than the champion on rows that are new to both is rejected; a margin is what it may be worse", async () => {
  const shop = watchedShop();
  await shop.run(watchedPlatform());
  expect((await shop.run(watchedPlatform(onDrift))).outcomes["late"]).toBeUndefined();
  const worse = await shop.run(watchedPlatform({ ...onDrift, without: ["amount"] }));
  expect(worse.detail("late")).toMatch(
    /version 2, .*REJECTED: worse than version 1 on 120 rows that are new to both: auc loses 0\.\d+, more than 0\.005/,
  );
  expect(versions(shop)).toEqual(["1 accepted champion", "2 rejected"]);
  expect(shop.events({ type: "model.rejected" })[0]?.body["against"]).toMatchObject({ champion: 1, rows: 120, margin: 0.005 });
  const wider = await shop.run(watchedPlatform({ retrain: { on: ["drift"], margin: 1 }, without: ["amount"] }), {
    full: true,
    assets: ["late"],
  });
  expect(wider.detail("late")).toContain("version 3");
  expect(versions(shop)).toEqual(["1 accepted", "2 rejected", "3 accepted champion"]);
});

test("what a training came to is told with why it was done; one that was broken off is left to the next", async () => {
  const shop = watchedShop();
  const often: WatchedOptions = { retrain: { on: ["drift"], atMost: "99/day" } };
  await shop.run(watchedPlatform(often));
  const paths = statePaths(shop.directory, "local");
  using journal = openJournal(paths.journal);
  const registry = openRegistry(paths.models);
  const metrics = new Registry();
  let version = "1";
  const train = async (options: WatchedOptions, how?: (abort: AbortController) => void): Promise<unknown> => {
    const abort = new AbortController();
    journal.append({ type: "alert.raised", asset: "score", body: { alert: "drift", version, by: "newest", because: "drifts: amount" } });
    const definition = watchedPlatform(options);
    const perform = async (assets: readonly string[]): Promise<void> => {
      expect(assets).toEqual(["late", "score"]);
      how?.(abort);
      await shop.run(definition, { assets });
    };
    await retrainDue({ definition, journal, registry, metrics, run: "run-1", perform, note: () => undefined }, abort.signal);
    return journal.events({ type: "retraining.finished" }).at(-1)?.body;
  };
  const failed = await train(often, () => {
    throw new Error("the source is away");
  });
  expect(failed).toMatchObject({ outcome: "failed", reason: "the source is away", champion: 1, version: null });
  expect(await train(often)).toMatchObject({ outcome: "unchanged", champion: 1, version: null });
  expect(journal.events({ type: "retraining.started" }).at(-1)?.body).toMatchObject({
    because: [
      { endpoint: "score", alert: "drift" },
      { endpoint: "score", alert: "drift", reason: "drifts: amount" },
    ],
    champion: 1,
  });
  shop.source(paymentsBetween(601, 900, 50));
  expect(await train(often)).toMatchObject({ outcome: "champion", version: 2, champion: 2 });
  version = "2";
  expect(await train({ ...often, without: ["amount"] })).toMatchObject({ outcome: "rejected", version: 3, champion: 2 });
  shop.source(paymentsBetween(901, 1000, 50));
  expect(await train({ ...often, approval: "required" })).toMatchObject({ outcome: "challenger", version: 4, champion: 2 });
  registry.approve("late", 4, { by: "ada", because: null });
  version = "4";
  expect(await train(often, (abort) => abort.abort())).toMatchObject({ outcome: "challenger" });
  const open = journal.events({ type: "retraining.started" }).at(-1);
  await train(often);
  expect(journal.events({ type: "retraining.started" }).at(-1)?.body["resumes"]).toBe(open?.sequence);
  registry.close();
  expect(await metrics.metrics()).toContain('millwright_retrainings_total{model="late",outcome="rejected"} 1');
});

describe("what is due", () => {
  interface Told {
    due(at?: string): Due | null;
    readonly journal: Journal;
    readonly registry: ModelRegistry;
    resolve(alert: string): void;
    alarm(alert: string, more?: { readonly version?: string; readonly endpoint?: string }): number;
    finished(outcome: string, through: number, time?: string): void;
  }

  function told(retrain: RetrainOptions): Told {
    const folder = temporaryFolder();
    const journal = openJournal(statePaths(folder, "local").journal);
    const registry = openRegistry(statePaths(folder, "local").models);
    const trained = registration(folder, "1");
    registry.register({ ...trained, description: { ...trained.description, model: "late" } });
    const definition = watchedPlatform({ retrain });
    const model = definition.assets.find((asset): asset is ModelNode => asset.kind === "model");
    if (model === undefined || model.retrain === null) throw new Error("there is no model that is trained anew");
    const node = { ...model, retrain: model.retrain };
    return {
      journal,
      registry,
      resolve: (alert) => journal.append({ type: "alert.resolved", asset: "score", body: { alert, version: "1" } }),
      due: (at = new Date().toISOString()) => dueRetraining(node, { definition, journal, registry }, Date.parse(at)),
      alarm(alert, { version = "1", endpoint = "score" } = {}) {
        journal.append({ type: "alert.raised", asset: endpoint, body: { alert, version, because: "it drifts" } });
        return journal.events().at(-1)?.sequence ?? 0;
      },
      finished: (outcome, through, time) =>
        journal.append({ type: "retraining.finished", asset: "late", body: { outcome, through }, ...(time === undefined ? {} : { time }) }),
    };
  }

  test("a storm of alarms is one training, and what comes after it another, as often as is allowed", () => {
    const { alarm, due, finished, resolve } = told({ on: ["drift"], atMost: "2/day" });
    expect(due()).toBeNull();
    const storm = Array.from({ length: 20 }, (_, index) => alarm(index % 2 === 0 ? "drift" : "prediction-drift"));
    expect(due()?.because.map(({ event }) => event)).toEqual(storm);
    finished("champion", storm.at(-1) ?? 0);
    for (const alert of ["drift", "prediction-drift"]) resolve(alert);
    expect(due()).toBeNull();
    const later = alarm("drift");
    expect(due()?.because.map(({ event }) => event)).toEqual([later]);
    finished("rejected", later);
    resolve("drift");
    alarm("drift");
    expect(due()).toBeNull();
    expect(due(new Date(Date.now() + 86_500_000).toISOString())?.because).toHaveLength(1);
  });

  test("an alarm that stands on is answered again when that is allowed, but not while a version waits for its approval", () => {
    const { alarm, due, finished, resolve, registry } = told({ on: ["drift"] });
    finished("rejected", alarm("drift"));
    const after = (hours: number) => due(new Date(Date.now() + hours * 3_600_000 + 1000).toISOString())?.because.length;
    expect([after(0), after(24)]).toEqual([undefined, 1]);
    finished("challenger", 1);
    registry.alias("late", "challenger", 1);
    expect(after(48)).toBeUndefined();
    finished("rejected", 1);
    expect(after(48)).toBe(1);
    resolve("drift");
    expect(after(48)).toBeUndefined();
  });

  test("alarms of another kind, of another version or of another model's endpoint cause none", () => {
    const { alarm, due } = told({ on: ["performance"] });
    alarm("drift");
    alarm("quality");
    alarm("performance", { version: "7" });
    alarm("performance", { endpoint: "other" });
    expect(due()).toBeNull();
    alarm("performance");
    expect(due()?.because).toMatchObject([{ endpoint: "score", alert: "performance", reason: "it drifts" }]);
  });

  test("what found no new rows is tried again when it is allowed again, what failed after an hour", () => {
    const { alarm, due, finished } = told({ on: ["drift"] });
    const first = alarm("drift");
    finished("unchanged", first);
    const after = (hours: number) => due(new Date(Date.now() + hours * 3_600_000 + 1000).toISOString())?.because.length;
    expect([after(0), after(23), after(24)]).toEqual([undefined, undefined, 1]);
    const often = told({ on: ["drift"], atMost: "4/day" });
    often.finished("unchanged", often.alarm("drift"));
    const afterOften = (hours: number) => often.due(new Date(Date.now() + hours * 3_600_000 + 1000).toISOString())?.because.length;
    expect([afterOften(0), afterOften(5), afterOften(6)]).toEqual([undefined, undefined, 1]);
    often.alarm("drift");
    expect(afterOften(0)).toBe(2);
    const other = told({ on: ["drift"] });
    other.finished("failed", other.alarm("drift"));
    const afterFailure = (hours: number) => other.due(new Date(Date.now() + hours * 3_600_000 + 1000).toISOString())?.because.length;
    expect([afterFailure(0), afterFailure(1)]).toEqual([undefined, 1]);
  });

  test("a schedule is due by itself, counted from the last training; one that was begun and never ended goes on at once", () => {
    const { due, finished, journal } = told({ schedule: "every 6 hours" });
    finished("unchanged", 0, "2026-01-05T10:00:00.000Z");
    expect(due("2026-01-05T15:59:00Z")).toBeNull();
    expect(due("2026-01-05T16:00:01Z")).toMatchObject({ because: [], schedule: "every 6 hours", resumes: null });
    journal.append({ type: "retraining.started", asset: "late", body: { because: [], schedule: "every 6 hours" } });
    expect(due("2026-01-05T12:00:00Z")).toMatchObject({ schedule: "every 6 hours", resumes: 2 });
  });
});
