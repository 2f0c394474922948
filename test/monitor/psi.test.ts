import { describe, expect, test } from "vitest";
import { populationStability, stabilityNoise } from "../../src/monitor/psi.ts";

// Figures from NumPy 2.4: e = (t + 0.5) / (t.sum() + 0.5 * len(t)), a likewise, ((a - e) * log(a / e)).sum().
describe("the population stability index", () => {
  test.each([
    [[50, 30, 20], [30, 30, 40], 0.23352191933715843],
    [[500, 300, 200], [300, 300, 400], 0.24005179521553727],
    [[100, 0], [99, 1], 0.010976360118838544],
  ])("of %j and %j is %f", (training, window, expected) => {
    expect(populationStability({ training, window })).toBeCloseTo(expected, 12);
  });

  test("of many rows is the unsmoothed sum: (0.3-0.5) ln(0.3/0.5) + (0.4-0.2) ln(0.4/0.2)", () => {
    expect(populationStability({ training: [5e8, 3e8, 2e8], window: [3e8, 3e8, 4e8] })).toBeCloseTo(
      -0.2 * Math.log(0.6) + 0.2 * Math.log(2),
      7,
    );
  });

  test("is zero for equal shares, and finite where a bin is empty", () => {
    expect(populationStability({ training: [10, 20], window: [10, 20] })).toBe(0);
    expect(populationStability({ training: [0, 100], window: [100, 0] })).toBeLessThan(20);
  });
});

// SciPy 1.17: chi2.ppf(0.999, df) = 10.8276, 13.8155, 16.2662, 27.8772, 45.3147 for df = 1, 2, 3, 9, 20.
test.each([
  [2, 10.8276],
  [3, 13.8155],
  [4, 16.2662],
  [10, 27.8772],
  [21, 45.3147],
])("the noise of %i bins is the quantile of chi-squared times (1/n + 1/m), at most 3.5 %% above it", (bins, quantile) => {
  const training = new Array<number>(bins).fill(100);
  const ratio = stabilityNoise({ training, window: training }) / (quantile * (2 / (100 * bins)));
  expect(ratio).toBeGreaterThan(1);
  expect(ratio).toBeLessThan(1.035);
});
