import { expect, test } from "vitest";
import type { JournalEvent } from "../../src/run/journal.ts";
import { openRegistry } from "../../src/registry/registry.ts";
import { statePaths } from "../../src/run/state.ts";
import { eventually, startScript, type Script } from "./script.ts";
import { openShop, type Shop } from "./shop.ts";
import { paymentRequest, paymentsBetween, watchedPlatform, watchedTables, type WatchedOptions } from "./watched.ts";

const options: WatchedOptions = { retrain: { on: ["drift"], atMost: "9/day" } };
const patience = 120;

interface Serving {
  readonly script: Script;
  readonly url: string;
}

async function serve(shop: Shop, env: Readonly<Record<string, string>> = {}): Promise<Serving> {
  const script = startScript("up-process.ts", [shop.directory, JSON.stringify(options)], env);
  return { script, url: (await script.line()) ?? "" };
}

async function ask({ url }: Serving, amounts: readonly number[], country?: string): Promise<string> {
  const reply = await fetch(`${url}/v2/models/score/infer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: paymentRequest(amounts, country),
  });
  const { model_version: version }: { readonly model_version: string } = JSON.parse(await reply.text());
  return version;
}

const amounts = (rows: number, least: number): readonly number[] => Array.from({ length: rows }, (_, row) => least + ((row * 37) % 100));

async function metric({ url }: Serving, line: RegExp): Promise<number> {
  return Number(line.exec(await (await fetch(`${url}/metrics`)).text())?.[1]);
}

/** Waits for an event; what the journal has of its type then. */
async function events(shop: Shop, type: JournalEvent["type"], holds: (event: JournalEvent) => boolean): Promise<readonly JournalEvent[]> {
  expect(await eventually(() => shop.events({ type }).some(holds), patience), `${type} in the journal`).toBe(true);
  return shop.events({ type });
}

/** The process that watches trains anew, is killed at two places of it, and the third goes on: once, and nothing twice. */
async function killedWhileTraining(shop: Shop): Promise<Serving> {
  const first = await serve(shop, { MILLWRIGHT_CRASH: "model-files" });
  shop.source(paymentsBetween(601, 1200, 100));
  expect(await ask(first, amounts(1000, 100))).toBe("1");
  expect(await first.script.end()).toBe("SIGKILL");
  const drifts = shop.events({ type: "drift.detected" });
  expect(drifts.map(({ body }) => [body["of"], body["version"], body["by"]])).toContainEqual(["inputs", "1", "newest"]);
  expect(await (await serve(shop, { MILLWRIGHT_CRASH: "model-registered" })).script.end()).toBe("SIGKILL");
  expect(shop.events({ type: "model.registered" })).toHaveLength(1);
  const last = await serve(shop);
  const [finished, ...more] = await events(shop, "retraining.finished", () => true);
  expect(more).toEqual([]);
  expect(finished?.body).toMatchObject({ outcome: "champion", version: 2, champion: 2 });
  const started = shop.events({ type: "retraining.started" }).map(({ sequence, body }) => [sequence, body["resumes"]]);
  expect(started.map(([, resumes]) => resumes)).toEqual([null, started[0]?.[0], started[0]?.[0]]);
  const because = shop.events({ type: "retraining.started" })[0]?.body["because"];
  expect(because).toContainEqual(expect.objectContaining({ endpoint: "score", alert: "drift", reason: expect.stringContaining("amount") }));
  expect(shop.events({ type: "model.registered" }).map(({ body }) => body["version"])).toEqual([1, 2]);
  const registry = openRegistry(statePaths(shop.directory, "local").models);
  expect(registry.list("late").map(({ version, aliases }) => [version, ...aliases])).toEqual([[1], [2, "champion"]]);
  registry.close();
  // What stood against the version before is over.
  const resolved = await events(shop, "alert.resolved", ({ body }) => body["alert"] === "drift");
  expect(resolved[0]?.body).toMatchObject({ version: "1", because: "version 2 serves now" });
  expect(await ask(last, [50])).toBe("2");
  return last;
}

/** The stored predictions of the new version, before and after their labels come. */
async function storedPredictions(shop: Shop, serving: Serving): Promise<void> {
  // Amounts like those that it was trained on; of countries that nobody knows.
  expect(await ask(serving, [...amounts(150, 0), ...amounts(149, 100)], "XX")).toBe("2");
  const faults = await events(shop, "alert.raised", ({ body }) => body["alert"] === "quality" && body["version"] === "2");
  expect(faults.at(-1)?.body).toMatchObject({ because: expect.stringMatching(/country: 99\.\d % categories that training did not have/) });
  const expected = /^millwright_performance_estimated\{endpoint="score",figure="accuracy"\} (\S+)$/m;
  await expect.poll(() => metric(serving, expected), { timeout: patience * 1000 }).toBeGreaterThan(0.8);
  expect(await metric(serving, /^millwright_quality_over\{endpoint="score"\} (\S+)$/m)).toBe(1);
  expect(await metric(serving, /^millwright_performance_over\{endpoint="score"\} (\S+)$/m)).toBe(0);
  expect(shop.events({ type: "performance.measured" })).toEqual([]);
  // What comes true is the opposite of what was said.
  shop.source(
    `WITH RECURSIVE n (a) AS (SELECT 0 UNION ALL SELECT a + 1 FROM n WHERE a < 199) INSERT INTO outcomes SELECT a, a % 100 <= 60 FROM n`,
  );
  await shop.run(watchedPlatform(options), { assets: ["outcomes"], wait: true });
  const [measured] = await events(shop, "performance.measured", () => true);
  expect(measured?.body).toMatchObject({ version: "2", labelled: 300 });
  const alarms = await events(shop, "alert.raised", ({ body }) => body["alert"] === "performance");
  expect(alarms.at(-1)?.body).toMatchObject({
    by: "labels",
    because: expect.stringMatching(/measured performance misses its bound: accuracy 0\.\d+ \(wanted at least 0\.8/),
  });
  expect(await metric(serving, /^millwright_performance_over\{endpoint="score"\} (\S+)$/m)).toBe(1);
  expect(await metric(serving, /^millwright_performance\{endpoint="score",figure="accuracy"\} (\S+)$/m)).toBeLessThan(0.2);
  expect(await metric(serving, /^millwright_performance_labelled_rows\{endpoint="score"\} (\S+)$/m)).toBe(300);
  expect(await metric(serving, /^millwright_monitoring_look_seconds\{endpoint="score"\} (\S+)$/m)).toBeGreaterThan(0);
}

test("up trains anew on drift, through being killed twice while it does, and judges the new version's stored predictions", async () => {
  const shop = openShop();
  shop.source(watchedTables);
  await shop.run(watchedPlatform(options));
  const serving = await killedWhileTraining(shop);
  try {
    await storedPredictions(shop, serving);
  } finally {
    serving.script.kill("SIGTERM");
    await serving.script.end();
  }
}, 400_000);
