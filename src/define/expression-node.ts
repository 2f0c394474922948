import type { ColumnType } from "./column.ts";

/** Functions of a row's values; every dialect prints each of them, with the meaning stated in docs/operations.md. */
export type FunctionName =
  | "plus"
  | "minus"
  | "times"
  | "dividedBy"
  | "modulo"
  | "absolute"
  | "round"
  | "floor"
  | "ceiling"
  | "logarithm"
  | "squareRoot"
  | "power"
  | "equals"
  | "notEquals"
  | "oneOf"
  | "greaterThan"
  | "lessThan"
  | "atLeast"
  | "atMost"
  | "and"
  | "or"
  | "not"
  | "isNull"
  | "coalesce"
  | "least"
  | "greatest"
  | "upper"
  | "lower"
  | "trim"
  | "concat"
  | "substring"
  | "length"
  | "extract"
  | "matches"
  | "contains"
  | "startsWith"
  | "replace"
  | "year"
  | "month"
  | "dayOfMonth"
  | "dayOfWeek"
  | "dayOfYear"
  | "hour"
  | "minute"
  | "truncate"
  | "minutesBetween"
  | "addSeconds";

/** Functions of the values of many rows; all but `count` without a value ignore nulls. */
export type AggregateName =
  | "count"
  | "countDistinct"
  | "countWhere"
  | "share"
  | "sum"
  | "mean"
  | "median"
  | "standardDeviation"
  | "min"
  | "max"
  | "some"
  | "every";

/** A value as JSON holds it: bigint, decimal, date, timestamp are text. */
export type LiteralValue = string | number | boolean | null;

export interface ColumnNode {
  readonly kind: "column";
  readonly name: string;
}

export interface LiteralNode {
  readonly kind: "literal";
  readonly type: ColumnType;
  readonly value: LiteralValue;
}

export interface CallNode {
  readonly kind: "call";
  readonly function: FunctionName;
  readonly arguments: readonly ExpressionNode[];
}

export interface CaseNode {
  readonly kind: "case";
  readonly branches: readonly { readonly when: ExpressionNode; readonly then: ExpressionNode }[];
  /** Null when no branch applies. */
  readonly otherwise: ExpressionNode | null;
}

/** A value in another type; null where it cannot be read as that type. */
export interface CastNode {
  readonly kind: "cast";
  readonly value: ExpressionNode;
  readonly type: ColumnType;
}

/** Stands only in the columns of aggregate, window and lookback. */
export interface AggregateNode {
  readonly kind: "aggregate";
  readonly function: AggregateName;
  /** Null for `count()`, which counts rows. */
  readonly value: ExpressionNode | null;
}

/** An expression over the columns of one row. */
export type ExpressionNode = ColumnNode | LiteralNode | CallNode | CaseNode | CastNode | AggregateNode;
