import type { AggregateName } from "./expression-node.ts";
import type { AggregateExpression, Expression, Numeric } from "./expression-types.ts";
import type { ColumnType } from "./column.ts";
import { deepFreeze } from "./freeze.ts";

function aggregate<T extends ColumnType>(name: AggregateName, value: Expression | null): AggregateExpression<T> {
  return deepFreeze({ node: { kind: "aggregate", function: name, value: value?.node ?? null } });
}

/** How many rows; with a value, how many rows where it is not null. */
export function count(value?: Expression): AggregateExpression<"bigint"> {
  return aggregate("count", value ?? null);
}

/** How many different values that are not null. */
export function countDistinct(value: Expression): AggregateExpression<"bigint"> {
  return aggregate("countDistinct", value);
}

/** How many rows where the condition is true. */
export function countWhere(condition: Expression<"boolean">): AggregateExpression<"bigint"> {
  return aggregate("countWhere", condition);
}

/** The share of true among the known, 0 to 1; null when none is known. */
export function share(condition: Expression<"boolean">): AggregateExpression<"double"> {
  return aggregate("share", condition);
}

/** The sum of the values that are not null; null when there is none. Integers add up to a bigint. */
export function sum<T extends Numeric>(value: Expression<T>): AggregateExpression<T extends "integer" | "bigint" ? "bigint" : "double"> {
  return aggregate("sum", value);
}

/** The arithmetic mean of the values that are not null; null when there is none. */
export function mean(value: Expression<Numeric>): AggregateExpression<"double"> {
  return aggregate("mean", value);
}

/** The exact median, between two middle values their mean; null when there is no value. */
export function median(value: Expression<Numeric>): AggregateExpression<"double"> {
  return aggregate("median", value);
}

/** The sample's standard deviation (divided by n - 1); null below two values. */
export function standardDeviation(value: Expression<Numeric>): AggregateExpression<"double"> {
  return aggregate("standardDeviation", value);
}

/** The lowest value that is not null. */
export function min<T extends ColumnType>(value: Expression<T>): AggregateExpression<T> {
  return aggregate("min", value);
}

/** The highest value that is not null. */
export function max<T extends ColumnType>(value: Expression<T>): AggregateExpression<T> {
  return aggregate("max", value);
}

/** Whether the condition is true in any row; null when it is known in none. */
export function some(condition: Expression<"boolean">): AggregateExpression<"boolean"> {
  return aggregate("some", condition);
}

/** Whether the condition is true in every row where it is known; null when it is known in none. */
export function every(condition: Expression<"boolean">): AggregateExpression<"boolean"> {
  return aggregate("every", condition);
}
