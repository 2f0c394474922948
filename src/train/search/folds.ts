import type { ModelNode } from "../../define/node.ts";
import { MillwrightError } from "../../error.ts";
import type { TrainingColumn, TrainingData } from "../columns.ts";
import { hasBothLabels } from "../lightgbm/booster.ts";

/** Rows of the training period: trained on `[from, start)`, judged by `[start, end)`, which are later. */
export interface Fold {
  readonly from: number;
  readonly start: number;
  readonly end: number;
}

/** Of n rows, one in so many is held back when there is one fold only. */
const holdout = 5;

/**
 * The folds of a cross-validation that respects time: each is judged by the rows right after those that it was trained on
 * (Hyndman and Athanasopoulos, "Forecasting: Principles and Practice", 3rd edition, section 5.10, "Time series cross-validation").
 * Of n rows, oldest first, and k folds, each judges floor(n / (k + 1)) rows, and fold i of 1 to k begins with row
 * n - (k + 1 - i) floor(n / (k + 1)), as scikit-learn's TimeSeriesSplit has it; a single fold judges the newest floor(n / 5).
 * Rows of one time are never parted: the fold then begins with the first of them.
 *
 * @param share - Each fold trains on this share of its rows, above 0 and at most 1: the newest.
 * @throws MillwrightError `search-folds`, with the model's place, where a fold has nothing to learn from or to judge by.
 */
export function foldsOf(node: ModelNode, data: Pick<TrainingData, "times" | "labels" | "trainingRows">, folds: number, share = 1): Fold[] {
  const { times, trainingRows: rows } = data;
  const judged = Math.floor(rows / (folds === 1 ? holdout : folds + 1));
  const starts = Array.from({ length: folds }, (_, fold) => firstOfTime(times, rows - (folds - fold) * judged));
  return starts.map((start, index) => {
    const end = starts[index + 1] ?? rows;
    const fold = { from: firstOfTime(times, start - Math.floor(start * share)), start, end };
    refuseEmpty(node, data, fold, index, share);
    return fold;
  });
}

function refuseEmpty(node: ModelNode, { labels }: Pick<TrainingData, "labels">, fold: Fold, index: number, share: number): void {
  const { from, start, end } = fold;
  const nothing =
    start === end
      ? "has no rows to be judged by: all lie at one time"
      : !hasBothLabels(labels.subarray(from, start))
        ? `has ${start - from} rows to train on${share < 1 ? ` in a round with 1 in ${Math.round(1 / share)} of them` : ""}, and not both labels among them`
        : !hasBothLabels(labels.subarray(start, end))
          ? `is judged by ${end - start} rows, and not both labels are among them`
          : null;
  if (nothing === null) return;
  throw new MillwrightError({
    code: "search-folds",
    what: `fold ${index + 1} of the search of model '${node.name}' ${nothing}`,
    where: node.origin,
    fix: "use fewer folds, or load more data",
  });
}

function firstOfTime(times: Float64Array, row: number): number {
  let first = row;
  while (first > 0 && times[first - 1] === times[first]) first--;
  return first;
}

/** The rows of a fold as a training of their own, copied: those it is judged by stand where the test rows stand. Slices are left out. */
export function cutFold(data: TrainingData, { from, start, end }: Fold): TrainingData {
  return {
    rows: end - from,
    trainingRows: start - from,
    times: data.times.slice(from, end),
    labels: data.labels.slice(from, end),
    features: data.features.map((column) => cutColumn(column, from, end)),
    slices: [],
    leftOut: { withoutLabel: 0, withoutTime: 0 },
  };
}

function cutColumn(column: TrainingColumn, from: number, end: number): TrainingColumn {
  switch (column.kind) {
    case "text":
      return { ...column, codes: column.codes.slice(from, end) };
    case "number":
      return { ...column, values: column.values.slice(from, end) };
    case "boolean":
      return { ...column, values: column.values.slice(from, end) };
  }
}

/** Bytes that the rows of a training hold. */
export function bytesOf(data: TrainingData): number {
  const columns = data.features.map((column) => (column.kind === "text" ? column.codes.byteLength : column.values.byteLength));
  return columns.reduce((sum, bytes) => sum + bytes, data.times.byteLength + data.labels.byteLength);
}
