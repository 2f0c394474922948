/** Every formula takes labels of 0 and 1 and probabilities of 1, of equal length. A figure that does not exist is null, never 0. */
type Labels = ArrayLike<number>;
type Probabilities = ArrayLike<number>;

export interface Confusion {
  /** Predicted positive where the probability is at least this. */
  readonly threshold: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
  readonly accuracy: number;
  /** Null where nothing is predicted positive. */
  readonly precision: number | null;
  /** Null where nothing is positive. */
  readonly recall: number | null;
  readonly f1: number | null;
}

/** One bin of a reliability diagram: probabilities in `(from, to]`, the first with 0 itself. */
export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly meanProbability: number | null;
  readonly shareOfPositives: number | null;
}

/** The figures of one set of rows. */
export interface Scores {
  readonly rows: number;
  readonly positives: number;
  readonly auc: number | null;
  readonly logLoss: number | null;
  readonly brier: number | null;
  readonly calibrationError: number | null;
}

export interface Slice extends Scores {
  readonly column: string;
  readonly value: string;
}

export interface TestMetrics extends Scores {
  readonly calibration: readonly CalibrationBin[];
  readonly confusion: Confusion;
  /** At the threshold with the highest F1 on these same rows, so a little too good. */
  readonly confusionAtBestF1: Confusion;
  readonly slices: readonly Slice[];
  /** Values of slice columns that are not reported because there are too many: column to number of values. */
  readonly slicesLeftOut: Readonly<Record<string, number>>;
}

/** The row numbers in the order of rising probability. */
function ascending(probabilities: Probabilities): Uint32Array {
  return Uint32Array.from({ length: probabilities.length }, (_, row) => row).sort(
    (a, b) => (probabilities[a] ?? 0) - (probabilities[b] ?? 0),
  );
}

/**
 * Area under the ROC curve: the chance that a positive row is ranked above a negative one, ties counting a half.
 * By the Mann-Whitney statistic with mean ranks for ties (Hanley and McNeil 1982, Radiology 143).
 */
export function auc(labels: Labels, probabilities: Probabilities): number | null {
  const order = ascending(probabilities);
  let positives = 0;
  let ranks = 0;
  for (let start = 0; start < order.length;) {
    let end = start;
    let tiedPositives = 0;
    const value = probabilities[order[start] ?? 0];
    for (; end < order.length && probabilities[order[end] ?? 0] === value; end++) tiedPositives += labels[order[end] ?? 0] ?? 0;
    ranks += tiedPositives * ((start + 1 + end) / 2); // ranks start + 1 to end, on average
    positives += tiedPositives;
    start = end;
  }
  const negatives = order.length - positives;
  return positives === 0 || negatives === 0 ? null : (ranks - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** Mean of `-ln p(label)` (Good 1952); probabilities are kept 2.2e-16 away from 0 and 1, as scikit-learn does. */
export function logLoss(labels: Labels, probabilities: Probabilities): number | null {
  let sum = 0;
  for (let row = 0; row < labels.length; row++) {
    const probability = Math.min(Math.max(probabilities[row] ?? Number.NaN, Number.EPSILON), 1 - Number.EPSILON);
    sum -= Math.log(labels[row] === 1 ? probability : 1 - probability);
  }
  return labels.length === 0 ? null : sum / labels.length;
}

/** Mean squared difference of probability and label (Brier 1950, Monthly Weather Review 78). */
export function brier(labels: Labels, probabilities: Probabilities): number | null {
  let sum = 0;
  for (let row = 0; row < labels.length; row++) sum += ((probabilities[row] ?? Number.NaN) - (labels[row] ?? Number.NaN)) ** 2;
  return labels.length === 0 ? null : sum / labels.length;
}

/** Ten bins of equal width (a reliability diagram: Murphy and Winkler 1977; binned as scikit-learn's calibration_curve does). */
export function calibration(labels: Labels, probabilities: Probabilities): CalibrationBin[] {
  const bins = Array.from({ length: 10 }, () => ({ rows: 0, probability: 0, positives: 0 }));
  for (let row = 0; row < labels.length; row++) {
    const probability = probabilities[row] ?? 0;
    const bin = bins[edges.findIndex((edge) => probability <= edge)] ?? bins[9];
    if (bin === undefined) continue;
    bin.rows++;
    bin.probability += probability;
    bin.positives += labels[row] ?? 0;
  }
  return bins.map(({ rows, probability, positives }, index) => ({
    from: index === 0 ? 0 : (edges[index - 1] ?? 0),
    to: edges[index] ?? 1,
    rows,
    meanProbability: rows === 0 ? null : probability / rows,
    shareOfPositives: rows === 0 ? null : positives / rows,
  }));
}

const edges: readonly number[] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** Expected calibration error: the bins' differences of share and mean probability, weighted by rows (Naeini et al. 2015, AAAI). */
export function calibrationError(bins: readonly CalibrationBin[]): number | null {
  const rows = bins.reduce((sum, bin) => sum + bin.rows, 0);
  if (rows === 0) return null;
  return bins.reduce((sum, bin) => sum + (bin.rows / rows) * Math.abs((bin.shareOfPositives ?? 0) - (bin.meanProbability ?? 0)), 0);
}

/** The four counts at a threshold, and accuracy, precision, recall and F1 (van Rijsbergen 1979) from them. */
export function confusion(labels: Labels, probabilities: Probabilities, threshold: number): Confusion {
  let truePositives = 0;
  let falsePositives = 0;
  let positives = 0;
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row] ?? 0;
    positives += label;
    if ((probabilities[row] ?? 0) < threshold) continue;
    if (label === 1) truePositives++;
    else falsePositives++;
  }
  return fromCounts(labels.length, positives, truePositives, falsePositives, threshold);
}

