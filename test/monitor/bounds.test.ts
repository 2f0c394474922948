import { expect, test } from "vitest";
import { describeMissed, judgePerformance } from "../../src/monitor/bounds.ts";
import { estimatePerformance } from "../../src/monitor/estimate.ts";
import { describeFault, qualityFaults } from "../../src/monitor/quality.ts";
import { realisedPerformance } from "../../src/monitor/realised.ts";

/** Rows of which so many are predicted rightly. */
const realised = (rows: number, right: number) =>
  realisedPerformance(
    Float64Array.from({ length: rows }, (_, row) => row % 2),
    Float64Array.from({ length: rows }, (_, row) => (row % 2 === (row < right ? 1 : 0) ? 0.9 : 0.1)),
    null,
  );
const estimated = estimatePerformance(
  Float64Array.from({ length: 1000 }, (_, row) => (row % 2) * 0.9 + 0.05),
  (score) => score,
);

test("a bound is missed only by more than chance explains, and by labels once there are enough", () => {
  const bounds = { accuracy: { atLeast: 0.8 } };
  const judge = (rows: number, right: number) =>
    judgePerformance({ rows: 1000, labelled: rows, realised: realised(rows, right), estimated }, bounds);
  expect(judge(400, 312)).toMatchObject({ by: "labels", missed: [] });
  expect(judge(400, 240)).toMatchObject({ by: "labels", missed: [{ figure: "accuracy", value: 0.6, atLeast: 0.8 }] });
  expect(judge(100, 10)).toMatchObject({ by: "estimate", rows: 1000, missed: [] });
  expect(judgePerformance({ rows: 1000, labelled: 0, realised: null, estimated }, { accuracy: { atLeast: 0.99 } })?.missed).toHaveLength(1);
  expect(judgePerformance({ rows: 100, labelled: 0, realised: null, estimated }, bounds)).toBeNull();
  expect(describeMissed(judge(400, 240)?.missed[0] ?? expect.fail())).toBe("accuracy 0.600 (wanted at least 0.8, standard error 0.024)");
});

test("features are faulty that miss values more often than in training, or hold ones that training did not have", () => {
  const feature = (name: string, missing: number, unseen: number | null, outOfRange: number | null) => ({
    name,
    quality: { missing: { reference: 0.1, current: missing }, unseen, outOfRange },
  });
  const faults = qualityFaults([feature("a", 0.12, 0, null), feature("b", 0.1, 0.06, null), feature("c", 0.2, null, 0.5)], 0.05);
  expect(faults.map(({ feature: name, kind }) => `${name} ${kind}`)).toEqual(["b unseen", "c missing", "c out-of-range"]);
  expect(faults.map(describeFault)).toEqual([
    "b: 6.0 % categories that training did not have",
    "c: 10.0 % more missing values than in training",
    "c: 50.0 % values outside training's range",
  ]);
});
