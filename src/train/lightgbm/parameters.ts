import type { ModelNode } from "../../define/node.ts";
import { MillwrightError } from "../../error.ts";

/** Everything that decides how trees are grown. */
export interface BoostedTreesParameters {
  readonly trees: number;
  readonly leaves: number;
  /** Levels of a tree; 0 is no limit. */
  readonly depth: number;
  readonly learningRate: number;
  readonly minimumRowsPerLeaf: number;
  readonly featureFraction: number;
  /** Share of the rows that each tree sees. */
  readonly rowFraction: number;
  readonly l1: number;
  readonly l2: number;
  /** Bins into which a feature's values are put. */
  readonly bins: number;
  /** Rounds without improvement after which training ends; 0 never stops early. */
  readonly earlyStopping: number;
  /** The newest share of the training rows on which early stopping judges. */
  readonly validationFraction: number;
  /** After early stopping has found the number of trees, grow them again on all training rows. */
  readonly refit: boolean;
  readonly seed: number;
}

interface Rule {
  readonly default: number | boolean;
  readonly least?: number;
  readonly most?: number;
  readonly whole?: boolean;
}

const rules: Readonly<Record<keyof BoostedTreesParameters, Rule>> = {
  trees: { default: 300, least: 1, most: 100_000, whole: true },
  leaves: { default: 31, least: 2, most: 131_072, whole: true },
  depth: { default: 0, least: 0, most: 1_000, whole: true },
  learningRate: { default: 0.05, least: 1e-6, most: 1 },
  minimumRowsPerLeaf: { default: 20, least: 1, most: 1e9, whole: true },
  featureFraction: { default: 1, least: 0.01, most: 1 },
  rowFraction: { default: 1, least: 0.01, most: 1 },
  l1: { default: 0, least: 0, most: 1e9 },
  l2: { default: 0, least: 0, most: 1e9 },
  bins: { default: 255, least: 2, most: 65_535, whole: true },
  earlyStopping: { default: 30, least: 0, most: 100_000, whole: true },
  validationFraction: { default: 0.15, least: 0.01, most: 0.5 },
  refit: { default: true },
  seed: { default: 1, least: 0, most: 2 ** 31 - 1, whole: true },
};

/**
 * The parameters of a model's trainer, completed with defaults.
 *
 * @throws MillwrightError `unknown-parameter` or `parameter-value`, with the model's place.
 */
export function boostedTreesParameters(node: ModelNode): BoostedTreesParameters {
  for (const name of Object.keys(node.train.parameters)) {
    if (!Object.hasOwn(rules, name)) {
      throw new MillwrightError({
        code: "unknown-parameter",
        what: `boostedTrees has no parameter '${name}'`,
        where: node.origin,
        fix: `use one of: ${Object.keys(rules).join(", ")}`,
      });
    }
  }
  const number = (name: Exclude<keyof BoostedTreesParameters, "refit">): number => {
    const rule = rules[name];
    const value = node.train.parameters[name] ?? rule.default;
    const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = rule;
    if (typeof value === "number" && value >= least && value <= most && (rule.whole !== true || Number.isInteger(value))) return value;
    throw new MillwrightError({
      code: "parameter-value",
      what: `boostedTrees' ${name} is ${JSON.stringify(value)}, not a ${rule.whole === true ? "whole " : ""}number from ${least} to ${most}`,
      where: node.origin,
      fix: `set ${name} within its range; the default is ${String(rule.default)}`,
    });
  };
  const refit = node.train.parameters["refit"] ?? true;
  if (typeof refit !== "boolean")
    throw new MillwrightError({
      code: "parameter-value",
      what: `boostedTrees' refit is ${JSON.stringify(refit)}, not true or false`,
      where: node.origin,
    });
  return {
    trees: number("trees"),
    leaves: number("leaves"),
    depth: number("depth"),
    learningRate: number("learningRate"),
    minimumRowsPerLeaf: number("minimumRowsPerLeaf"),
    featureFraction: number("featureFraction"),
    rowFraction: number("rowFraction"),
    l1: number("l1"),
    l2: number("l2"),
    bins: number("bins"),
    earlyStopping: number("earlyStopping"),
    validationFraction: number("validationFraction"),
    refit,
    seed: number("seed"),
  };
}

/**
 * As LightGBM reads them. Column-wise histograms add each feature's rows in their own order whatever the number of threads,
 * where row-wise ones add up per thread: only so does the same seed give the same trees on every machine of one kind.
 */
export function nativeParameters(parameters: BoostedTreesParameters, threads: number): string {
  return Object.entries({
    objective: "binary",
    metric: "none",
    num_leaves: parameters.leaves,
    max_depth: parameters.depth === 0 ? -1 : parameters.depth,
    learning_rate: parameters.learningRate,
    min_data_in_leaf: parameters.minimumRowsPerLeaf,
    feature_fraction: parameters.featureFraction,
    bagging_fraction: parameters.rowFraction,
    bagging_freq: parameters.rowFraction < 1 ? 1 : 0,
    lambda_l1: parameters.l1,
    lambda_l2: parameters.l2,
    max_bin: parameters.bins,
    seed: parameters.seed,
    deterministic: true,
    force_col_wise: true,
    feature_pre_filter: false,
    num_threads: threads,
    verbosity: -1,
  })
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}
