import type { ColumnType } from "./column.ts";
import type { AggregateNode, ExpressionNode, LiteralNode } from "./expression-node.ts";

/** Keep one row per key. */
export interface Dedupe {
  readonly kind: "dedupe";
  readonly keys: readonly string[];
  /** The row with the highest value here wins; then, and when null, the highest by all columns in their order, nulls lowest. */
  readonly newest: string | null;
}

/** What replaces a null. */
export type Filling =
  | { readonly with: "constant"; readonly value: LiteralNode }
  | { readonly with: "mean" | "median" | "mode" }
  /** The last value that is not null, in `order`, among the rows with the same `by`. */
  | { readonly with: "forward"; readonly by: readonly string[]; readonly order: string };

export interface Fill {
  readonly kind: "fill";
  readonly columns: Readonly<Record<string, Filling>>;
}

/** Give columns other types; a row with a value that cannot be read as its new type is rejected. */
export interface Convert {
  readonly kind: "convert";
  readonly columns: Readonly<Record<string, ColumnType>>;
}

export interface Rename {
  readonly kind: "rename";
  /** Old name to new name. */
  readonly columns: Readonly<Record<string, string>>;
}

/** Keep these columns, in this order. */
export interface Select {
  readonly kind: "select";
  readonly columns: readonly string[];
}

export interface Drop {
  readonly kind: "drop";
  readonly columns: readonly string[];
}

/** Add columns, or replace those of the same name; all are computed from the row as it was before. */
export interface Derive {
  readonly kind: "derive";
  readonly columns: Readonly<Record<string, ExpressionNode>>;
}

/** Keep the rows where the condition is true (not false, not null). */
export interface Filter {
  readonly kind: "filter";
  readonly where: ExpressionNode;
}

export interface Normalise {
  readonly kind: "normalise";
  readonly columns: Readonly<Record<string, "zscore" | "minmax" | "log">>;
}

/** Replace a column by one boolean column per category, named `column_category`. */
export interface Onehot {
  readonly kind: "onehot";
  readonly column: string;
  readonly categories: readonly string[];
}

/** Add an integer column: the number of edges that are at most the value. */
export interface Bucket {
  readonly kind: "bucket";
  readonly column: string;
  readonly into: string;
  /** Ascending; or how many buckets with about equally many rows. */
  readonly edges: readonly number[] | { readonly quantiles: number };
}

/** Add the value that a column had `rows` rows earlier. */
export interface Lag {
  readonly kind: "lag";
  readonly column: string;
  readonly into: string;
  readonly by: readonly string[];
  readonly order: string;
  readonly rows: number;
}

/** Add aggregates over rows of the same table that lie near in `order`. */
export interface Window {
  readonly kind: "window";
  readonly by: readonly string[];
  /** A timestamp when the frame is a range of time. */
  readonly order: string;
  /** Seconds back, both ends included; or rows back; null means from the first row. */
  readonly frame: { readonly seconds: number } | { readonly rows: number } | null;
  /** Leave out the row itself and, with a range of time, the rows of the same instant. */
  readonly excludeCurrent: boolean;
  readonly columns: Readonly<Record<string, AggregateNode>>;
}

/** A pair of columns that must be equal; null equals nothing. */
export interface Pair {
  readonly left: string;
  readonly right: string;
}

export interface Join {
  readonly kind: "join";
  /** Name of the table on the right. */
  readonly table: string;
  readonly how: "left" | "inner";
  readonly on: readonly Pair[];
  /** Take only the newest right row with right time <= left time - lag, not older than the tolerance before that. */
  readonly asOf: {
    readonly left: string;
    readonly right: string;
    readonly lagSeconds: number;
    readonly toleranceSeconds: number | null;
  } | null;
  /** The right table's columns to add: name there to name here. Null means all but those of `on` that have the same name on both sides. */
  readonly columns: Readonly<Record<string, string>> | null;
}

/** For each row, aggregates of the rows of another table that came strictly earlier: time in [at - seconds, at). */
export interface Lookback {
  readonly kind: "lookback";
  readonly table: string;
  readonly by: readonly Pair[];
  /** A timestamp of this table. */
  readonly at: string;
  /** A timestamp of the other table. */
  readonly time: string;
  /** Count only rows that are still open: this timestamp of the other table is null or not before `at`. */
  readonly until: string | null;
  /** How far back; null means without limit. */
  readonly seconds: number | null;
  /** Over the columns of the other table. */
  readonly columns: Readonly<Record<string, AggregateNode>>;
}

/** One row per combination of `by`. */
export interface Aggregate {
  readonly kind: "aggregate";
  readonly by: readonly string[];
  readonly columns: Readonly<Record<string, AggregateNode>>;
}

/** What must hold for a column; null passes every rule but `notNull`. */
export type Rule =
  | { readonly rule: "notNull" }
  | { readonly rule: "between"; readonly low: LiteralNode; readonly high: LiteralNode }
  | { readonly rule: "oneOf"; readonly values: readonly LiteralNode[] }
  | { readonly rule: "matches"; readonly pattern: string }
  | { readonly rule: "unique" };

/** Rows that break a rule leave the table and go to its quarantine table with the reasons. */
export interface Check {
  readonly kind: "check";
  readonly rules: Readonly<Record<string, readonly Rule[]>>;
}

/** One step of a table: frozen, JSON; tables are referred to by name. */
export type Operation =
  | Dedupe
  | Fill
  | Convert
  | Rename
  | Select
  | Drop
  | Derive
  | Filter
  | Normalise
  | Onehot
  | Bucket
  | Lag
  | Window
  | Join
  | Lookback
  | Aggregate
  | Check;
