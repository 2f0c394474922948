import type { DriftRule } from "../define/quantity.ts";
import { MillwrightError } from "../error.ts";
import type { FeatureProfile } from "../train/profile.ts";
import { categoryPair, numberPair, type ColumnPair } from "./bins.ts";
import { correct, type Correction } from "./correction.ts";
import { figuresOf, type ColumnFigures, type Quality } from "./figures.ts";
import type { FeatureValues } from "./values.ts";

/** How far one column has moved. */
export interface FeatureDrift {
  readonly name: string;
  /** Population stability index. */
  readonly psi: number;
  /** Jensen-Shannon distance over the same bins. */
  readonly jensenShannon: number;
  /** Kolmogorov-Smirnov statistic of a number, at the bins' edges; null for categories, or without values. */
  readonly ks: number | null;
  /** The true statistic is at most this much greater. */
  readonly ksError: number | null;
  /** Wasserstein distance of a number in its own unit, and how far the true one may be from it. */
  readonly wasserstein: number | null;
  readonly wassersteinError: number | null;
  /** Of the test that fits the type: Kolmogorov-Smirnov of numbers, chi-squared of categories. */
  readonly pValue: number | null;
  /** The same, corrected for the number of columns. */
  readonly corrected: number | null;
  readonly quality: Quality;
  /** The judged figure is beyond the limit, and not by chance. */
  readonly over: boolean;
  /** It has not come back below nine tenths of the limit, so that a figure at the limit does not flap. */
  readonly near: boolean;
}

export interface DriftReport {
  readonly rows: number;
  /** False when there were fewer rows than the minimum: then nothing is said of the features. */
  readonly enough: boolean;
  /** The most moved first. */
  readonly features: readonly FeatureDrift[];
  readonly over: boolean;
  /** Of the probabilities against those of the model's test rows; null where either is not known. */
  readonly prediction: FeatureDrift | null;
}

export interface DriftLimits {
  /** @default psi > 0.2 */
  readonly rule?: DriftRule;
  /** Of the p-values, for the number of columns. @default "benjamini-hochberg" */
  readonly correction?: Correction;
  /** Fewer rows give no verdict. @default 200 */
  readonly minimumRows?: number;
}

/** A limit on an effect alarms only where chance would exceed the figure less than once in a thousand, over all columns. */
const significance = 0.001;
/** What is beyond a limit has come back when it is below so much of it. */
export const recoveryShare = 0.9;

/**
 * Compares a window of raw features with the profile of the training rows.
 * @param columns every feature of the profile, all of the same length, as requests or tables have them
 * @param scores the probabilities of the same rows, where they are known
 * @throws MillwrightError `drift-column` when a feature has no column or the columns differ in length
 * @example
 * driftReport(profile, { temp: [31.5, null], carrier: ["UA", "DL"] }, { rule: { figure: "psi", limit: 0.2 }, minimumRows: 2 }).over
 */
export function driftReport(
  profile: FeatureProfile,
  columns: Readonly<Record<string, FeatureValues>>,
  { minimumRows = 200, ...limits }: DriftLimits = {},
  scores: Float64Array | null = null,
): DriftReport {
  const { rows, pairs } = profilePairs(profile, columns);
  if (rows < minimumRows) return { rows, enough: false, features: [], over: false, prediction: null };
  const features = judge(
    pairs.map(({ name, pair }) => ({ name, figures: figuresOf(pair) })),
    limits,
  );
  const prediction =
    profile.predictions === undefined || scores === null || scores.length < minimumRows
      ? null
      : judgePrediction(figuresOf(numberPair(profile.predictions, scores)), limits);
  return { rows, enough: true, features, over: features.some(({ over }) => over), prediction };
}

/** The same of the probability, by itself: it is one column, however many features there are. */
export function judgePrediction(figures: ColumnFigures, limits: DriftLimits): FeatureDrift | null {
  return judge([{ name: predictionName, figures }], limits)[0] ?? null;
}

/** What the drift of the predictions is called among the features. */
export const predictionName = "prediction";

/** Each feature of a profile beside a window of it, in the same bins. @throws MillwrightError `drift-column` */
export function profilePairs(
  profile: FeatureProfile,
  columns: Readonly<Record<string, FeatureValues>>,
): { readonly rows: number; readonly pairs: readonly { readonly name: string; readonly pair: ColumnPair }[] } {
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
    return { name, pair: feature.kind === "number" ? numberPair(feature, values) : categoryPair(feature, values) };
  });
  return { rows: rows ?? 0, pairs };
}

/**
 * Which columns are beyond a limit; the most moved first. `p < level` compares the corrected p-value of the test that fits the type. A limit
 * on PSI, Jensen-Shannon or Kolmogorov-Smirnov must be exceeded by more than chance would, as the corrected p-value of that figure tells;
 * categories have no Kolmogorov-Smirnov statistic, so there `ks > x` judges the Jensen-Shannon distance.
 */
export function judge(
  columns: readonly { readonly name: string; readonly figures: ColumnFigures }[],
  { rule = { figure: "psi", limit: 0.2 }, correction = "benjamini-hochberg" }: DriftLimits = {},
): FeatureDrift[] {
  const tested = correct(
    columns.map(({ figures }) => figures.pValue),
    correction,
  );
  const binned = correct(
    columns.map(({ figures }) => figures.psiPValue),
    correction,
  );
  const judged = columns.map(({ name, figures }, index): FeatureDrift => {
    const { psi, jensenShannon, kolmogorovSmirnov: ks, wasserstein } = figures;
    const corrected = tested[index] ?? null;
    const chance = (rule.figure === "p" || (rule.figure === "ks" && ks !== null) ? corrected : binned[index]) ?? 1;
    const figure = rule.figure === "psi" ? psi : rule.figure === "ks" ? (ks?.statistic ?? jensenShannon) : jensenShannon;
    const beyond = (share: number) =>
      rule.figure === "p" ? chance < rule.limit / share : figure > share * rule.limit && chance < significance;
    return {
      name,
      psi,
      jensenShannon,
      ks: ks?.statistic ?? null,
      ksError: ks?.error ?? null,
      wasserstein: wasserstein?.distance ?? null,
      wassersteinError: wasserstein?.error ?? null,
      pValue: figures.pValue,
      corrected,
      quality: figures.quality,
      over: beyond(1),
      near: beyond(recoveryShare),
    };
  });
  return judged.toSorted((a, b) => b.psi - a.psi);
}
