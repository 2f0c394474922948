import type { CallNode, ExpressionNode, FunctionName } from "../define/expression-node.ts";
import { MillwrightError } from "../error.ts";
import { printLiteral, type Comparison, type SqlDialect } from "./dialect.ts";
import type { Known } from "./expression-type.ts";
import { parsePattern, PatternFault, printPattern, type Pattern } from "./pattern.ts";

/** A call whose arguments are printed: each as SQL that is safe to combine, with its type. */
export interface Call {
  readonly node: CallNode;
  readonly values: readonly string[];
  readonly types: readonly Known[];
  /** The type of the result. */
  readonly type: Known;
}

const comparisons: Readonly<Partial<Record<FunctionName, Comparison>>> = {
  equals: "=",
  notEquals: "<>",
  greaterThan: ">",
  lessThan: "<",
  atLeast: ">=",
  atMost: "<=",
};
const flipped: Readonly<Record<Comparison, Comparison>> = { "=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<=" };
const arithmetic: Readonly<Partial<Record<FunctionName, string>>> = { plus: "+", minus: "-", times: "*" };
/** Engines disagree on the digits of calculated decimals: all but sums, minima and maxima of them are doubles. */
const inDoubles: readonly FunctionName[] = [
  "plus",
  "minus",
  "times",
  "dividedBy",
  "modulo",
  "power",
  "round",
  "floor",
  "ceiling",
  "absolute",
];

/** A function in SQL. */
export function printCall(call: Call, dialect: SqlDialect): string {
  const { node, types } = call;
  const values = inDoubles.includes(node.function)
    ? call.values.map((value, index) =>
        types[index]?.startsWith("decimal") ? castTo("double", value, types[index] ?? null, dialect) : value,
      )
    : call.values;
  const [first = "", second = ""] = values;
  const [type = null, secondType = null] = types;
  const [operand, argument] = node.arguments;
  const comparison = comparisons[node.function];
  if (comparison !== undefined) return compare(comparison, [first, second], [operand, argument], [type, secondType], dialect);
  const sign = arithmetic[node.function];
  if (sign !== undefined) return `${first} ${sign} ${second}`;
  const own = dialect.calls[node.function];
  const asDouble = (): string[] => values.map((value, index) => castTo("double", value, types[index] ?? null, dialect));
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
      return `${castTo("double", first, type, dialect)} / ${divisor(argument, second)}`;
    case "modulo":
      return own?.([first, divisor(argument, second)], types) ?? `${first} % ${divisor(argument, second)}`;
    case "concat":
      return values.map((value, index) => castTo("text", value, types[index] ?? null, dialect)).join(" || ");
    case "substring":
      return printSubstring(first, node.arguments, own);
    case "replace":
      // Some engines find the empty text between all characters.
      return argument?.kind === "literal" && argument.value === "" ? first : `replace(${values.join(", ")})`;
    case "matches":
      return dialect.matches(first, dialect.text(printPattern(patternOf(argument), dialect.pattern)));
    case "extract": {
      const group = node.arguments[2];
      return `nullif(${dialect.extract(first, patternOf(argument), group?.kind === "literal" ? Number(group.value) : 0)}, '')`;
    }
    case "logarithm":
      // Asked so that NaN stays, whatever engines think of its order.
      return `ln(case when ${first} <= 0 then null else ${castTo("double", first, type, dialect)} end)`;
    case "squareRoot":
      return `sqrt(case when ${first} < 0 then null else ${castTo("double", first, type, dialect)} end)`;
    case "power":
      return printPower(asDouble(), argument);
    case "floor":
      return own?.(asDouble(), types) ?? `floor(${asDouble().join(", ")})`;
    case "ceiling":
      return own?.(asDouble(), types) ?? `ceil(${asDouble().join(", ")})`;
    case "round": {
      const digits = argument?.kind === "literal" ? String(argument.value) : second;
      const double = castTo("double", first, type, dialect);
      return own?.([double, digits], types) ?? `round(${double}, ${digits})`;
    }
    case "absolute":
      return `abs(${first})`;
    case "addSeconds":
      return later(castTo("timestamp", first, type, dialect), argument, dialect);
    case "truncate":
      return own?.([castTo("timestamp", first, type, dialect), second], types) ?? "";
    case "minutesBetween":
      return own?.([castTo("timestamp", first, type, dialect), castTo("timestamp", second, secondType, dialect)], types) ?? "";
    case "coalesce":
    case "least":
    case "greatest": {
      const shared = node.arguments.map((each, index) => unified(each, values[index] ?? "", types[index] ?? null, call.type, dialect));
      return own?.(shared, types) ?? `${node.function}(${shared.join(", ")})`;
    }
    default:
      return own?.(values, types) ?? `${node.function}(${values.join(", ")})`;
  }
}

