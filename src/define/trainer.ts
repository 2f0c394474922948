import { deepFreeze } from "./freeze.ts";
import type { TrainerNode } from "./node.ts";

/** Parameters of gradient-boosted trees; the defaults suit some hundred thousand rows. */
export interface BoostedTreesOptions {
  /** At most this many trees; fewer where early stopping ends the training. @default 300 */
  readonly trees?: number;
  /** Leaves of a tree. @default 31 */
  readonly leaves?: number;
  /** Weight of each tree. @default 0.05 */
  readonly learningRate?: number;
  /** Rows that a leaf must hold. @default 20 */
  readonly minimumRowsPerLeaf?: number;
  /** Share of the features that each tree sees, 0 to 1. @default 1 */
  readonly featureFraction?: number;
  /** Stop when this many further trees do not improve the validation rows; 0 never stops early. @default 30 */
  readonly earlyStopping?: number;
  /** Start of every random choice: the same seed and rows give the same model. @default 1 */
  readonly seed?: number;
}

/**
 * Gradient-boosted decision trees, by LightGBM's C library; needs no Python.
 *
 * @example
 * model("arrival_delay", { from: features, target: "late", split: { by: "scheduled", test: "last 60 days" },
 *   train: boostedTrees({ trees: 300 }) });
 */
export function boostedTrees(options: BoostedTreesOptions = {}): TrainerNode {
  return deepFreeze({ trainer: "boosted-trees", parameters: { ...options } });
}
