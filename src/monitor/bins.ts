import { binOf } from "../train/profile.ts";
import type { CategoryProfile, NumberProfile } from "../train/profile.ts";
import { categoryOf, numberOf } from "./values.ts";
import type { FeatureValues } from "./values.ts";

/** Rows per bin of what is compared with, and of what is compared; both have the same bins. */
export interface BinnedPair {
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

/** A figure of either side. */
export interface Sides {
  readonly reference: number;
  readonly current: number;
}

/** A column of numbers on both sides: bin i is `(edges[i-1], edges[i]]`, the last is above the last edge. Missing values are in none. */
export interface NumberPair extends BinnedPair {
  readonly kind: "number";
  readonly edges: readonly number[];
  readonly missing: Sides;
  /** Bounds of both sides' values; null without any. */
  readonly range: { readonly least: number; readonly most: number } | null;
  /** Current rows below the reference's least or above its greatest value. */
  readonly outside: number;
}

/** A column of categories on both sides, a bin each; missing is the category "". */
export interface CategoryPair extends BinnedPair {
  readonly kind: "category";
  /** Null for all categories that have no bin of their own, which is the last then. */
  readonly categories: readonly (string | null)[];
  readonly missing: Sides;
  /** Current rows of categories that the reference has not; null when it does not tell all of its categories. */
  readonly unseen: number | null;
}

export type ColumnPair = NumberPair | CategoryPair;

const quantileBins = 10;
const leastShare = 0.01;
/** Cochran's rule of thumb for the expected count of a bin (W. Cochran, Biometrics 10, 1954). */
const leastExpected = 5;

/** A window's numbers in the bins of a profile (percentiles of training). */
export function numberPair(profile: NumberProfile, values: FeatureValues): NumberPair {
  const current = new Array<number>(profile.counts.length).fill(0);
  const { minimum, maximum } = profile;
  let [least, most] = [minimum ?? Number.POSITIVE_INFINITY, maximum ?? Number.NEGATIVE_INFINITY];
  let [missing, outside] = [0, 0];
  for (let row = 0; row < values.length; row++) {
    const value = numberOf(values[row]);
    const bin = binOf(profile.edges, value);
    if (bin < 0) missing++;
    else {
      current[bin] = (current[bin] ?? 0) + 1;
      if (minimum !== null && maximum !== null && (value < minimum || value > maximum)) outside++;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }
  return {
    kind: "number",
    edges: profile.edges,
    reference: profile.counts,
    current,
    missing: { reference: profile.missing, current: missing },
    range: least <= most ? { least, most } : null,
    outside,
  };
}

/** A window's categories in the bins of a profile, and one more where either side has others. */
export function categoryPair(profile: CategoryProfile, values: FeatureValues): CategoryPair {
  const bins = new Map(profile.counts.map(({ category }, bin) => [category, bin]));
  const current = new Array<number>(bins.size + 1).fill(0);
  let missing = 0;
  for (let row = 0; row < values.length; row++) {
    const category = categoryOf(values[row]);
    const bin = bins.get(category) ?? bins.size;
    current[bin] = (current[bin] ?? 0) + 1;
    if (category === "") missing++;
  }
  const others = profile.other > 0 || (current[bins.size] ?? 0) > 0;
  return {
    kind: "category",
    categories: others ? [...bins.keys(), null] : [...bins.keys()],
    reference: [...profile.counts.map(({ rows }) => rows), ...(others ? [profile.other] : [])],
    current: others ? current : current.slice(0, -1),
    missing: { reference: profile.counts[bins.get("") ?? -1]?.rows ?? 0, current: missing },
    unseen: profile.other > 0 ? null : (current[bins.size] ?? 0),
  };
}

/**
 * The bins that PSI and the Jensen-Shannon distance are taken over: a number's bins joined to about ten that hold a tenth of the
 * reference each (fewer where many rows share a value), and one for missing values when either side has some; a bin per category that
 * holds at least a hundredth of the reference, and one for all others: rarer ones would be noise in a window of a few hundred rows.
 */
export function coarseBins(pair: ColumnPair): BinnedPair {
  if (pair.kind === "number") return joinQuantiles(pair);
  const least = leastShare * sum(pair.reference);
  return joinRare(pair, (reference) => reference >= least);
}

/** The bins of the chi-squared test of categories: those of which fewer than five rows are expected on a side are one. */
export function testBins(pair: CategoryPair): BinnedPair {
  const sides = [sum(pair.reference), sum(pair.current)] as const;
  const least = (leastExpected * (sides[0] + sides[1])) / Math.min(...sides);
  return joinRare(pair, (reference, current) => reference + current >= least);
}

function joinQuantiles({ reference, current, missing }: NumberPair): BinnedPair {
  const total = sum(reference);
  const joined: { reference: number; current: number }[] = [];
  let open = { reference: 0, current: 0 };
  let before = 0;
  let target = total / quantileBins;
  reference.forEach((rows, bin) => {
    open = { reference: open.reference + rows, current: open.current + (current[bin] ?? 0) };
    before += rows;
    if (before < target && bin < reference.length - 1) return;
    joined.push(open);
    open = { reference: 0, current: 0 };
    // A value that many rows share may have passed several tenths at once.
    target = ((Math.floor((before * quantileBins) / total) + 1) * total) / quantileBins;
  });
  // What lies above the last tenth's edge is a rest of fewer rows than a tenth, perhaps of none: it belongs to the bin below.
  const rest = joined.at(-1);
  const below = joined.at(-2);
  if (rest !== undefined && below !== undefined && rest.reference < total / quantileBins / 2) {
    joined.splice(-2, 2, { reference: below.reference + rest.reference, current: below.current + rest.current });
  }
  if (missing.reference + missing.current > 0) joined.push({ ...missing });
  return { reference: joined.map((bin) => bin.reference), current: joined.map((bin) => bin.current) };
}

function joinRare({ categories, reference, current }: CategoryPair, keeps: (reference: number, current: number) => boolean): BinnedPair {
  const kept = categories.flatMap((category, bin) =>
    category !== null && keeps(reference[bin] ?? 0, current[bin] ?? 0)
      ? [{ reference: reference[bin] ?? 0, current: current[bin] ?? 0 }]
      : [],
  );
  const others = {
    reference: sum(reference) - kept.reduce((total, bin) => total + bin.reference, 0),
    current: sum(current) - kept.reduce((total, bin) => total + bin.current, 0),
  };
  if (others.reference + others.current > 0) kept.push(others);
  return { reference: kept.map((bin) => bin.reference), current: kept.map((bin) => bin.current) };
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
