import { describe, expect, test } from "vitest";
import { numberPair } from "../../src/monitor/bins.ts";
import { kolmogorovSmirnov } from "../../src/monitor/kolmogorov-smirnov.ts";
import type { KolmogorovSmirnov } from "../../src/monitor/kolmogorov-smirnov.ts";
import { kolmogorovTail } from "../../src/monitor/kolmogorov.ts";
import { profileFeatures } from "../../src/train/profile.ts";

function testOf(training: readonly number[], window: readonly number[]): KolmogorovSmirnov {
  const profile = profileFeatures([{ kind: "number", name: "x", type: "double", values: Float64Array.from(training) }], training.length)
    .features["x"];
  if (profile?.kind !== "number") throw new Error("no number");
  const pair = numberPair(profile, window);
  const found = kolmogorovSmirnov(pair, pair.edges);
  if (found === null) throw new Error("no test");
  return found;
}

const range = (length: number): number[] => Array.from({ length }, (_, index) => index);

// SciPy 1.17, ks_2samp(t, w, method="asymp"): t = sqrt(arange(5000)), w = 0.9 * sqrt(arange(400) * 12.5) + 1.
test("of values between the percentiles, the true statistic lies between ours and ours plus the error", () => {
  const result = testOf(
    range(5000).map(Math.sqrt),
    range(400).map((j) => 0.9 * Math.sqrt(j * 12.5) + 1),
  );
  expect(result.statistic).toBeLessThanOrEqual(0.1664);
  expect(result.statistic + result.error).toBeGreaterThanOrEqual(0.1664);
  expect(result.error).toBeLessThanOrEqual(0.0101);
  expect(result.pValue).toBeGreaterThanOrEqual(2.0122286878542657e-9);
  expect(result.pValue).toBeLessThan(1e-7);
});

// SciPy 1.17, ks_2samp(t, w, method="asymp"): t = arange(2400) % 24, w as below; whole hours are edges, so ours is exact.
describe("of values that are themselves the edges, the statistic and the p-value are SciPy's", () => {
  test.each([
    [
      "floor((arange(300) % 24)**1.1 / 1.4)",
      (index: number) => Math.floor((index % 24) ** 1.1 / 1.4),
      0.10333333333333333,
      0.006178308840740475,
    ],
    ["(arange(300) * 7) % 23", (index: number) => (index * 7) % 23, 0.04166666666666663, 0.7266206185426786],
  ])("%s", (_, window, statistic, pValue) => {
    const result = testOf(
      range(2400).map((index) => index % 24),
      range(300).map(window),
    );
    expect(result.statistic).toBeCloseTo(statistic, 12);
    expect(result.pValue).toBeCloseTo(pValue, 6);
  });
});

// SciPy 1.17, kstwo.sf(statistic, n).
test.each([
  [0.06, 100, 0.8428847956274123],
  [0.1, 100, 0.2526927570063874],
  [0.136, 100, 0.044860299790847456],
  [0.2, 100, 0.0005551927327988775],
  [1.36 / Math.sqrt(1000), 1000, 0.0480530330137775],
  [1.63 / Math.sqrt(5000), 5000, 0.00969238972738653],
])("the p-value of %f at %i is the exact one", (statistic, size, expected) => {
  expect(kolmogorovTail(statistic, size)).toBeCloseTo(expected, 10);
});

test("a side without values has no statistic", () => {
  expect(kolmogorovSmirnov({ reference: [1, 2], current: [0, 0] }, [0])).toBeNull();
});
