import { binOf } from "../train/profile.ts";
import type { CategoryProfile, NumberProfile } from "../train/profile.ts";
import { categoryOf, numberOf } from "./values.ts";
import type { FeatureValues } from "./values.ts";

/** Rows per bin in training and in the window; both have the same bins. */
export interface BinnedPair {
  readonly training: readonly number[];
  readonly window: readonly number[];
}

const quantileBins = 10;
const leastShare = 0.01;

/** Both sides of a number in the profile's own bins (percentiles of training); missing values are in none. */
export function percentileBins(profile: NumberProfile, values: FeatureValues): BinnedPair {
  const window = new Array<number>(profile.counts.length).fill(0);
  for (let row = 0; row < values.length; row++) {
    const bin = binOf(profile.edges, numberOf(values[row]));
    if (bin >= 0) window[bin] = (window[bin] ?? 0) + 1;
  }
  return { training: profile.counts, window };
}

/**
 * Neighbouring percentile bins joined to about ten that hold a tenth of the training rows each (fewer where many rows
 * share a value), and one more bin for missing values when either side has some.
 */
export function quantileBinsOf(
  { training, window }: BinnedPair,
  missing: { readonly training: number; readonly window: number },
): BinnedPair {
  const total = sum(training);
  const joined: { training: number; window: number }[] = [];
  let open = { training: 0, window: 0 };
  let before = 0;
  training.forEach((rows, bin) => {
    open = { training: open.training + rows, window: open.window + (window[bin] ?? 0) };
    before += rows;
    if (before >= ((joined.length + 1) * total) / quantileBins || bin === training.length - 1) {
      joined.push(open);
      open = { training: 0, window: 0 };
    }
  });
  if (missing.training + missing.window > 0) joined.push({ training: missing.training, window: missing.window });
  return { training: joined.map((bin) => bin.training), window: joined.map((bin) => bin.window) };
}

/**
 * A bin per category that holds at least a hundredth of the training rows, and one for all others, known or new:
 * rarer categories would be noise in a window of a few hundred rows.
 */
export function categoryBins(profile: CategoryProfile, values: FeatureValues): BinnedPair {
  const total = sum(profile.counts.map(({ rows }) => rows)) + profile.other;
  const frequent = profile.counts.filter(({ rows }) => rows >= leastShare * total);
  const bins = new Map(frequent.map(({ category }, bin) => [category, bin]));
  const training = [...frequent.map(({ rows }) => rows), total - sum(frequent.map(({ rows }) => rows))];
  const window = new Array<number>(training.length).fill(0);
  for (let row = 0; row < values.length; row++) {
    const bin = bins.get(categoryOf(values[row])) ?? frequent.length;
    window[bin] = (window[bin] ?? 0) + 1;
  }
  const last = training.length - 1;
  return training[last] === 0 && window[last] === 0
    ? { training: training.slice(0, last), window: window.slice(0, last) }
    : { training, window };
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
