import type { ColumnType } from "../define/column.ts";
import type { ModelNode, Preparation } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import type { TrainingColumn } from "./columns.ts";

/** What was learnt from the training rows about one feature; all of it travels inside the ONNX. */
export type Fitted =
  | { readonly method: "none" | "log" }
  | { readonly method: "zscore"; readonly mean: number; readonly standardDeviation: number }
  | { readonly method: "minmax"; readonly minimum: number; readonly maximum: number }
  | { readonly method: "ordinal"; readonly categories: Categories; readonly codes: readonly number[]; readonly unknown: number }
  | { readonly method: "onehot"; readonly categories: Categories };

/** Texts, or whole numbers (a boolean is 0 or 1); a missing number is `missingNumber`. */
export type Categories = readonly string[] | readonly number[];

/** Stands for a missing number among categories: the smallest 64-bit integer, which is also a missing date or timestamp in a request. */
export const missingNumber: number = -(2 ** 63);

export interface PreparedFeature {
  readonly name: string;
  readonly type: ColumnType;
  readonly fitted: Fitted;
}

/** At most so many columns come of a one-hot feature: the most frequent categories; all others are zero in each. */
const onehotLimit = 100;

/** Rows of the overall share that each category is given before its own are counted, so that a rare one lies near the middle. */
const smoothing = 20;

/** An ordinal category with fewer rows is treated as unknown: its few labels would tell the trees themselves rather than a tendency. */
const fewestRows = 20;

/**
 * Learns each feature's preparation from rows `[0, rows)`.
 * Ordinal: categories in the order of their share of positive labels (smoothed towards the overall share), which is the order in which
 * a binary tree finds the best partition of categories by a single threshold (Fisher 1958; Breiman et al. 1984, theorem 4.5).
 * A category that training saw fewer than twenty times, or never, takes the place of the overall share.
 */
export function fitPreparation(node: ModelNode, columns: readonly TrainingColumn[], labels: Float32Array, rows: number): PreparedFeature[] {
  return columns.map((column) => {
    const method = node.prepare[column.name] ?? (column.kind === "text" ? "ordinal" : "none");
    refuseUnfit(node, column, method);
    return { name: column.name, type: column.type, fitted: fitOne(method, column, labels, rows) };
  });
}

/** The number of prepared columns that a feature becomes. */
export function widthOf(feature: PreparedFeature): number {
  return feature.fitted.method === "onehot" ? feature.fitted.categories.length : 1;
}

/**
 * The prepared values of rows `[from, to)`, row after row, as 32-bit floats: exactly what the ONNX computes from the raw values.
 *
 * @returns An array of `(to - from) * sum of widths`.
 */
export function prepare(
  features: readonly PreparedFeature[],
  columns: readonly TrainingColumn[],
  from: number,
  to: number,
): Float32Array<ArrayBuffer> {
  const width = features.reduce((sum, feature) => sum + widthOf(feature), 0);
  const matrix = new Float32Array((to - from) * width);
  let offset = 0;
  for (const [index, feature] of features.entries()) {
    const column = columns[index];
    if (column?.name !== feature.name) throw new Error(`column ${feature.name} is not where the preparation expects it`);
    fill(matrix, width, offset, feature.fitted, column, from, to);
    offset += widthOf(feature);
  }
  return matrix;
}

/** Arithmetic preparations, in double precision. */
export function prepareNumber(fitted: Fitted, value: number): number {
  switch (fitted.method) {
    case "zscore":
      return (value - fitted.mean) / (fitted.standardDeviation || 1);
    case "minmax":
      return (value - fitted.minimum) / (fitted.maximum - fitted.minimum || 1);
    case "log":
      return Math.sign(value) * Math.log(1 + Math.abs(value));
    default:
      return value;
  }
}

function fill(matrix: Float32Array, width: number, offset: number, fitted: Fitted, column: TrainingColumn, from: number, to: number): void {
  if (fitted.method === "ordinal" || fitted.method === "onehot") {
    const categoryAt = categoryReader(column);
    const index = new Map<string | number, number>([...fitted.categories].map((category, at) => [category, at]));
    for (let row = from; row < to; row++) {
      const category = index.get(categoryAt(row));
      const start = (row - from) * width + offset;
      if (fitted.method === "ordinal") matrix[start] = category === undefined ? fitted.unknown : (fitted.codes[category] ?? fitted.unknown);
      else if (category !== undefined) matrix[start + category] = 1;
    }
    return;
  }
  if (column.kind === "text") throw new Error(`the text ${column.name} has no arithmetic preparation`);
  for (let row = from; row < to; row++) matrix[(row - from) * width + offset] = prepareNumber(fitted, column.values[row] ?? Number.NaN);
}

