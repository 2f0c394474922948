// oxlint-disable unicorn/no-thenable -- when(...).then(...) reads as a sentence, and nobody awaits a case
import type { ColumnType, Columns } from "./column.ts";
import { parseDuration } from "./duration.ts";
import type { CallNode, CaseNode, ExpressionNode, FunctionName } from "./expression-node.ts";
import type { BooleanExpression, Expression, ExpressionOf, LooseExpression, Numeric, Row, TimeUnit, TypeOf } from "./expression-types.ts";
import { deepFreeze } from "./freeze.ts";
import { literalNode, type PlainValue } from "./literal.ts";

type Argument = Expression | PlainValue;

function nodeOf(argument: Argument | null): ExpressionNode {
  return typeof argument === "object" && argument !== null && "node" in argument ? argument.node : literalNode(argument);
}

function call(name: FunctionName, ...values: readonly Argument[]): Formula {
  const node: CallNode = { kind: "call", function: name, arguments: values.map(nodeOf) };
  return new Formula(node);
}

/** Every expression at run time; the type checker shows only the methods that fit the expression's type. */
class Formula implements LooseExpression {
  readonly node: ExpressionNode;
  constructor(node: ExpressionNode) {
    this.node = deepFreeze(node);
    Object.freeze(this);
  }
  equals(other: Argument): Formula {
    return call("equals", this, other);
  }
  notEquals(other: Argument): Formula {
    return call("notEquals", this, other);
  }
  greaterThan(other: Argument): Formula {
    return call("greaterThan", this, other);
  }
  lessThan(other: Argument): Formula {
    return call("lessThan", this, other);
  }
  atLeast(other: Argument): Formula {
    return call("atLeast", this, other);
  }
  atMost(other: Argument): Formula {
    return call("atMost", this, other);
  }
  between(low: Argument, high: Argument): Formula {
    return this.atLeast(low).and(this.atMost(high));
  }
  oneOf(values: readonly PlainValue[]): Formula {
    return call("oneOf", this, ...values);
  }
  isNull(): Formula {
    return call("isNull", this);
  }
  isNotNull(): Formula {
    return this.isNull().not();
  }
  orElse(other: Argument): Formula {
    return call("coalesce", this, other);
  }
  convert<U extends ColumnType>(type: U): ExpressionOf<U> {
    return expression<U>({ kind: "cast", value: this.node, type });
  }

  and(...others: readonly Expression[]): Formula {
    return call("and", this, ...others);
  }
  or(...others: readonly Expression[]): Formula {
    return call("or", this, ...others);
  }
  not(): Formula {
    return call("not", this);
  }

  plus(other: Argument): Formula {
    return typeof other === "string" ? this.#later(other, 1) : call("plus", this, other);
  }
  minus(other: Argument): Formula {
    return typeof other === "string" ? this.#later(other, -1) : call("minus", this, other);
  }
  times(other: Argument): Formula {
    return call("times", this, other);
  }
  dividedBy(other: Argument): Formula {
    return call("dividedBy", this, other);
  }
  modulo(other: Argument): Formula {
    return call("modulo", this, other);
  }
  absolute(): Formula {
    return call("absolute", this);
  }
  round(digits: number = 0): Formula {
    return call("round", this, digits);
  }
  floor(): Formula {
    return call("floor", this);
  }
  ceiling(): Formula {
    return call("ceiling", this);
  }
  logarithm(): Formula {
    return call("logarithm", this);
  }
  squareRoot(): Formula {
    return call("squareRoot", this);
  }
  power(exponent: Argument): Formula {
    return call("power", this, exponent);
  }

  upper(): Formula {
    return call("upper", this);
  }
  lower(): Formula {
    return call("lower", this);
  }
  trim(): Formula {
    return call("trim", this);
  }
  concat(...parts: readonly Argument[]): Formula {
    return call("concat", this, ...parts);
  }
  substring(start: number, length?: number): Formula {
    return call("substring", this, start, ...(length === undefined ? [] : [length]));
  }
  length(): Formula {
    return call("length", this);
  }
  extract(pattern: string, group: number = 0): Formula {
    return call("extract", this, pattern, group);
  }
  matches(pattern: string): Formula {
    return call("matches", this, pattern);
  }
  contains(part: string): Formula {
    return call("contains", this, part);
  }
  startsWith(part: string): Formula {
    return call("startsWith", this, part);
  }
  replace(part: string, by: string): Formula {
    return call("replace", this, part, by);
  }

