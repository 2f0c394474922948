import { sum, type BinnedPair } from "./bins.ts";

/** The earth mover's distance of two samples, in the values' own unit. */
export interface Wasserstein {
  readonly distance: number;
  /** The true distance differs by at most this much. */
  readonly error: number;
}

/**
 * The first Wasserstein distance, the integral of `|F - G|` over the values (S. Vallender, Theory of Probability and its Applications 18,
 * 1974), from bins. At the edges F and G are exact; between the edges l and r, where they rise by `e` and `a`, their difference lies between
 * `max(d(l) - a, d(r) - e)` and `min(d(l) + e, d(r) + a)`, which bounds the integral; the middle of the bounds is given, so that the
 * error is half of what lies between them.
 *
 * @param edges inner edges, one fewer than bins; `least` and `most` bound both samples' values
 */
export function wasserstein(
  { reference, current }: BinnedPair,
  { edges, least, most }: { readonly edges: readonly number[] | Float64Array; readonly least: number; readonly most: number },
): Wasserstein | null {
  const rows = [sum(reference), sum(current)] as const;
  if (rows[0] === 0 || rows[1] === 0) return null;
  let [low, high, left] = [0, 0, 0];
  let from = least;
  for (let bin = 0; bin < reference.length; bin++) {
    const expected = (reference[bin] ?? 0) / rows[0];
    const actual = (current[bin] ?? 0) / rows[1];
    const right = left + expected - actual;
    const to = Math.min(most, Math.max(least, edges[bin] ?? most));
    const width = to - from;
    if (width > 0) {
      const top = Math.min(left + expected, right + actual);
      const bottom = Math.max(left - actual, right - expected);
      low += width * Math.max(0, bottom, -top);
      high += width * Math.max(top, -bottom);
      from = to;
    }
    left = right;
  }
  return { distance: (low + high) / 2, error: (high - low) / 2 };
}

/** The exact distance of two samples in rising order; equal to SciPy's `wasserstein_distance` to rounding. */
export function wassersteinOfSorted(reference: Float64Array, current: Float64Array): number {
  let [i, j, total] = [0, 0, 0];
  let before = Math.min(reference[0] ?? 0, current[0] ?? 0);
  while (i < reference.length || j < current.length) {
    const value = Math.min(reference[i] ?? Number.POSITIVE_INFINITY, current[j] ?? Number.POSITIVE_INFINITY);
    total += Math.abs(i / reference.length - j / current.length) * (value - before);
    while (i < reference.length && reference[i] === value) i++;
    while (j < current.length && current[j] === value) j++;
    before = value;
  }
  return total;
}
