import type { Column } from "../define/column.ts";
import type { AggregateNode, ExpressionNode } from "../define/expression-node.ts";
import { printLiteral, type SqlDialect } from "./dialect.ts";
import { expressionType, type Known } from "./expression-type.ts";
import { printCall, unified } from "./print-call.ts";

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
      const type = typeOf(node, names);
      const value = (each: ExpressionNode): string =>
        unified(each, printExpression(each, names, dialect), typeOf(each, names), type, dialect);
      const branches = node.branches.map(({ when, then }) => `when ${printExpression(when, names, dialect)} then ${value(then)}`);
      return `case ${branches.join(" ")}${node.otherwise === null ? "" : ` else ${value(node.otherwise)}`} end`;
    }
    case "call":
      return printCall(
        {
          node,
          values: node.arguments.map((argument) => printOperand(argument, names, dialect)),
          types: node.arguments.map((argument) => typeOf(argument, names)),
          type: typeOf(node, names),
        },
        dialect,
      );
    case "aggregate":
      return printAggregateNode(node, names, dialect, "");
  }
}

/** An aggregate in SQL; `over` makes it one over a window. */
export function printAggregateNode(node: AggregateNode, names: Names, dialect: SqlDialect, over: string): string {
  const end = over === "" ? "" : ` ${over}`;
  if (node.value === null) return `count(*)${end}`;
  const type = typeOf(node.value, names);
  const printed = printExpression(node.value, names, dialect);
  const exact = !type?.startsWith("decimal") || node.function === "sum" || node.function === "min" || node.function === "max";
  const value = exact ? printed : `cast(${printed} as ${dialect.type("double")})`;
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

/** The type of an expression over these columns. */
export function typeOf(node: ExpressionNode, { columns }: Names): Known {
  return expressionType(node, { table: "", columns, report: () => {} });
}

const operators: readonly string[] = [
  "plus",
  "minus",
  "times",
  "equals",
  "notEquals",
  "greaterThan",
  "lessThan",
  "atLeast",
  "atMost",
  "and",
  "or",
  "not",
  "isNull",
  "oneOf",
  "dividedBy",
  "modulo",
  "power",
  "round",
  "floor",
  "ceiling",
  "concat",
  "addSeconds",
  "minutesBetween",
];

/** An expression as a part of another one. */
function printOperand(node: ExpressionNode, names: Names, dialect: SqlDialect): string {
  const text = printExpression(node, names, dialect);
  const negative = node.kind === "literal" && typeof node.value === "number" && node.value < 0;
  const combined = (node.kind === "call" && operators.includes(node.function)) || node.kind === "case" || node.kind === "cast" || negative;
  return combined && !/^\([^()]*\)$/.test(text) ? `(${text})` : text;
}
