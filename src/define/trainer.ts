import { deepFreeze } from "./freeze.ts";
import type { TrainerNode } from "./node.ts";

/** Parameters of gradient-boosted trees; the defaults suit some hundred thousand rows. */
export interface BoostedTreesOptions {
  /** At most this many trees; fewer where early stopping ends the training. @default 300 */
  readonly trees?: number;
  /** Leaves of a tree. @default 31 */
  readonly leaves?: number;
  /** Levels of a tree; 0 is no limit. @default 0 */
  readonly depth?: number;
  /** Weight of each tree. @default 0.05 */
  readonly learningRate?: number;
  /** Rows that a leaf must hold. @default 20 */
  readonly minimumRowsPerLeaf?: number;
  /** Share of the features that each tree sees, 0.01 to 1. @default 1 */
  readonly featureFraction?: number;
  /** Share of the training rows that each tree sees, 0.01 to 1. @default 1 */
  readonly rowFraction?: number;
  /** Penalty on the sum of the leaves' absolute values. @default 0 */
  readonly l1?: number;
  /** Penalty on the sum of the leaves' squares. @default 0 */
  readonly l2?: number;
  /** Bins into which a feature's values are put. @default 255 */
  readonly bins?: number;
  /** Stop when this many further trees do not improve the validation rows; 0 never stops early. @default 30 */
  readonly earlyStopping?: number;
  /** Share of the training rows, the newest, by which early stopping judges, 0.01 to 0.5. @default 0.15 */
  readonly validationFraction?: number;
  /** After early stopping has found how many trees to grow, grow them again on all training rows. @default true */
  readonly refit?: boolean;
  /** Start of every random choice: the same seed and rows give the same model. @default 1 */
  readonly seed?: number;
}

/**
 * Gradient-boosted decision trees, by LightGBM's C library; needs no Python.
 *
 * @example
 * const delay = model("arrival_delay", { from: features, target: "late", split: { by: "scheduled", test: "last 60 days" },
 *   train: boostedTrees({ trees: 300, seed: 1 }), accept: { auc: ">= 0.70" } });
 */
export function boostedTrees(options: BoostedTreesOptions = {}): Extract<TrainerNode, { readonly trainer: "boosted-trees" }> {
  return deepFreeze({ trainer: "boosted-trees", parameters: { ...options } });
}