/** A value as one of the type that it shares with others. */
export function unified(node: ExpressionNode, value: string, type: Known, common: Known, dialect: SqlDialect): string {
  if (type === common || common === null) return value;
  // A bare null, or a constant, is written as one of the type.
  if (node.kind === "literal" && (node.value === null || (common === "double" && typeof node.value === "number")))
    return printLiteral({ ...node, type: common }, dialect);
  return type === null ? value : `cast(${value} as ${dialect.type(common)})`;
}

/** A comparison of two columns' or expressions' values; NaN is a number like others. */
export function compare(
  operator: Comparison,
  [a, b]: readonly [string, string],
  [left, right]: readonly [ExpressionNode | undefined, ExpressionNode | undefined],
  types: readonly Known[],
  { compareDoubles }: SqlDialect,
): string {
  if (compareDoubles === null || !types.includes("double")) return `${a} ${operator} ${b}`;
  return left?.kind === "literal"
    ? compareDoubles(flipped[operator], b, a, true)
    : compareDoubles(operator, a, b, right?.kind === "literal");
}

/** The regular expression that a literal says. @throws MillwrightError `pattern-not-portable` */
export function patternOf(node: ExpressionNode | undefined): Pattern {
  const text = node?.kind === "literal" ? String(node.value) : "";
  try {
    return parsePattern(text);
  } catch (error) {
    if (!(error instanceof PatternFault)) throw error;
    throw new MillwrightError(
      {
        code: "pattern-not-portable",
        what: `the regular expression ${text} cannot be told to all engines: ${error.message}`,
        fix: "write it with what docs/semantics.md lists",
      },
      { cause: error },
    );
  }
}

/** What lies before the first character is not there: engines count from the end, or from 0. */
function printSubstring(value: string, [, from, many]: readonly ExpressionNode[], own: SqlDialect["calls"]["substring"]): string {
  const start = from?.kind === "literal" ? Number(from.value) : 1;
  const length = many?.kind === "literal" ? Number(many.value) : null;
  const kept = length === null ? null : Math.max(0, Math.min(length, length + start - 1));
  const values = [value, String(Math.max(1, start)), ...(kept === null ? [] : [String(kept)])];
  return own?.(values, []) ?? `substring(${values.join(", ")})`;
}

/** Null where the result is no number, as for a quotient by 0. */
function printPower([base = "", exponent = ""]: readonly string[], node: ExpressionNode | undefined): string {
  const power = `power(${base}, ${exponent})`;
  const value = node?.kind === "literal" ? Number(node.value) : null;
  const tests = [
    ...(value === null || value < 0 ? [`${base} = 0${value === null ? ` and ${exponent} < 0` : ""}`] : []),
    ...(value === null || !Number.isInteger(value) ? [`${base} < 0${value === null ? ` and ${exponent} <> floor(${exponent})` : ""}`] : []),
  ];
  return tests.length === 0 ? power : `case ${tests.map((test) => `when ${test} then null`).join(" ")} else ${power} end`;
}

function later(value: string, seconds: ExpressionNode | undefined, dialect: SqlDialect): string {
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
