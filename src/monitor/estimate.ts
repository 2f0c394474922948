import { binOf } from "../train/profile.ts";
import { aucError, type FigureErrors } from "./realised.ts";

/** How often each score came true on the reference: labels of 0 and 1 counted in bins of the score. */
export interface ScoreBins {
  /** Rising inner edges, one fewer than bins: bin i is `(edges[i-1], edges[i]]`. */
  readonly edges: readonly number[];
  readonly rows: readonly number[];
  readonly positives: readonly number[];
}

/** Scores with their labels in bins of about equal rows; a hundred of them by default. */
export function scoreBins(labels: ArrayLike<number>, scores: ArrayLike<number>, bins: number = 100): ScoreBins {
  const sorted = Float64Array.from(scores).sort();
  const edges: number[] = [];
  for (let bin = 1; bin < bins; bin++) {
    const edge = sorted[Math.ceil((bin * sorted.length) / bins) - 1];
    if (edge !== undefined && edge > (edges.at(-1) ?? Number.NEGATIVE_INFINITY) && edge < (sorted.at(-1) ?? edge)) edges.push(edge);
  }
  const rows = new Array<number>(edges.length + 1).fill(0);
  const positives = new Array<number>(edges.length + 1).fill(0);
  for (let row = 0; row < scores.length; row++) {
    const bin = binOf(edges, scores[row] ?? Number.NaN);
    if (bin < 0) continue;
    rows[bin] = (rows[bin] ?? 0) + 1;
    positives[bin] = (positives[bin] ?? 0) + (labels[row] ?? 0);
  }
  return { edges, rows, positives };
}

/**
 * The chance that a score comes true: isotonic regression of the labels on the bins, by pooling adjacent violators (B. Zadrozny, C. Elkan,
 * Transforming classifier scores into accurate multiclass probability estimates, KDD 2002). A bin's chance has the error of its share,
 * `sqrt(c (1 - c) / rows)`.
 */
export function calibrator({ edges, rows, positives }: ScoreBins): (score: number) => number {
  const pools: { rows: number; positives: number; bins: number }[] = [];
  rows.forEach((count, bin) => {
    let pool = { rows: count, positives: positives[bin] ?? 0, bins: 1 };
    for (
      let before = pools.at(-1);
      before !== undefined && before.positives * pool.rows >= pool.positives * before.rows;
      before = pools.at(-1)
    ) {
      pools.pop();
      pool = { rows: before.rows + pool.rows, positives: before.positives + pool.positives, bins: before.bins + pool.bins };
    }
    pools.push(pool);
  });
  const chances = pools.flatMap((pool) => new Array<number>(pool.bins).fill(pool.rows === 0 ? Number.NaN : pool.positives / pool.rows));
  return (score) => chances[binOf(edges, score)] ?? Number.NaN;
}

/** Figures that are expected of predictions whose labels are not known yet; null where there is nothing to expect. */
export interface EstimatedPerformance {
  readonly rows: number;
  readonly auc: number | null;
  readonly accuracy: number | null;
  /** Standard error of the realised accuracy around this, from the labels' chance alone: `sqrt(sum c (1 - c)) / rows`. */
  readonly accuracyError: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  readonly logLoss: number | null;
  readonly brier: number | null;
  /** Standard errors of what will be realised around these, from the labels' chance alone. */
  readonly errors: FigureErrors;
}

/**
 * Confidence-based performance estimation: each prediction counts as positive with its calibrated chance c, so that the expected true positives
 * are the sum of c over rows predicted positive, and so on; AUC weighs each pair of rows by `c (1 - c')` (J. Białek, W. Kuberski, N. Perrakis,
 * A. Bifet, Estimating model performance under covariate shift without labels, 2024; NannyML's documentation calls it CBPE).
 *
 * It holds while the chance of the label, given the score, stays what it was on the reference: the inputs may shift, their meaning may not. A
 * concept drift is not seen, and only labels show it.
 *
 * @param threshold predicted positive where the score is at least this
 * @param weights what each row counts; null where each counts once
 */
export function estimatePerformance(
  scores: Float64Array,
  calibrate: (score: number) => number,
  threshold: number = 0.5,
  weights: Float64Array | null = null,
): EstimatedPerformance {
  const sorted = inOrder(scores, weights);
  const rows = sorted.scores.length;
  if (rows === 0) return nothing;
  let [total, positives, truePositives, predicted, loss, square, concordant, below] = [0, 0, 0, 0, 0, 0, 0, 0];
  const variance = { accuracy: 0, logLoss: 0, brier: 0 };
  for (let start = 0; start < rows;) {
    const score = sorted.scores[start] ?? Number.NaN;
    let [count, squares] = [0, 0];
    let end = start;
    for (; end < rows && sorted.scores[end] === score; end++) {
      const weight = sorted.weights?.[end] ?? 1;
      count += weight;
      squares += weight * weight;
    }
    const chance = calibrate(score);
    total += count;
    positives += count * chance;
    if (score >= threshold) {
      predicted += count;
      truePositives += count * chance;
    }
    const clipped = Math.min(Math.max(score, Number.EPSILON), 1 - Number.EPSILON);
    loss -= count * (chance * Math.log(clipped) + (1 - chance) * Math.log(1 - clipped));
    square += count * (chance * (1 - score) ** 2 + (1 - chance) * score ** 2);
    const spread = squares * chance * (1 - chance);
    variance.accuracy += spread;
    variance.logLoss += spread * Math.log(clipped / (1 - clipped)) ** 2;
    variance.brier += spread * (1 - 2 * score) ** 2;
    // Rows of the same score tie: they count a half.
    concordant += count * chance * (below + (count * (1 - chance)) / 2);
    below += count * (1 - chance);
    start = end;
  }
  const falsePositives = predicted - truePositives;
  const trueNegatives = total - positives - falsePositives;
  const area = positives === 0 || below === 0 ? null : concordant / (positives * below);
  const accuracyError = Math.sqrt(variance.accuracy) / total;
  return {
    rows,
    auc: area,
    accuracy: (truePositives + trueNegatives) / total,
    accuracyError,
    precision: predicted === 0 ? null : truePositives / predicted,
    recall: positives === 0 ? null : truePositives / positives,
    f1: positives + predicted === 0 ? null : (2 * truePositives) / (positives + predicted),
    logLoss: loss / total,
    brier: square / total,
    errors: {
      auc: area === null ? null : aucError(area, positives, total - positives),
      logLoss: Math.sqrt(variance.logLoss) / total,
      brier: Math.sqrt(variance.brier) / total,
      accuracy: accuracyError,
    },
  };
}

const nothing: EstimatedPerformance = Object.freeze({
  rows: 0,
  auc: null,
  accuracy: null,
  accuracyError: null,
  precision: null,
  recall: null,
  f1: null,
  logLoss: null,
  brier: null,
  errors: Object.freeze({ auc: null, logLoss: null, brier: null, accuracy: null }),
});

/** Scores that are numbers, in rising order, with their weights beside them. */
function inOrder(
  scores: Float64Array,
  weights: Float64Array | null,
): { readonly scores: Float64Array; readonly weights: Float64Array | null } {
  if (weights === null) return { scores: scores.filter((score) => !Number.isNaN(score)).sort(), weights: null };
  const order = Uint32Array.from(scores, (_, row) => row)
    .filter((row) => !Number.isNaN(scores[row]))
    .sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  return { scores: Float64Array.from(order, (row) => scores[row] ?? 0), weights: Float64Array.from(order, (row) => weights[row] ?? 0) };
}
