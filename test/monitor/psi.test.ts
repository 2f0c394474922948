import { describe, expect, test } from "vitest";
import { populationStability, stabilityTail } from "../../src/monitor/psi.ts";

// Figures from NumPy 2.4: e = (t + 0.5) / (t.sum() + 0.5 * len(t)), a likewise, ((a - e) * log(a / e)).sum().
describe("the population stability index", () => {
  test.each([
    [[50, 30, 20], [30, 30, 40], 0.23352191933715843],
    [[500, 300, 200], [300, 300, 400], 0.24005179521553727],
    [[100, 0], [99, 1], 0.010976360118838544],
  ])("of %j and %j is %f", (reference, current, expected) => {
    expect(populationStability({ reference, current })).toBeCloseTo(expected, 12);
  });

  test("of many rows is the unsmoothed sum: (0.3-0.5) ln(0.3/0.5) + (0.4-0.2) ln(0.4/0.2)", () => {
    expect(populationStability({ reference: [5e8, 3e8, 2e8], current: [3e8, 3e8, 4e8] })).toBeCloseTo(
      -0.2 * Math.log(0.6) + 0.2 * Math.log(2),
      7,
    );
  });

  test("is zero for equal shares, and finite where a bin is empty", () => {
    expect(populationStability({ reference: [10, 20], current: [10, 20] })).toBe(0);
    expect(populationStability({ reference: [0, 100], current: [100, 0] })).toBeLessThan(20);
  });
});

// SciPy 1.17: chi2.ppf(0.999, df) = 10.82757, 13.81551, 16.26624, 27.87716, 45.31475 for df = 1, 2, 3, 9, 20.
test.each([
  [2, 10.827566170662733],
  [3, 13.815510557964274],
  [4, 16.26623619623813],
  [10, 27.877164871256568],
  [21, 45.31474661812586],
])("an index of %i bins at the quantile of chi-squared times (1/n + 1/m) comes once in a thousand without drift", (bins, quantile) => {
  const reference = new Array<number>(bins).fill(100);
  expect(stabilityTail(quantile * (2 / (100 * bins)), { reference, current: reference })).toBeCloseTo(0.001, 9);
});
