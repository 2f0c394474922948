import { MillwrightError } from "../error.ts";
import type { CategoryProfile, FeatureProfile, NumberProfile } from "../train/profile.ts";
import { categoryBins, percentileBins, quantileBinsOf, sum } from "./bins.ts";
import type { BinnedPair } from "./bins.ts";
import { kolmogorovSmirnov } from "./kolmogorov-smirnov.ts";
import type { KolmogorovSmirnov } from "./kolmogorov-smirnov.ts";
import { populationStability, stabilityNoise } from "./psi.ts";
import type { FeatureValues } from "./values.ts";

/** How far one feature has moved from training. */
export interface FeatureDrift {
  readonly name: string;
  /** Population stability index. */
  readonly psi: number;
  /** What chance alone would exceed about once in a thousand at this number of rows. */
  readonly noise: number;
  /** Kolmogorov-Smirnov statistic of a number, at the edges of training's percentiles; null for categories, or without values. */
  readonly ks: number | null;
  /** The true statistic is at most this much greater. */
  readonly ksError: number | null;
  readonly pValue: number | null;
  /** The index is above the limit and above the noise. */
  readonly over: boolean;
}

export interface DriftReport {
  readonly rows: number;
  /** False when there were fewer rows than the minimum: then nothing is said of the features. */
  readonly enough: boolean;
  /** The most moved first. */
  readonly features: readonly FeatureDrift[];
  readonly over: boolean;
}

export interface DriftLimits {
  /** Limit of the population stability index. @default 0.2 */
  readonly psi?: number;
  /** Fewer rows give no verdict. @default 200 */
  readonly minimumRows?: number;
}

/**
 * Compares a window of raw features with the profile of the training rows.
 * @param columns every feature of the profile, all of the same length, as requests or tables have them
 * @throws MillwrightError `drift-column` when a feature has no column or the columns differ in length
 * @example
 * driftReport(profile, { temp: [31.5, null], carrier: ["UA", "DL"] }, { psi: 0.2, minimumRows: 2 }).over
 */
export function driftReport(
  profile: FeatureProfile,
  columns: Readonly<Record<string, FeatureValues>>,
  { psi: limit = 0.2, minimumRows = 200 }: DriftLimits = {},
): DriftReport {
  let rows: number | null = null;
  const pairs = Object.entries(profile.features).map(([name, feature]) => {
    const values = columns[name];
    if (values === undefined || (rows !== null && values.length !== rows)) {
      const what =
        values === undefined ? `the feature ${name} has no column` : `the feature ${name} has ${values.length} rows, others have ${rows}`;
      throw new MillwrightError({
        code: "drift-column",
        what,
        fix: "give every feature of the training profile, with the same number of rows",
      });
    }
    rows = values.length;
    return { name, feature, values };
  });
  if (rows === null || rows < minimumRows) return { rows: rows ?? 0, enough: false, features: [], over: false };
  const features = pairs.map(({ name, feature, values }) => featureDrift(name, feature, values, limit)).toSorted((a, b) => b.psi - a.psi);
  return { rows, enough: true, features, over: features.some(({ over }) => over) };
}

function featureDrift(name: string, feature: NumberProfile | CategoryProfile, values: FeatureValues, limit: number): FeatureDrift {
  const { bins, test } = feature.kind === "number" ? numberBins(feature, values) : { bins: categoryBins(feature, values), test: null };
  const psi = populationStability(bins);
  const noise = stabilityNoise(bins);
  return {
    name,
    psi,
    noise,
    ks: test?.statistic ?? null,
    ksError: test?.error ?? null,
    pValue: test?.pValue ?? null,
    over: psi > limit && psi > noise,
  };
}

function numberBins(feature: NumberProfile, values: FeatureValues): { readonly bins: BinnedPair; readonly test: KolmogorovSmirnov | null } {
  const fine = percentileBins(feature, values);
  const missing = values.length - sum(fine.window);
  return { bins: quantileBinsOf(fine, { training: feature.missing, window: missing }), test: kolmogorovSmirnov(fine) };
}
