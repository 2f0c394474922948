import { binOf } from "../train/profile.ts";

/** Adds up the weights of values in bins, a chunk at a time, in one pass; bin i takes `(edges[i-1], edges[i]]`. */
export interface WeightedCounter {
  readonly counts: Float64Array;
  readonly missing: () => number;
  readonly least: () => number;
  readonly most: () => number;
  /** NaN is a missing value. */
  add(values: Float64Array, weights: Float64Array): void;
}

export function createWeightedCounter(edges: Float64Array): WeightedCounter {
  const inner = [...edges];
  const counts = new Float64Array(edges.length + 1);
  let missing = 0;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  return {
    counts,
    missing: () => missing,
    least: () => least,
    most: () => most,
    add(values, weights) {
      for (let row = 0; row < values.length; row++) {
        const [value, weight] = [values[row] ?? Number.NaN, weights[row] ?? 0];
        const bin = binOf(inner, value);
        if (bin < 0) missing += weight;
        else {
          counts[bin] = (counts[bin] ?? 0) + weight;
          least = Math.min(least, value);
          most = Math.max(most, value);
        }
      }
    },
  };
}
