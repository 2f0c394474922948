import type { Column } from "../define/column.ts";
import type { AggregateNode, CallNode, ExpressionNode } from "../define/expression-node.ts";
import { printLiteral, type SqlDialect } from "./dialect.ts";
import { expressionType, type Known } from "./expression-type.ts";

/** The columns that an expression's names stand for. */
export interface Names {
  readonly columns: readonly Column[];
  /** SQL before a column's name, `t.` where two tables meet. */
  readonly prefix?: string;
}

/** An expression in SQL. Operators inside operators are parenthesised, so that precedence never differs between engines. */
export function printExpression(node: ExpressionNode, names: Names, dialect: SqlDialect): string {
  switch (node.kind) {
    case "column":
      return `${names.prefix ?? ""}${dialect.identifier(node.name)}`;
    case "literal":
      return printLiteral(node, dialect);
    case "cast":
      return dialect.convert(printOperand(node.value, names, dialect), typeOf(node.value, names), node.type);
    case "case": {
      const branches = node.branches.map(
        ({ when, then }) => `when ${printExpression(when, names, dialect)} then ${printExpression(then, names, dialect)}`,
      );
      const otherwise = node.otherwise === null ? "" : ` else ${printExpression(node.otherwise, names, dialect)}`;
      return `case ${branches.join(" ")}${otherwise} end`;
    }
    case "call":
      return printCall(node, names, dialect);
    case "aggregate":
      return printAggregateNode(node, names, dialect, "");
  }
}

/** An aggregate in SQL; `over` makes it one over a window. */
export function printAggregateNode(node: AggregateNode, names: Names, dialect: SqlDialect, over: string): string {
  const end = over === "" ? "" : ` ${over}`;
  if (node.value === null) return `count(*)${end}`;
  const type = typeOf(node.value, names);
  const value = asDouble(
    printExpression(node.value, names, dialect),
    node.function === "sum" || node.function === "min" || node.function === "max" ? null : type,
    dialect,
  );
  const own = dialect.aggregates[node.function];
  if (own) return own(value, end, type);
  switch (node.function) {
    case "countDistinct":
      return `count(distinct ${value})${end}`;
    case "countWhere":
      return `count(case when ${value} then 1 end)${end}`;
    case "share":
      return `avg(cast(${value} as ${dialect.type("integer")}))${end}`;
    case "mean":
      return `avg(${value})${end}`;
    case "standardDeviation":
      return `stddev_samp(${value})${end}`;
    case "some":
      return `bool_or(${value})${end}`;
    case "every":
      return `bool_and(${value})${end}`;
    default:
      return `${node.function}(${value})${end}`;
  }
}

const symbols: Readonly<Record<string, string>> = {
  plus: "+",
  minus: "-",
  times: "*",
  equals: "=",
  notEquals: "<>",
  greaterThan: ">",
  lessThan: "<",
  atLeast: ">=",
  atMost: "<=",
};

function printCall(node: CallNode, names: Names, dialect: SqlDialect): string {
  const types = node.arguments.map((argument) => typeOf(argument, names));
  const exact = ["plus", "minus", "times", "dividedBy", "modulo", "power", "round", "floor", "ceiling", "absolute"].includes(node.function);
  const values = node.arguments.map((argument, index) => {
    const value = printOperand(argument, names, dialect);
    return exact ? asDouble(value, types[index] ?? null, dialect) : value;
  });
  const [first = "", second = "", third] = values;
  const symbol = symbols[node.function];
  if (symbol) return `${first} ${symbol} ${second}`;
  switch (node.function) {
    case "and":
    case "or":
      return values.length === 0 ? "true" : values.join(` ${node.function} `);
    case "not":
      return `not ${first}`;
    case "isNull":
      return `${first} is null`;
    case "oneOf":
      return values.length === 1 ? "false" : `${first} in (${values.slice(1).join(", ")})`;
    case "dividedBy":
      return `${castTo("double", first, types[0] ?? null, dialect)} / ${divisor(node.arguments[1], second)}`;
    case "modulo":
      return `${first} % ${divisor(node.arguments[1], second)}`;
    case "concat":
      return values.map((value, index) => castTo("text", value, types[index] ?? null, dialect)).join(" || ");
    case "extract":
      return `nullif(regexp_extract(${first}, ${second}, ${third ?? 0}), '')`;
    case "logarithm":
      return `ln(case when ${first} > 0 then ${first} end)`;
    case "squareRoot":
      return `sqrt(case when ${first} >= 0 then ${first} end)`;
    case "round":
      return `round(${castTo("double", first, types[0] ?? null, dialect)}, ${second})`;
    case "addSeconds":
      return printLater(castTo("timestamp", first, types[0] ?? null, dialect), node.arguments[1], dialect);
    case "minutesBetween": {
      const [from, to] = [first, second].map((value, index) => castTo("timestamp", value, types[index] ?? null, dialect));
      return dialect.calls.minutesBetween?.(from ?? "", to ?? "") ?? "";
    }
    case "floor":
    case "ceiling":
    case "power":
      return (dialect.calls[node.function] ?? ((...all) => `${node.function === "ceiling" ? "ceil" : node.function}(${all.join(", ")})`))(
        ...values.map((value, index) => castTo("double", value, types[index] ?? null, dialect)),
      );
    case "absolute":
      return `abs(${first})`;
    default:
      return dialect.calls[node.function]?.(...values) ?? `${node.function}(${values.join(", ")})`;
  }
}

function printLater(value: string, seconds: ExpressionNode | undefined, dialect: SqlDialect): string {
  const amount = seconds?.kind === "literal" ? Number(seconds.value) : 0;
  return `${value} ${amount < 0 ? "-" : "+"} ${dialect.interval(Math.abs(amount) * 1_000_000)}`;
}

/** A divisor of 0 gives null. */
function divisor(node: ExpressionNode | undefined, value: string): string {
  return node?.kind === "literal" && Number(node.value) !== 0 ? value : `nullif(${value}, 0)`;
}

function castTo(wanted: "double" | "text" | "timestamp", value: string, type: Known, dialect: SqlDialect): string {
  return type === wanted || type === null ? value : `cast(${value} as ${dialect.type(wanted)})`;
}

/** Engines disagree on the digits of calculated decimals: everything but sums, minima and maxima of them is a double. */
function asDouble(value: string, type: Known, dialect: SqlDialect): string {
  return type?.startsWith("decimal") ? castTo("double", value, type, dialect) : value;
}

/** The type of an expression over these columns. */
export function typeOf(node: ExpressionNode, { columns }: Names): Known {
  return expressionType(node, { table: "", columns, report: () => {} });
}

const operators: readonly string[] = [
  ...Object.keys(symbols),
  "and",
  "or",
  "not",
  "isNull",
  "oneOf",
  "dividedBy",
  "modulo",
  "concat",
  "addSeconds",
  "minutesBetween",
];

/** An expression as a part of another one. */
function printOperand(node: ExpressionNode, names: Names, dialect: SqlDialect): string {
  const text = printExpression(node, names, dialect);
  const negative = node.kind === "literal" && typeof node.value === "number" && node.value < 0;
  const combined = (node.kind === "call" && operators.includes(node.function)) || node.kind === "case" || node.kind === "cast" || negative;
  return combined ? `(${text})` : text;
}
