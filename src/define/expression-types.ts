import type { AggregateNode, ExpressionNode } from "./expression-node.ts";
import type { ColumnType, Columns } from "./column.ts";
import type { Duration } from "./duration.ts";

/** Types that one can calculate with. */
export type Numeric = "integer" | "bigint" | "double" | `decimal(${number},${number})`;
export type Temporal = "date" | "timestamp";
/** What a part of a date or time can be cut to. Weeks begin on Monday. */
export type TimeUnit = "minute" | "hour" | "day" | "week" | "month" | "year";

/** A value computed from the columns of one row. Immutable. */
export interface Expression<out T extends ColumnType = ColumnType> {
  /** Known to the type checker only; never set. */
  readonly computedFrom?: "one row" | undefined;
  /** Known to the type checker only; never set. */
  readonly type?: (() => T) | undefined;
  readonly node: ExpressionNode;
}

/** A value computed from many rows; it stands only in the columns of `aggregate`, `window` and `lookback`. */
export interface AggregateExpression<out T extends ColumnType = ColumnType> {
  /** Known to the type checker only; never set. */
  readonly computedFrom?: "many rows" | undefined;
  /** Known to the type checker only; never set. */
  readonly type?: (() => T) | undefined;
  readonly node: AggregateNode;
}

/** A JavaScript value that can stand for a value of a type. */
type Plain<T extends ColumnType> =
  | (T extends Numeric ? number | bigint : never)
  | (T extends "text" ? string : never)
  | (T extends "boolean" ? boolean : never)
  | (T extends Temporal ? Date : never);

/** Types whose values compare with one another. */
type Comparable<T extends ColumnType> = T extends Numeric ? Numeric : T extends Temporal ? Temporal : T;

/** An expression, or a plain value that becomes a literal. */
export type Operand<T extends ColumnType> = Expression<Comparable<T>> | Plain<T>;

/**
 * What every expression can do. A comparison with null gives null.
 *
 * @example
 * clean.filter((f) => f.origin.equals("JFK").and(f.carrier.notEquals("UA"), f.dest.oneOf(["LAX", "SFO"])))
 * clean.derive((f) => ({ unknown: f.arr_delay.isNull(), known: f.arr_delay.isNotNull(), delay: f.arr_delay.orElse(0), number: f.flight.convert("text") }))
 */
interface AnyMethods<T extends ColumnType> extends Expression<T> {
  equals(other: Operand<T>): BooleanExpression;
  notEquals(other: Operand<T>): BooleanExpression;
  oneOf(values: readonly Plain<T>[]): BooleanExpression;
  isNull(): BooleanExpression;
  isNotNull(): BooleanExpression;
  /** The value, or the other one where it is null. */
  orElse(other: Operand<T>): ExpressionOf<T>;
  /** In another type; null where it cannot be read as one. */
  convert<U extends ColumnType>(type: U): ExpressionOf<U>;
}

/**
 * What numbers, texts and times can do.
 *
 * @example
 * clean.filter((f) => f.distance.greaterThan(200).and(f.distance.lessThan(5000), f.month.atLeast(4), f.month.atMost(9), f.hour.between(6, 22)))
 */
interface OrderedMethods<T extends ColumnType> extends AnyMethods<T> {
  greaterThan(other: Operand<T>): BooleanExpression;
  lessThan(other: Operand<T>): BooleanExpression;
  atLeast(other: Operand<T>): BooleanExpression;
  atMost(other: Operand<T>): BooleanExpression;
  /** Both ends included. */
  between(low: Operand<T>, high: Operand<T>): BooleanExpression;
}

type Exact = "integer" | "bigint";
/** The type of a sum, difference or product: integers stay integers, everything else is a double. */
export type Promoted<A extends ColumnType, B extends ColumnType> = A extends Exact
  ? B extends Exact
    ? "bigint" extends A | B
      ? "bigint"
      : "integer"
    : "double"
  : "double";