  year(): Formula {
    return call("year", this);
  }
  month(): Formula {
    return call("month", this);
  }
  dayOfMonth(): Formula {
    return call("dayOfMonth", this);
  }
  dayOfWeek(): Formula {
    return call("dayOfWeek", this);
  }
  dayOfYear(): Formula {
    return call("dayOfYear", this);
  }
  hour(): Formula {
    return call("hour", this);
  }
  minute(): Formula {
    return call("minute", this);
  }
  truncate(unit: TimeUnit): Formula {
    return call("truncate", this, unit);
  }
  minutesSince(other: Argument): Formula {
    return call("minutesBetween", other, this);
  }
  #later(duration: string, sign: 1 | -1): Formula {
    return call("addSeconds", this, sign * parseDuration(duration));
  }
}

/** The expression that a node says. */
export function expression<T extends ColumnType>(node: ExpressionNode): ExpressionOf<T>;
export function expression(node: ExpressionNode): LooseExpression {
  return new Formula(node);
}

/** The columns of a row as expressions: `row.distance` stands for the column of that name, whatever it is. */
export function row<C extends Columns>(): Row<C>;
export function row(): object {
  return new Proxy({}, { get: (_, name) => (typeof name === "string" ? new Formula({ kind: "column", name }) : undefined) });
}

/**
 * A constant. A plain value is usually enough; this says its type.
 *
 * @example
 * clean.filter((f) => f.scheduled.atLeast(literal("2013-06-01", "timestamp")))
 */
export function literal<const V extends PlainValue>(value: V): ExpressionOf<TypeOf<V>>;
export function literal<T extends ColumnType>(value: PlainValue | null, type: T): ExpressionOf<T>;
export function literal(value: PlainValue | null, type?: ColumnType): LooseExpression {
  return new Formula(literalNode(value, type));
}

/** The type that all branches share: numbers meet as doubles. */
type Common<T extends ColumnType> = [T] extends [Numeric] ? ("double" extends T ? "double" : "bigint" extends T ? "bigint" : T) : T;

/** A case that still has no last branch. */
export interface Case<T extends ColumnType> {
  when(condition: Expression<"boolean">): Branch<T>;
  otherwise<const V extends Argument | null>(value: V): ExpressionOf<Common<T | (V extends null ? never : TypeOf<V>)>>;
}
export interface Branch<T extends ColumnType> {
  then<const V extends Argument>(value: V): Case<T | TypeOf<V>>;
}

/**
 * The first branch whose condition is true gives the value.
 *
 * @example
 * clean.derive((f) => ({ verdict: when(f.arr_delay.greaterThan(15)).then("late").when(f.arr_delay.isNull()).then("unknown").otherwise("on time") }))
 */
export function when(condition: Expression<"boolean">): Branch<never> {
  return branch([], condition);
}

function branch<T extends ColumnType>(before: CaseNode["branches"], condition: Expression<"boolean">): Branch<T> {
  return Object.freeze({
    then<const V extends Argument>(value: V): Case<T | TypeOf<V>> {
      const branches = [...before, { when: condition.node, then: nodeOf(value) }];
      return Object.freeze({
        when: (next: Expression<"boolean">) => branch<T | TypeOf<V>>(branches, next),
        otherwise: <const W extends Argument | null>(last: W) =>
          expression<Common<T | TypeOf<V> | (W extends null ? never : TypeOf<W>)>>({
            kind: "case",
            branches,
            otherwise: last === null ? null : nodeOf(last),
          }),
      });
    },
  });
}

/**
 * The lowest of the values that are not null.
 *
 * @example
 * clean.derive((f) => ({ shorter_delay: least(f.dep_delay, f.arr_delay) }))
 */
export function least<T extends ColumnType>(...values: readonly Expression<T>[]): ExpressionOf<T> {
  return expression<T>(call("least", ...values).node);
}

/**
 * The highest of the values that are not null.
 *
 * @example
 * clean.derive((f) => ({ longer_delay: greatest(f.dep_delay, f.arr_delay) }))
 */
export function greatest<T extends ColumnType>(...values: readonly Expression<T>[]): ExpressionOf<T> {
  return expression<T>(call("greatest", ...values).node);
}

/**
 * True when all are true.
 *
 * @example
 * clean.filter((f) => allOf(f.origin.equals("JFK"), f.dest.equals("LAX"), f.distance.greaterThan(2000)))
 */
export function allOf(...conditions: readonly Expression<"boolean">[]): BooleanExpression {
  return call("and", ...conditions);
}
