import { calibration, confusion, scores as scoresOf, type Scores } from "../train/metrics.ts";

/** Standard errors of figures that some rows give of all that might have come; null where a figure does not exist. */
export interface FigureErrors {
  readonly auc: number | null;
  readonly logLoss: number | null;
  readonly brier: number | null;
  readonly accuracy: number | null;
}

/** What the labels say of predictions. */
export interface RealisedPerformance extends Scores {
  readonly accuracy: number;
  readonly errors: FigureErrors;
}

/**
 * The figures of predictions whose labels are known, with their standard errors: Hanley's and McNeil's for the AUC, of the mean for the others.
 *
 * @param weights what each row counts; null where each counts once
 */
export function realisedPerformance(
  labels: Float64Array,
  probabilities: Float64Array,
  weights: Float64Array | null,
  threshold: number = 0.5,
): RealisedPerformance {
  const losses = labels.map((label, row) => {
    const probability = Math.min(Math.max(probabilities[row] ?? Number.NaN, Number.EPSILON), 1 - Number.EPSILON);
    return -Math.log(label === 1 ? probability : 1 - probability);
  });
  const squares = labels.map((label, row) => ((probabilities[row] ?? Number.NaN) - label) ** 2);
  const right = labels.map((label, row) => (((probabilities[row] ?? Number.NaN) >= threshold ? 1 : 0) === label ? 1 : 0));
  const [loss, square, hits] = [losses, squares, right].map((values) => meanOf(values, weights));
  const figures =
    weights === null
      ? { ...scoresOf(labels, probabilities), accuracy: confusion(labels, probabilities, threshold).accuracy }
      : {
          rows: labels.length,
          positives: labels.reduce((sum, label) => sum + label, 0),
          auc: weightedAuc(labels, probabilities, weights),
          logLoss: loss?.mean ?? null,
          brier: square?.mean ?? null,
          calibrationError: weightedCalibrationError(labels, probabilities, weights),
          accuracy: hits?.mean ?? 0,
        };
  const total = weights === null ? labels.length : sumOf(weights);
  const positives = meanOf(labels, weights).mean * total;
  return {
    ...figures,
    errors: {
      auc: figures.auc === null ? null : aucError(figures.auc, positives, total - positives),
      logLoss: loss?.error ?? null,
      brier: square?.error ?? null,
      accuracy: hits?.error ?? null,
    },
  };
}

/** J. Hanley, B. McNeil, The meaning and use of the area under a ROC curve, Radiology 143, 1982. */
export function aucError(area: number, positives: number, negatives: number): number {
  const one = area / (2 - area);
  const other = (2 * area * area) / (1 + area);
  const variance = area * (1 - area) + (positives - 1) * (one - area * area) + (negatives - 1) * (other - area * area);
  return Math.sqrt(Math.max(0, variance) / (positives * negatives));
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function meanOf(values: Float64Array, weights: Float64Array | null): { readonly mean: number; readonly error: number } {
  let [total, sum] = [0, 0];
  for (let row = 0; row < values.length; row++) {
    const weight = weights?.[row] ?? 1;
    total += weight;
    sum += weight * (values[row] ?? Number.NaN);
  }
  const mean = sum / total;
  let variance = 0;
  for (let row = 0; row < values.length; row++) variance += ((weights?.[row] ?? 1) * ((values[row] ?? Number.NaN) - mean)) ** 2;
  return { mean, error: Math.sqrt(variance) / total };
}

/** The same as `auc`, each row counting its weight. */
function weightedAuc(labels: Float64Array, probabilities: Float64Array, weights: Float64Array): number | null {
  const order = Uint32Array.from(labels, (_, row) => row).sort((a, b) => (probabilities[a] ?? 0) - (probabilities[b] ?? 0));
  let [below, positives, concordant] = [0, 0, 0];
  for (let start = 0; start < order.length;) {
    const value = probabilities[order[start] ?? 0];
    let [ones, zeros] = [0, 0];
    let end = start;
    for (; end < order.length && probabilities[order[end] ?? 0] === value; end++) {
      const row = order[end] ?? 0;
      if (labels[row] === 1) ones += weights[row] ?? 0;
      else zeros += weights[row] ?? 0;
    }
    concordant += ones * (below + zeros / 2);
    below += zeros;
    positives += ones;
    start = end;
  }
  return positives === 0 || below === 0 ? null : concordant / (positives * below);
}

/** The same as `calibrationError`, each row counting its weight. */
function weightedCalibrationError(labels: Float64Array, probabilities: Float64Array, weights: Float64Array): number | null {
  const bins = calibration([], []);
  const sums = bins.map(() => ({ weight: 0, probability: 0, positives: 0 }));
  for (let row = 0; row < labels.length; row++) {
    const probability = probabilities[row] ?? 0;
    const sum = sums[bins.findIndex(({ to }) => probability <= to)] ?? sums.at(-1);
    const weight = weights[row] ?? 0;
    if (sum === undefined) continue;
    sum.weight += weight;
    sum.probability += weight * probability;
    sum.positives += weight * (labels[row] ?? 0);
  }
  const total = sums.reduce((all, { weight }) => all + weight, 0);
  return total === 0 ? null : sums.reduce((all, { probability, positives }) => all + Math.abs(positives - probability), 0) / total;
}
