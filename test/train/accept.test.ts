import { expect, test } from "vitest";
import { acceptModel, describeCriterion } from "../../src/train/accept.ts";
import { evaluate } from "../../src/train/evaluate.ts";
import { modelNode } from "./model-node.ts";

const metrics = evaluate(Float32Array.from([0, 0, 1, 1]), Float64Array.from([0.1, 0.6, 0.4, 0.9]), [], 0);

test("a model that meets every bound is accepted, and each bound is listed with its value", () => {
  expect(acceptModel(modelNode({ accept: { auc: { atLeast: 0.75 }, brier: { atMost: 0.2 } } }), metrics)).toEqual({
    accepted: true,
    criteria: [
      { metric: "auc", value: 0.75, atLeast: 0.75, met: true },
      { metric: "brier", value: expect.closeTo(0.185, 10), atMost: 0.2, met: true },
    ],
  });
});

test("one missed bound stops a model", () => {
  const gate = acceptModel(modelNode({ accept: { auc: { atLeast: 0.75 }, accuracy: { atLeast: 0.6, atMost: 0.9 } } }), metrics);
  expect(gate.accepted).toBe(false);
  expect(gate.criteria.map(({ met }) => met)).toEqual([true, false]);
  expect(gate.criteria.map(describeCriterion)).toEqual([
    "auc 0.75 (is at least 0.75)",
    "accuracy 0.5 (wanted at least 0.6 and at most 0.9)",
  ]);
});

test("a metric that does not exist on these rows misses its bound", () => {
  const oneLabel = evaluate(Float32Array.from([0, 0]), Float64Array.from([0.1, 0.6]), [], 0);
  expect(acceptModel(modelNode({ accept: { auc: { atLeast: 0 } } }), oneLabel)).toMatchObject({
    accepted: false,
    criteria: [{ value: null, met: false }],
  });
});

test("without bounds every model is accepted", () => {
  expect(acceptModel(modelNode(), metrics)).toEqual({ accepted: true, criteria: [] });
});