/** The type of a number as a literal: `1` is an integer, `0.5` a double. */
type NumberType<V> = V extends bigint ? "bigint" : V extends number ? (`${V}` extends `${bigint}` ? "integer" : "double") : never;
/** The type that a plain value or an expression has. */
export type TypeOf<V> = V extends { readonly type?: (() => infer T extends ColumnType) | undefined } & { readonly node: unknown }
  ? T
  : V extends string
    ? "text"
    : V extends boolean
      ? "boolean"
      : V extends Date
        ? "timestamp"
        : NumberType<V>;

type Number_ = Expression<Numeric> | number | bigint;

/**
 * A number.
 *
 * @example
 * clean.derive((f) => ({
 *   minutes: f.hour.times(60).plus(f.minute), made_up: f.dep_delay.minus(f.arr_delay), hours: f.air_time.dividedBy(60).round(2),
 *   even: f.flight.modulo(2).equals(0), off: f.arr_delay.absolute(), low: f.distance.logarithm().floor(), high: f.distance.squareRoot().ceiling(),
 *   squared: f.distance.power(2),
 * }))
 */
export interface NumberExpression<T extends Numeric = Numeric> extends OrderedMethods<T> {
  plus<const V extends Number_>(other: V): NumberOf<Promoted<T, TypeOf<V>>>;
  minus<const V extends Number_>(other: V): NumberOf<Promoted<T, TypeOf<V>>>;
  times<const V extends Number_>(other: V): NumberOf<Promoted<T, TypeOf<V>>>;
  /** Always a double; null when the divisor is 0. */
  dividedBy(other: Number_): NumberExpression<"double">;
  /** Remainder with the sign of the dividend; null when the divisor is 0. */
  modulo<const V extends Number_>(other: V): NumberOf<Promoted<T, TypeOf<V>>>;
  absolute(): NumberExpression<T>;
  /** Half away from zero. */
  round(digits?: number): NumberExpression<"double">;
  floor(): NumberExpression<"double">;
  ceiling(): NumberExpression<"double">;
  /** Natural logarithm; null unless the value is above 0. */
  logarithm(): NumberExpression<"double">;
  /** Null below 0. */
  squareRoot(): NumberExpression<"double">;
  power(exponent: Number_): NumberExpression<"double">;
}
type NumberOf<T extends "integer" | "bigint" | "double"> = NumberExpression<T>;

/**
 * A text.
 *
 * @example
 * clean.derive((f) => ({
 *   code: f.carrier.trim().upper().concat("-", f.flight), small: f.dest.lower(), country: f.tailnum.substring(1, 1), digits: f.tailnum.extract("[0-9]+"),
 *   letters: f.tailnum.length(), plain: f.tailnum.replace("N", ""),
 * }))
 * clean.filter((f) => f.tailnum.matches("^N[0-9]").and(f.tailnum.startsWith("N1"), f.dest.contains("A")))
 */
export interface TextExpression extends OrderedMethods<"text"> {
  upper(): TextExpression;
  lower(): TextExpression;
  /** Without spaces at both ends. */
  trim(): TextExpression;
  /** Null when any part is null. */
  concat(...parts: readonly (Expression<"text" | "integer" | "bigint"> | string)[]): TextExpression;
  /** @param start counted from 1 @param length in characters; to the end when absent */
  substring(start: number, length?: number): TextExpression;
  /** In characters. */
  length(): NumberExpression<"integer">;
  /** What a regular expression's group matches first; null when nothing does, or it is empty. @param group 0 is the whole match */
  extract(pattern: string, group?: number): TextExpression;
  /** Whether a regular expression matches anywhere. */
  matches(pattern: string): BooleanExpression;
  contains(part: string): BooleanExpression;
  startsWith(part: string): BooleanExpression;
  /** Every occurrence. */
  replace(part: string, by: string): TextExpression;
}

/**
 * True, false or null (unknown): `and` with false is false, `or` with true is true, everything else with null is null.
 *
 * @example
 * clean.filter((f) => f.late.or(f.dep_delay.greaterThan(30)).and(f.late.not().not()))
 */