/** A row's category: its text, or its number with `missingNumber` for NaN. */
function categoryReader(column: TrainingColumn): (row: number) => string | number {
  if (column.kind === "text") return (row) => column.dictionary[column.codes[row] ?? -1] ?? "";
  return (row) => {
    const value = column.values[row] ?? Number.NaN;
    return Number.isNaN(value) ? missingNumber : value;
  };
}

function fitOne(method: Preparation, column: TrainingColumn, labels: Float32Array, rows: number): Fitted {
  switch (method) {
    case "zscore":
      return { method, ...meanAndDeviation(numbers(column, rows)) };
    case "minmax":
      return { method, ...range(numbers(column, rows)) };
    case "ordinal":
      return fitOrdinal(column, labels, rows);
    case "onehot": {
      const counts = [...countCategories(column, labels, rows)]
        .toSorted(([a, x], [b, y]) => y.rows - x.rows || compare(a, b))
        .slice(0, onehotLimit);
      return { method, categories: sameKind(column, counts.map(([category]) => category).toSorted(compare)) };
    }
    default:
      return { method };
  }
}

interface Count {
  rows: number;
  positives: number;
}

function countCategories(column: TrainingColumn, labels: Float32Array, rows: number): Map<string | number, Count> {
  const categoryAt = categoryReader(column);
  const counts = new Map<string | number, Count>();
  for (let row = 0; row < rows; row++) {
    const category = categoryAt(row);
    let count = counts.get(category);
    if (count === undefined) counts.set(category, (count = { rows: 0, positives: 0 }));
    count.rows++;
    count.positives += labels[row] ?? 0;
  }
  return counts;
}

function fitOrdinal(column: TrainingColumn, labels: Float32Array, rows: number): Fitted {
  const counts = countCategories(column, labels, rows);
  const positives = [...counts.values()].reduce((sum, count) => sum + count.positives, 0);
  const overall = rows === 0 ? 0 : positives / rows;
  const shares = [...counts]
    .filter(([, count]) => count.rows >= fewestRows)
    .map(([category, count]) => ({ category, share: (count.positives + smoothing * overall) / (count.rows + smoothing) }));
  shares.sort((a, b) => a.share - b.share || compare(a.category, b.category));
  const below = shares.filter(({ share }) => share < overall).length;
  return {
    method: "ordinal",
    categories: sameKind(
      column,
      shares.map(({ category }) => category),
    ),
    codes: shares.map((_, code) => code),
    unknown: below - 0.5,
  };
}

/** Narrows categories to what the column holds. */
function sameKind(column: TrainingColumn, categories: readonly (string | number)[]): Categories {
  return column.kind === "text" ? categories.map(String) : categories.map(Number);
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function numbers(column: TrainingColumn, rows: number): Float64Array | Uint8Array {
  if (column.kind === "text") throw new Error(`the text ${column.name} has no numbers`);
  return column.values.subarray(0, rows);
}

/** Mean and population standard deviation of the values that are not missing, in two passes. */
function meanAndDeviation(values: Float64Array | Uint8Array): { mean: number; standardDeviation: number } {
  let count = 0;
  let sum = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    count++;
    sum += value;
  }
  const mean = count === 0 ? 0 : sum / count;
  let squares = 0;
  for (const value of values) if (!Number.isNaN(value)) squares += (value - mean) ** 2;
  return { mean, standardDeviation: count === 0 ? 0 : Math.sqrt(squares / count) };
}

function range(values: Float64Array | Uint8Array): { minimum: number; maximum: number } {
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  return minimum > maximum ? { minimum: 0, maximum: 0 } : { minimum, maximum };
}

function refuseUnfit(node: ModelNode, column: TrainingColumn, method: Preparation): void {
  const categorical = method === "ordinal" || method === "onehot";
  const fits = column.kind === "text" ? categorical : !categorical || column.type !== "double";
  if (fits && !column.type.startsWith("decimal")) return;
  if (fits && !categorical) return;
  throw new MillwrightError({
    code: "preparation-type",
    what: `'${method}' cannot prepare '${column.name}' of model '${node.name}', a column of type ${column.type}`,
    where: node.origin,
    fix: column.kind === "text" ? "use ordinal or onehot for text" : "use none, zscore, minmax or log for numbers with a fraction",
  });
}