function fromCounts(rows: number, positives: number, truePositives: number, falsePositives: number, threshold: number): Confusion {
  const falseNegatives = positives - truePositives;
  const trueNegatives = rows - positives - falsePositives;
  const predicted = truePositives + falsePositives;
  return {
    threshold,
    truePositives,
    falsePositives,
    trueNegatives,
    falseNegatives,
    accuracy: rows === 0 ? 0 : (truePositives + trueNegatives) / rows,
    precision: predicted === 0 ? null : truePositives / predicted,
    recall: positives === 0 ? null : truePositives / positives,
    f1: positives + predicted === 0 ? null : (2 * truePositives) / (positives + predicted),
  };
}

/** The confusion at the threshold with the highest F1; the highest such threshold where several are equal. */
export function confusionAtBestF1(labels: Labels, probabilities: Probabilities): Confusion {
  const order = ascending(probabilities);
  let positives = 0;
  for (let row = 0; row < labels.length; row++) positives += labels[row] ?? 0;
  let truePositives = 0;
  let best = fromCounts(labels.length, positives, 0, 0, Number.POSITIVE_INFINITY);
  for (let at = order.length - 1; at >= 0; at--) {
    const row = order[at] ?? 0;
    truePositives += labels[row] ?? 0;
    const threshold = probabilities[row] ?? 0;
    if (at > 0 && probabilities[order[at - 1] ?? 0] === threshold) continue;
    const here = fromCounts(labels.length, positives, truePositives, order.length - at - truePositives, threshold);
    if ((here.f1 ?? 0) > (best.f1 ?? 0)) best = here;
  }
  return Number.isFinite(best.threshold) ? best : confusion(labels, probabilities, 1);
}

/** All single figures at once. */
export function scores(labels: Labels, probabilities: Probabilities): Scores {
  let positives = 0;
  for (let row = 0; row < labels.length; row++) positives += labels[row] ?? 0;
  return {
    rows: labels.length,
    positives,
    auc: auc(labels, probabilities),
    logLoss: logLoss(labels, probabilities),
    brier: brier(labels, probabilities),
    calibrationError: calibrationError(calibration(labels, probabilities)),
  };
}