export interface BooleanExpression extends AnyMethods<"boolean"> {
  and(...others: readonly Expression<"boolean">[]): BooleanExpression;
  or(...others: readonly Expression<"boolean">[]): BooleanExpression;
  not(): BooleanExpression;
}

/**
 * What dates and timestamps can do.
 *
 * @example
 * clean.derive((f) => ({ y: f.scheduled.year(), m: f.scheduled.month(), d: f.scheduled.dayOfMonth(), w: f.scheduled.dayOfWeek(), n: f.scheduled.dayOfYear() }))
 */
interface DateMethods<T extends ColumnType> extends OrderedMethods<T> {
  year(): NumberExpression<"integer">;
  /** 1 to 12. */
  month(): NumberExpression<"integer">;
  dayOfMonth(): NumberExpression<"integer">;
  /** Monday is 1, Sunday is 7. */
  dayOfWeek(): NumberExpression<"integer">;
  /** 1 to 366. */
  dayOfYear(): NumberExpression<"integer">;
}
export interface DateExpression extends DateMethods<"date"> {}

/**
 * An instant, in UTC.
 *
 * @example
 * clean.derive((f) => ({ at: f.scheduled.hour().times(60).plus(f.scheduled.minute()), day: f.scheduled.truncate("day"), age: f.scheduled.minutesSince(f.time_hour) }))
 * clean.derive((f) => ({ earliest: f.scheduled.minus("15 minutes"), latest: f.scheduled.plus("2 hours") }))
 */
export interface TimestampExpression extends DateMethods<"timestamp"> {
  /** 0 to 23, in UTC. */
  hour(): NumberExpression<"integer">;
  minute(): NumberExpression<"integer">;
  /** The beginning of the hour, day ... */
  truncate(unit: TimeUnit): TimestampExpression;
  /** Minutes from the other instant to this one, with fractions; negative when this one is earlier. */
  minutesSince(other: Expression<Temporal> | Date): NumberExpression<"double">;
  plus(duration: Duration): TimestampExpression;
  minus(duration: Duration): TimestampExpression;
}

/** A column whose type is not known before the first run: it can do everything, and is checked when the columns are known. */
export interface LooseExpression
  extends
    Expression<never>,
    Omit<AnyMethods<ColumnType>, keyof Expression | "orElse" | "equals" | "notEquals">,
    Pick<OrderedMethods<Numeric | "text" | Temporal>, "greaterThan" | "lessThan" | "atLeast" | "atMost" | "between">,
    Omit<NumberExpression<"double">, keyof OrderedMethods<"double"> | "plus" | "minus">,
    Omit<TextExpression, keyof OrderedMethods<"text">>,
    Omit<BooleanExpression, keyof AnyMethods<"boolean">>,
    Omit<TimestampExpression, keyof OrderedMethods<"timestamp"> | "plus" | "minus"> {
  equals(other: Expression | Plain<ColumnType>): BooleanExpression;
  notEquals(other: Expression | Plain<ColumnType>): BooleanExpression;
  orElse(other: Expression | Plain<ColumnType>): LooseExpression;
  plus(other: Number_ | Duration): LooseExpression;
  minus(other: Number_ | Duration): LooseExpression;
}

/** The expression for a value of a type, with what can be done with it. */
export type ExpressionOf<T extends ColumnType> = [ColumnType] extends [T]
  ? LooseExpression
  : [T] extends [Numeric]
    ? NumberExpression<T>
    : [T] extends ["text"]
      ? TextExpression
      : [T] extends ["boolean"]
        ? BooleanExpression
        : [T] extends ["timestamp"]
          ? TimestampExpression
          : [T] extends ["date"]
            ? DateExpression
            : AnyMethods<T>;

/** The columns of a row as expressions. */
export type Row<C extends Columns> = { readonly [K in keyof C & string]: ExpressionOf<C[K]> };

/** Types of columns that are computed: name to expression, or aggregate, to type. What is not known yet stays open. */
export type TypesOf<E> = {
  readonly [K in keyof E & string]: [TypeOf<E[K]>] extends [never] ? ColumnType : TypeOf<E[K]>;
};
