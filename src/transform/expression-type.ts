import type { Column, ColumnType } from "../define/column.ts";
import type { AggregateNode, CallNode, ExpressionNode, FunctionName } from "../define/expression-node.ts";

import { parsePattern, PatternFault } from "./pattern.ts";

/** A type, or null where it is not known: a column that does not exist, or a bare null. */
export type Known = ColumnType | null;

/** Something wrong in an expression; the caller adds the place. */
export interface Fault {
  readonly code: "unknown-column" | "wrong-type" | "misplaced-aggregate" | "nothing-named" | "pattern-not-portable";
  readonly what: string;
  readonly fix: string;
}

/** What expressions are typed against. */
export interface Scope {
  /** As messages name it: `flights_clean`. */
  readonly table: string;
  readonly columns: readonly Column[];
  readonly report: (fault: Fault) => void;
}

export function isNumeric(type: Known): boolean {
  return type === null || type === "integer" || type === "bigint" || type === "double" || type.startsWith("decimal");
}
export function isTemporal(type: Known): boolean {
  return type === null || type === "date" || type === "timestamp";
}

/** The type of a column; reports one that does not exist, and names the nearest. */
export function columnType(name: string, { table, columns, report }: Scope): Known {
  const column = columns.find((candidate) => candidate.name === name);
  if (column) return column.type;
  report({ code: "unknown-column", what: `${table} has no column '${name}'`, fix: `use one of: ${nearestFirst(name, columns)}` });
  return null;
}

/** The type of an expression over a row's columns; reports what does not fit. */
export function expressionType(node: ExpressionNode, scope: Scope): Known {
  switch (node.kind) {
    case "column":
      return columnType(node.name, scope);
    case "literal":
      return node.value === null && node.type === "text" ? null : node.type;
    case "cast":
      mustConvert("a value", expressionType(node.value, scope), node.type, scope);
      return node.type;
    case "call":
      readPattern(node, scope);
      return callType(
        node.function,
        node.arguments.map((argument) => expressionType(argument, scope)),
        scope,
      );
    case "case": {
      for (const { when } of node.branches) need("the condition of a case", expressionType(when, scope), ["boolean"], scope);
      const values = [...node.branches.map(({ then }) => then), ...(node.otherwise ? [node.otherwise] : [])];
      return common(
        "the branches of a case",
        values.map((value) => expressionType(value, scope)),
        scope,
      );
    }
    case "aggregate":
      scope.report({
        code: "misplaced-aggregate",
        what: `'${node.function}' needs many rows and cannot stand in a row's expression`,
        fix: "use it in aggregate, window or lookback",
      });
      return null;
  }
}

/** Reports a type whose values are never those of another one. */
export function mustConvert(what: string, from: Known, to: ColumnType, { report }: Scope): void {
  const kinds = [from, to].map((type) => {
    if (type === "date" || type === "timestamp") return "time";
    return type === "text" || type === "binary" || type === null ? type : "number";
  });
  if (from === null || from === to || (kinds.includes("text") && !kinds.includes("binary")) || (kinds[0] === kinds[1] && from !== "binary"))
    return;
  report({ code: "wrong-type", what: `${what} of type ${from} is never read as ${to}`, fix: "compute it with an expression" });
}

/** Reports a regular expression that does not mean the same on all engines. */
export function mustBePortable(pattern: string, { report }: Scope): void {
  try {
    parsePattern(pattern);
  } catch (error) {
    if (!(error instanceof PatternFault)) throw error;
    report({
      code: "pattern-not-portable",
      what: `the regular expression ${pattern} cannot be told to all engines: ${error.message}`,
      fix: "write it with what docs/semantics.md lists",
    });
  }
}

function readPattern(node: CallNode, scope: Scope): void {
  const [, pattern] = node.arguments;
  if ((node.function === "matches" || node.function === "extract") && pattern?.kind === "literal")
    mustBePortable(String(pattern.value), scope);
}

/** The type of an aggregate over rows with the scope's columns. */
export function aggregateType(node: AggregateNode, scope: Scope): Known {
  const value = node.value === null ? null : expressionType(node.value, scope);
  switch (node.function) {
    case "count":
    case "countDistinct":
      return "bigint";
    case "countWhere":
      need("countWhere", value, ["boolean"], scope);
      return "bigint";
    case "share":
      need("share", value, ["boolean"], scope);
      return "double";
    case "some":
    case "every":
      need(node.function, value, ["boolean"], scope);
      return "boolean";
    case "min":
    case "max":
      return value;
    case "sum":
      needNumber("sum", value, scope);
      if (value?.startsWith("decimal")) return value.replace(/\d+/, "38") as ColumnType;
      return value === "integer" || value === "bigint" ? "bigint" : "double";
    default:
      needNumber(node.function, value, scope);
      return "double";
  }
}

