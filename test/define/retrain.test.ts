import { describe, expect, test } from "vitest";
import { collectFindings } from "../../src/define/check/diagnostic.ts";
import { checkRetraining } from "../../src/define/check/retrain.ts";
import { trainingHash } from "../../src/define/made.ts";
import { monitorNode } from "../../src/define/monitor.ts";
import { retrainNode } from "../../src/define/retrain.ts";
import type { ModelNode } from "../../src/define/node.ts";
import { modelNode } from "../train/model-node.ts";
import { watchedPlatform } from "../run/watched.ts";

const origin = { file: "platform.ts", line: 3 };

describe("retrain", () => {
  test("is an alarm, a schedule or both, at most once a day and at most 0.005 worse unless it says otherwise", () => {
    expect(retrainNode("late", { on: ["drift", "drift"] }, origin)).toEqual({
      on: ["drift"],
      schedule: null,
      atMost: { times: 1, seconds: 86_400 },
      margin: 0.005,
    });
    expect(retrainNode("late", { schedule: "weekly on sunday at 03:00", atMost: "3/hour", margin: 0 }, origin)).toMatchObject({
      on: [],
      schedule: { cron: "0 3 * * 0" },
      atMost: { times: 3, seconds: 3600 },
      margin: 0,
    });
  });

  test.each([
    [{}, "is never trained anew"],
    [{ on: ["drift"], atMost: "0/day" }, "at most '0/day'"],
    [{ on: ["drift"], margin: -1 }, "by -1"],
  ] as const)("refuses %j", (options, what) => {
    expect(() => retrainNode("late", options, origin)).toThrow(what);
  });

  test("is no part of what decides how a model comes out", () => {
    const retrained = modelNode({ retrain: retrainNode("outcome", { on: ["drift"] }, origin) });
    expect(trainingHash(retrained)).toBe(trainingHash(modelNode()));
    expect(trainingHash(modelNode({ target: "other" }))).not.toBe(trainingHash(modelNode()));
  });
});

describe("monitor", () => {
  test("bounds performance and quality", () => {
    expect(monitorNode("delay", { performance: { auc: ">= 0.7" }, quality: "<= 0.05" }, "late")).toMatchObject({
      performance: { auc: { atLeast: 0.7 } },
      quality: 0.05,
    });
    expect(monitorNode("delay", {}, "late")).toMatchObject({ performance: null, quality: null });
    expect(() => monitorNode("delay", { quality: "<= 3" }, "late")).toThrow("bounds its quality by '<= 3'");
  });
});

test("check says when a model is trained anew on what no endpoint of it watches", () => {
  const { assets } = watchedPlatform({ retrain: { on: ["drift", "performance"] } });
  const of = (change: (endpoint: object) => object): readonly string[] => {
    const findings = collectFindings(".");
    const changed = assets.map((asset) => (asset.kind === "endpoint" ? { ...asset, ...change(asset) } : asset));
    checkRetraining({ assets: changed }, findings);
    return findings.list().map(({ severity, code, what }) => `${severity} ${code}: ${what}`);
  };
  expect(of(() => ({}))).toEqual([]);
  expect(of(() => ({ drift: null, monitor: null }))).toEqual([
    "warning unwatched: model 'late' is trained anew on drift, which no endpoint of it watches",
    "warning unwatched: model 'late' is trained anew on performance, which no endpoint of it watches",
  ]);
  expect(assets.find((asset): asset is ModelNode => asset.kind === "model")?.retrain?.on).toEqual(["drift", "performance"]);
});
