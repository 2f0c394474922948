import { sum } from "./bins.ts";
import type { BinnedPair } from "./bins.ts";
import { nextBelow } from "./fine-bins.ts";
import { kolmogorovTail, smirnovTail } from "./kolmogorov.ts";

/** The two-sample Kolmogorov-Smirnov test: the greatest distance of the two distribution functions. */
export interface KolmogorovSmirnov {
  /** From bins it is never above the true one. */
  readonly statistic: number;
  /** The true statistic is at most `statistic + error`. */
  readonly error: number;
  /** For `statistic`, so never too small. */
  readonly pValue: number;
}

/** Samples of up to so many values have the exact p-value, as in SciPy's `ks_2samp`. */
const exactRows = 10_000;

/**
 * The test from bins. At an edge both distribution functions are exact. Between the edges l and r, where the reference rises by `e` and
 * the current side by `a`, their difference d lies between `max(d(l) - e, d(r) - a)` and `min(d(r) + e, d(l) + a)`, which bounds the
 * error: at most the largest share of a bin, and 0 where each bin holds but one value. Null when a side has no values.
 *
 * @param edges inner edges; a bin between two neighbouring doubles holds one value, so nothing lies within it
 */
export function kolmogorovSmirnov({ reference, current }: BinnedPair, edges: readonly number[]): KolmogorovSmirnov | null {
  const rows = [sum(reference), sum(current)] as const;
  if (rows[0] === 0 || rows[1] === 0) return null;
  let statistic = 0;
  let bound = 0;
  let left = 0;
  reference.forEach((count, bin) => {
    const expected = count / rows[0];
    const actual = (current[bin] ?? 0) / rows[1];
    const right = left + actual - expected;
    statistic = Math.max(statistic, Math.abs(right));
    const [from, to] = [edges[bin - 1], edges[bin]];
    if (from === undefined || to === undefined || from !== nextBelow(to))
      bound = Math.max(bound, Math.min(right + expected, left + actual), -Math.max(left - expected, right - actual));
    left = right;
  });
  // Rounding leaves about 1e-16 where the distributions meet again.
  return { statistic, error: Math.max(0, bound - statistic), pValue: tailOf(statistic, rows[0], rows[1], false) };
}

/** The exact test of two samples in rising order: equal to SciPy's `ks_2samp` with its defaults. Null when a side has no values. */
export function kolmogorovSmirnovOfSorted(reference: Float64Array, current: Float64Array): KolmogorovSmirnov | null {
  if (reference.length === 0 || current.length === 0) return null;
  let [i, j, statistic] = [0, 0, 0];
  while (i < reference.length && j < current.length) {
    const value = Math.min(reference[i] ?? 0, current[j] ?? 0);
    while (i < reference.length && reference[i] === value) i++;
    while (j < current.length && current[j] === value) j++;
    statistic = Math.max(statistic, Math.abs(i / reference.length - j / current.length));
  }
  return { statistic, error: 0, pValue: tailOf(statistic, reference.length, current.length, true) };
}

/**
 * The chance of a distance of at least `statistic` when both samples come from one continuous distribution: exact for small samples
 * (where `exact`), else Kolmogorov's distribution at the effective size `n m / (n + m)`, rounded to a whole number as SciPy does.
 */
export function tailOf(statistic: number, n: number, m: number, exact: boolean): number {
  if (exact && Math.max(n, m) <= exactRows) return smirnovTail(statistic, n, m);
  return kolmogorovTail(statistic, Math.round((n * m) / (n + m)));
}