const comparisons: readonly FunctionName[] = ["equals", "notEquals", "greaterThan", "lessThan", "atLeast", "atMost", "oneOf"];
const arithmetic: readonly FunctionName[] = ["plus", "minus", "times", "modulo"];
const toDouble: readonly FunctionName[] = ["dividedBy", "round", "floor", "ceiling", "logarithm", "squareRoot", "power"];
const ofText: Readonly<Partial<Record<FunctionName, ColumnType>>> = {
  upper: "text",
  lower: "text",
  trim: "text",
  substring: "text",
  extract: "text",
  replace: "text",
  length: "integer",
  matches: "boolean",
  contains: "boolean",
  startsWith: "boolean",
};
const ofTime: Readonly<Partial<Record<FunctionName, ColumnType>>> = {
  year: "integer",
  month: "integer",
  dayOfMonth: "integer",
  dayOfWeek: "integer",
  dayOfYear: "integer",
  hour: "integer",
  minute: "integer",
  truncate: "timestamp",
  addSeconds: "timestamp",
  minutesBetween: "double",
};

function callType(name: FunctionName, types: readonly Known[], scope: Scope): Known {
  const [first = null, second = null] = types;
  if (comparisons.includes(name)) {
    common(`the two sides of '${name}'`, types, scope);
    return "boolean";
  }
  if (arithmetic.includes(name)) {
    for (const type of types) needNumber(name, type, scope);
    if (types.every((type) => type === "integer")) return "integer";
    return types.every((type) => type === "integer" || type === "bigint") ? "bigint" : "double";
  }
  if (toDouble.includes(name)) {
    for (const type of types) needNumber(name, type, scope);
    return "double";
  }
  const text = ofText[name];
  if (text) {
    need(name, first, ["text"], scope);
    return text;
  }
  const time = ofTime[name];
  if (time) {
    need(name, first, name === "hour" || name === "minute" ? ["timestamp"] : ["timestamp", "date"], scope);
    if (name === "minutesBetween") need(name, second, ["timestamp", "date"], scope);
    return time;
  }
  switch (name) {
    case "and":
    case "or":
    case "not":
      for (const type of types) need(name, type, ["boolean"], scope);
      return "boolean";
    case "isNull":
      return "boolean";
    case "absolute":
      needNumber(name, first, scope);
      return first?.startsWith("decimal") ? "double" : first;
    case "concat":
      for (const type of types) need(name, type, ["text", "integer", "bigint"], scope);
      return "text";
    default:
      return common(`the values of '${name}'`, types, scope);
  }
}

/** The one type that values of these types can share: numbers meet in the wider one, a date and a timestamp in timestamp. */
function common(what: string, types: readonly Known[], { report }: Scope): Known {
  const known = [...new Set(types.filter((type) => type !== null))];
  const [first = null] = known;
  if (known.length < 2) return first;
  if (known.every(isNumeric)) return known.every((type) => type === "integer" || type === "bigint") ? "bigint" : "double";
  if (known.every(isTemporal)) return "timestamp";
  report({ code: "wrong-type", what: `${what} are of different types: ${known.join(" and ")}`, fix: "convert one of them" });
  return null;
}

function need(what: string, type: Known, allowed: readonly ColumnType[], { report }: Scope): void {
  if (type === null || allowed.includes(type)) return;
  report({
    code: "wrong-type",
    what: `'${what}' takes ${allowed.join(" or ")}, and this is ${type}`,
    fix: "convert it, or use another column",
  });
}

function needNumber(what: string, type: Known, { report }: Scope): void {
  if (!isNumeric(type))
    report({ code: "wrong-type", what: `'${what}' takes a number, and this is ${type}`, fix: "convert it, or use another column" });
}

/** At most eight names, those most like the wanted one first. */
function nearestFirst(name: string, columns: readonly Column[]): string {
  const sorted = columns.map((column) => column.name).toSorted((a, b) => distance(name, a) - distance(name, b));
  return sorted.slice(0, 8).join(", ") + (sorted.length > 8 ? ", ..." : "");
}

/** Edits between two words (Levenshtein). */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...a].entries()) {
    const current = [row + 1];
    for (const [index, other] of [...b].entries()) {
      current.push(
        Math.min((current[index] ?? 0) + 1, (previous[index + 1] ?? 0) + 1, (previous[index] ?? 0) + (letter === other ? 0 : 1)),
      );
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
