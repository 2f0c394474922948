import type { ColumnType } from "../define/column.ts";

/** A column as a trainer takes it: typed arrays, one element a row; their buffers may be moved to a worker thread. */
export type TrainingColumn = NumberColumn | TextColumn | BooleanColumn;

interface Base {
  readonly name: string;
  readonly type: ColumnType;
}

/**
 * Numbers, dates (days since 1970-01-01) and timestamps (microseconds since 1970-01-01 UTC); NaN where missing.
 * A double holds every microsecond until the year 2255.
 */
export interface NumberColumn extends Base {
  readonly kind: "number";
  readonly values: Float64Array<ArrayBuffer>;
}

/** Text by dictionary; a missing text is the empty text, as a request can say no other. */
export interface TextColumn extends Base {
  readonly kind: "text";
  readonly codes: Int32Array<ArrayBuffer>;
  /** In the order of first appearance. */
  readonly dictionary: readonly string[];
}

/** 0 and 1; a missing boolean is false, as a request can say no other. */
export interface BooleanColumn extends Base {
  readonly kind: "boolean";
  readonly values: Uint8Array<ArrayBuffer>;
}

/** Rows of the feature table that have a label and a time, oldest first. */
export interface TrainingData {
  readonly rows: number;
  /** The first `trainingRows` are the training period, the others the test period. */
  readonly trainingRows: number;
  /** Microseconds since 1970-01-01 UTC, never falling. */
  readonly times: Float64Array<ArrayBuffer>;
  /** 0 and 1. */
  readonly labels: Float32Array<ArrayBuffer>;
  readonly features: readonly TrainingColumn[];
  readonly slices: readonly TrainingColumn[];
  /** Rows that took no part, by reason. */
  readonly leftOut: { readonly withoutLabel: number; readonly withoutTime: number };
}

/** The buffers of all columns, to be moved to another thread rather than copied. */
export function transferables(data: TrainingData): ArrayBuffer[] {
  const columns = [...data.features, ...data.slices].map((column) => (column.kind === "text" ? column.codes.buffer : column.values.buffer));
  return [...new Set([data.times.buffer, data.labels.buffer, ...columns])];
}

/** The value of a row as a word, for reports by slice; a missing value is the empty word. */
export function wordAt(column: TrainingColumn, row: number): string {
  if (column.kind === "text") return column.dictionary[column.codes[row] ?? -1] ?? "";
  const value = column.values[row] ?? Number.NaN;
  if (column.kind === "boolean") return value === 1 ? "true" : "false";
  return Number.isNaN(value) ? "" : String(value);
}
