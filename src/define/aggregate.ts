import type { AggregateName } from "./expression-node.ts";
import type { AggregateExpression, Expression, Numeric } from "./expression-types.ts";
import type { ColumnType } from "./column.ts";
import { deepFreeze } from "./freeze.ts";

function aggregate<T extends ColumnType>(name: AggregateName, value: Expression | null): AggregateExpression<T> {
  return deepFreeze({ node: { kind: "aggregate", function: name, value: value?.node ?? null } });
}

/**
 * How many rows; with a value, how many rows where it is not null.
 *
 * @example
 * clean.aggregate({ by: "carrier", columns: (f) => ({ flights: count(), arrived: count(f.arr_time) }) })
 */
export function count(value?: Expression): AggregateExpression<"bigint"> {
  return aggregate("count", value ?? null);
}

/**
 * How many different values that are not null.
 *
 * @example
 * clean.aggregate({ by: "carrier", columns: (f) => ({ planes: countDistinct(f.tailnum) }) })
 */
export function countDistinct(value: Expression): AggregateExpression<"bigint"> {
  return aggregate("countDistinct", value);
}

/**
 * How many rows where the condition is true.
 *
 * @example
 * clean.aggregate({ by: "carrier", columns: (f) => ({ long_flights: countWhere(f.distance.greaterThan(1000)) }) })
 */
export function countWhere(condition: Expression<"boolean">): AggregateExpression<"bigint"> {
  return aggregate("countWhere", condition);
}

/**
 * The share of true among the known, 0 to 1; null when none is known.
 *
 * @example
 * clean.aggregate({ by: "carrier", columns: (f) => ({ share_late: share(f.late) }) })
 */
export function share(condition: Expression<"boolean">): AggregateExpression<"double"> {
  return aggregate("share", condition);
}

/**
 * The sum of the values that are not null; null when there is none. Integers add up to a bigint.
 *
 * @example
 * clean.aggregate({ by: "tailnum", columns: (f) => ({ miles: sum(f.distance) }) })
 */
export function sum<T extends Numeric>(value: Expression<T>): AggregateExpression<T extends "integer" | "bigint" ? "bigint" : "double"> {
  return aggregate("sum", value);
}

/**
 * The arithmetic mean of the values that are not null; null when there is none.
 *
 * @example
 * clean.aggregate({ by: "month", columns: (f) => ({ delay: mean(f.arr_delay) }) })
 */
export function mean(value: Expression<Numeric>): AggregateExpression<"double"> {
  return aggregate("mean", value);
}

/**
 * The exact median, between two middle values their mean; null when there is no value.
 *
 * @example
 * clean.aggregate({ by: "month", columns: (f) => ({ delay: median(f.arr_delay) }) })
 */
export function median(value: Expression<Numeric>): AggregateExpression<"double"> {
  return aggregate("median", value);
}

/**
 * The sample's standard deviation (divided by n - 1); null below two values.
 *
 * @example
 * clean.aggregate({ by: "month", columns: (f) => ({ spread: standardDeviation(f.arr_delay) }) })
 */
export function standardDeviation(value: Expression<Numeric>): AggregateExpression<"double"> {
  return aggregate("standardDeviation", value);
}

/**
 * The lowest value that is not null.
 *
 * @example
 * clean.aggregate({ by: "origin", columns: (f) => ({ first: min(f.scheduled) }) })
 */
export function min<T extends ColumnType>(value: Expression<T>): AggregateExpression<T> {
  return aggregate("min", value);
}

/**
 * The highest value that is not null.
 *
 * @example
 * clean.aggregate({ by: "origin", columns: (f) => ({ last: max(f.scheduled) }) })
 */
export function max<T extends ColumnType>(value: Expression<T>): AggregateExpression<T> {
  return aggregate("max", value);
}

/**
 * Whether the condition is true in any row; null when it is known in none.
 *
 * @example
 * clean.aggregate({ by: "tailnum", columns: (f) => ({ ever_late: some(f.late) }) })
 */
export function some(condition: Expression<"boolean">): AggregateExpression<"boolean"> {
  return aggregate("some", condition);
}

/**
 * Whether the condition is true in every row where it is known; null when it is known in none.
 *
 * @example
 * clean.aggregate({ by: "tailnum", columns: (f) => ({ always_late: every(f.late) }) })
 */
export function every(condition: Expression<"boolean">): AggregateExpression<"boolean"> {
  return aggregate("every", condition);
}
