import { sum } from "./bins.ts";
import type { BinnedPair } from "./bins.ts";

/** The two-sample Kolmogorov-Smirnov test from binned values. */
export interface KolmogorovSmirnov {
  /** The greatest distance of the two distribution functions at the bins' edges: never above the true statistic. */
  readonly statistic: number;
  /** The true statistic is at most `statistic + error`; about 0.01 for bins at percentiles of distinct values. */
  readonly error: number;
  /** For the statistic at the edges, so never too small. */
  readonly pValue: number;
}

/**
 * At an edge both distribution functions are exact. Between the edges l and r, where training rises by `e` and the window
 * by `a`, their difference d lies between `max(d(l) - e, d(r) - a)` and `min(d(r) + e, d(l) + a)`, which bounds the error.
 * Null when a side has no values.
 */
export function kolmogorovSmirnov({ training, window }: BinnedPair): KolmogorovSmirnov | null {
  const trainingRows = sum(training);
  const windowRows = sum(window);
  if (trainingRows === 0 || windowRows === 0) return null;
  let statistic = 0;
  let bound = 0;
  let left = 0;
  training.forEach((count, bin) => {
    const expected = count / trainingRows;
    const actual = (window[bin] ?? 0) / windowRows;
    const right = left + actual - expected;
    statistic = Math.max(statistic, Math.abs(right));
    bound = Math.max(bound, Math.min(right + expected, left + actual), -Math.max(left - expected, right - actual));
    left = right;
  });
  // Rounding leaves about 1e-16 where the distributions meet again.
  return {
    statistic,
    error: Math.max(0, bound - statistic),
    pValue: pValueOf(statistic, (trainingRows * windowRows) / (trainingRows + windowRows)),
  };
}

/**
 * The chance of a distance of at least `statistic` when both samples come from one continuous distribution:
 * Kolmogorov's limit `2 * sum((-1)^(k-1) * exp(-2 k^2 x^2))` with the correction for finite samples
 * `x = t + 1/(6 sqrt(n)) + (t - 1)/(4 n)`, `t = sqrt(n) * statistic`, where n is the effective size
 * (J. Vrbik, Small-sample corrections to Kolmogorov-Smirnov test statistic, 2018).
 */
export function pValueOf(statistic: number, effectiveSize: number): number {
  const plain = Math.sqrt(effectiveSize) * statistic;
  const x = plain + 1 / (6 * Math.sqrt(effectiveSize)) + (plain - 1) / (4 * effectiveSize);
  if (x < 0.2) return 1;
  let total = 0;
  for (let k = 1; k <= 100; k++) {
    const term = Math.exp(-2 * k * k * x * x);
    total += k % 2 === 1 ? term : -term;
    if (term < 1e-16) break;
  }
  return Math.min(1, Math.max(0, 2 * total));
}
