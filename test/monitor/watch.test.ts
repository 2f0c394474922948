import { Registry } from "prom-client";
import { afterEach, expect, test, vi } from "vitest";
import { watchDrift } from "../../src/monitor/watch.ts";
import type { DriftWatch, Verdict } from "../../src/monitor/watch.ts";
import { profileFeatures } from "../../src/train/profile.ts";
import { batchOf } from "./batches.ts";

const profile = profileFeatures(
  [{ kind: "number", name: "temp", type: "double", values: Float64Array.from({ length: 10_000 }, (_, index) => (index * 7919) % 1000) }],
  10_000,
);
const usual = (rows: number): number[] => Array.from({ length: rows }, (_, index) => (index * 617) % 1000);
const hot = (rows: number): number[] => usual(rows).map((temp) => temp + 600);

let watch: DriftWatch;
afterEach(() => watch.stop());

/** A verdict that differs from the one before. */
interface Change {
  readonly kind: "drift" | "recovered";
  readonly version: string;
  readonly report: Verdict["report"];
}

function start(registry?: Registry): Change[] {
  const events: Change[] = [];
  watch = watchDrift({
    endpoint: "delay",
    version: "3",
    profile,
    rule: { figure: "psi", limit: 0.2 },
    windowRows: 1000,
    everyRows: 500,
    everySeconds: 0.05,
    onVerdict: ({ inputs, version, report }) => {
      const last = events.findLast((event) => event.version === version);
      if (inputs !== (last?.kind === "drift")) events.push({ kind: inputs ? "drift" : "recovered", version, report });
    },
    ...(registry === undefined ? {} : { registry }),
  });
  return events;
}

test("crossing the limit is told once, and coming back is told once, as the window slides", () => {
  const events = start();
  watch.add(batchOf(usual(1000)));
  expect(events).toEqual([]);
  for (let each = 0; each < 3; each++) watch.add(batchOf(hot(500)));
  expect(events).toMatchObject([
    {
      kind: "drift",
      version: "3",
      report: { over: true, rows: 1000, features: [{ name: "temp", over: true }] },
    },
  ]);
  for (let each = 0; each < 3; each++) watch.add(batchOf(usual(500)));
  expect(events.map(({ kind }) => kind)).toEqual(["drift", "recovered"]);
});

test("fewer rows than the minimum say nothing, however odd they are", () => {
  const events = start();
  watch.add(batchOf(hot(199)));
  expect(watch.evaluate()).toMatchObject({ rows: 199, enough: false, over: false });
  watch.add(batchOf(hot(1)));
  watch.evaluate();
  expect(events).toHaveLength(1);
});

test("rows that are too few for an evaluation are evaluated after a while", async () => {
  const events = start();
  watch.add(batchOf(hot(300)));
  expect(events).toHaveLength(0);
  await vi.waitFor(() => expect(events).toHaveLength(1));
});

test("predictions of another endpoint or version are passed over, and a new version begins afresh", () => {
  const events = start();
  watch.add(batchOf(hot(1000), { endpoint: "other" }));
  watch.add(batchOf(hot(1000), { version: "4" }));
  expect(watch.report()).toBeNull();
  watch.add(batchOf(hot(1000)));
  watch.replace("4", profile);
  watch.add(batchOf(usual(500), { version: "4" }));
  expect(watch.report()).toMatchObject({ rows: 500, over: false });
  expect(events.map(({ kind }) => kind)).toEqual(["drift"]);
});

test("a batch larger than the window leaves its newest rows", () => {
  start();
  watch.add(batchOf([...hot(5000), ...usual(1000)]));
  expect(watch.report()).toMatchObject({ rows: 1000, over: false });
});

test("the gauges show the index and the statistic, and forget a version that has gone", async () => {
  const registry = new Registry();
  start(registry);
  watch.add(batchOf(hot(500)));
  const text = await registry.metrics();
  expect(text).toMatch(/millwright_drift_psi\{endpoint="delay",feature="temp"\} [1-9]/);
  expect(text).toMatch(/millwright_drift_ks\{endpoint="delay",feature="temp"\} 0\.[56]/);
  watch.replace("4", profile);
  expect(await registry.metrics()).not.toContain("feature=");
});

test("a profile of a feature that the model does not take is refused by its name", () => {
  watch = watchDrift({
    endpoint: "delay",
    version: "3",
    profile: { rows: 1, features: { wind: { kind: "category", counts: [], other: 0 } } },
    rule: { figure: "psi", limit: 0.2 },
    onVerdict: () => undefined,
  });
  expect(() => watch.add(batchOf(usual(1)))).toThrow("the endpoint delay has no input wind");
});
