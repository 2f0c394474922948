import { wordAt, type TrainingColumn } from "./columns.ts";
import { calibration, confusion, confusionAtBestF1, scores, type Slice, type TestMetrics } from "./metrics.ts";

/** Values of one slice column that are reported; the most frequent ones. */
const valuesPerSlice = 200;

/**
 * Everything reported about predictions for rows `[from, from + probabilities.length)`.
 *
 * @param slices - Columns of all rows; those from `from` on are used.
 */
export function evaluate(labels: Float32Array, probabilities: Float64Array, slices: readonly TrainingColumn[], from: number): TestMetrics {
  const reported = slices.map((column) => sliceBy(column, labels, probabilities, from));
  return {
    ...scores(labels, probabilities),
    calibration: calibration(labels, probabilities),
    confusion: confusion(labels, probabilities, 0.5),
    confusionAtBestF1: confusionAtBestF1(labels, probabilities),
    slices: reported.flatMap(({ slices: found }) => found),
    slicesLeftOut: Object.fromEntries(reported.filter(({ leftOut }) => leftOut > 0).map(({ column, leftOut }) => [column, leftOut])),
  };
}

function sliceBy(
  column: TrainingColumn,
  labels: Float32Array,
  probabilities: Float64Array,
  from: number,
): { column: string; slices: Slice[]; leftOut: number } {
  const rowsOf = new Map<string, number[]>();
  for (let row = 0; row < probabilities.length; row++) {
    const value = wordAt(column, from + row);
    const rows = rowsOf.get(value);
    if (rows === undefined) rowsOf.set(value, [row]);
    else rows.push(row);
  }
  const values = [...rowsOf].toSorted(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
  const slices = values.slice(0, valuesPerSlice).map(([value, rows]) => ({
    column: column.name,
    value,
    ...scores(
      rows.map((row) => labels[row] ?? 0),
      rows.map((row) => probabilities[row] ?? 0),
    ),
  }));
  return { column: column.name, slices, leftOut: values.length - slices.length };
}
