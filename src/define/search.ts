import { deepFreeze } from "./freeze.ts";
import type { SearchNode, SearchValues, TrainerNode } from "./node.ts";
import type { BoostedTreesOptions } from "./trainer.ts";

/** A search of these parameters. */
export interface Search<P extends string = string> extends SearchNode {
  readonly parameters: Readonly<Record<P, SearchValues>>;
}

/** Figures on the rows held back that a search can go by; the same ones that a gate can bound. */
export type SearchMetric = "auc" | "logLoss" | "brier" | "calibrationError" | "accuracy" | "precision" | "recall" | "f1";

/** Values of a parameter, in the order in which they are tried. */
type Values = readonly (number | string | boolean)[];

/** All numbers from one bound to the other. */
type Between = Exclude<SearchValues, readonly unknown[]>;

export interface SearchOptions {
  /** The figure that decides. Of equal trials the earlier one wins. @default "logLoss" */
  readonly metric?: SearchMetric;
  /**
   * Folds of the cross-validation. Each is trained on all rows of the training period before its own and judged by its own, which
   * lie later; the test rows have no part. 1 holds back the newest fifth of the training rows, once. @default 5
   */
  readonly folds?: number;
  /** Trainings side by side. @default as many as the machine's processors and free memory allow */
  readonly parallel?: number;
}

export interface RandomSearchOptions extends SearchOptions {
  /** How many sets of parameters are drawn. */
  readonly trials: number;
  /** Start of the draws: the same seed draws the same trials, and more trials begin with the same ones. @default 1 */
  readonly seed?: number;
}

export interface HalvingOptions extends RandomSearchOptions {
  /**
   * One in so many trials goes on to the next round, which trains with so many times the rows; the last round has at most so many
   * trials, and trains with all rows. @default 3
   */
  readonly factor?: number;
}

/**
 * Any number from `low` to `high`, both included.
 *
 * @param options - `logarithmic`: each doubling is as likely as the next; `low` is above 0 then. `whole`: whole numbers only.
 * @example
 * const search = randomSearch({ learningRate: between(0.01, 0.3, { logarithmic: true }), leaves: between(8, 128, { whole: true }) }, { trials: 20 });
 */
export function between(
  low: number,
  high: number,
  options: { readonly logarithmic?: boolean; readonly whole?: boolean } = {},
): {
  readonly low: number;
  readonly high: number;
  readonly logarithmic: boolean;
  readonly whole: boolean;
} {
  return deepFreeze({ low, high, logarithmic: options.logarithmic ?? false, whole: options.whole ?? false });
}

/**
 * Tries every combination of the values.
 *
 * @example
 * const delay = model("arrival_delay", { from: features, target: "late", split: { by: "scheduled", test: "last 60 days" },
 *   train: boostedTrees({ trees: 300 }), search: grid({ leaves: [15, 31, 63], learningRate: [0.05, 0.1] }), accept: { auc: ">= 0.70" } });
 */
export function grid<const V extends Readonly<Record<string, Values>>>(
  parameters: V,
  options: SearchOptions = {},
): Search<keyof V & string> {
  return search("grid", parameters, { ...options, trials: null });
}

/**
 * Tries so many combinations, each value drawn by chance; better than a grid where few of the parameters matter
 * (Bergstra and Bengio 2012, "Random Search for Hyper-Parameter Optimization", JMLR 13).
 *
 * @example
 * const delay = model("arrival_delay", { from: features, target: "late", split: { by: "scheduled", test: "last 60 days" },
 *   train: boostedTrees({ trees: 300 }), accept: { auc: ">= 0.70" },
 *   search: randomSearch({ leaves: between(8, 128, { whole: true, logarithmic: true }), featureFraction: between(0.5, 1) }, { trials: 20, metric: "auc" }) });
 */
export function randomSearch<const V extends Readonly<Record<string, Values | Between>>>(
  parameters: V,
  options: RandomSearchOptions,
): Search<keyof V & string> {
  return search("random", parameters, options);
}

/**
 * Draws combinations as `randomSearch` does, tries all of them on few rows, and only the better ones on more
 * (Jamieson and Talwalkar 2016, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", AISTATS).
 *
 * @example
 * const delay = model("arrival_delay", { from: features, target: "late", split: { by: "scheduled", test: "last 60 days" },
 *   train: boostedTrees({ trees: 300 }), accept: { auc: ">= 0.70" },
 *   search: successiveHalving({ leaves: between(8, 128, { whole: true }), l2: [0, 1, 10] }, { trials: 27, factor: 3 }) });
 */
export function successiveHalving<const V extends Readonly<Record<string, Values | Between>>>(
  parameters: V,
  options: HalvingOptions,
): Search<keyof V & string> {
  return search("halving", parameters, options);
}

function search<P extends string>(
  method: SearchNode["method"],
  parameters: Readonly<Record<P, SearchValues>>,
  options: SearchOptions & { readonly trials: number | null; readonly seed?: number; readonly factor?: number },
): Search<P> {
  const metric = options.metric ?? "logLoss";
  return deepFreeze({
    method,
    parameters,
    trials: options.trials,
    metric,
    better: fewerIsBetter.has(metric) ? "less" : "more",
    folds: options.folds ?? 5,
    factor: options.factor ?? 3,
    parallel: options.parallel ?? null,
    seed: options.seed ?? 1,
  });
}

const fewerIsBetter: ReadonlySet<string> = new Set(["logLoss", "brier", "calibrationError"]);

/** Nothing, or a sentence that names the parameters that the trainer does not have. */
export type SearchMisfit<R extends TrainerNode, X extends SearchNode> = R extends { readonly trainer: "boosted-trees" }
  ? string extends keyof X["parameters"]
    ? unknown
    : [Exclude<keyof X["parameters"], keyof BoostedTreesOptions>] extends [never]
      ? unknown
      : `boostedTrees has no parameter '${Exclude<keyof X["parameters"], keyof BoostedTreesOptions> & string}'`
  : unknown;
