import type { Column, ColumnType } from "../define/column.ts";
import type { LiteralNode } from "../define/expression-node.ts";
import { literalAs } from "../define/literal.ts";
import type { TableNode } from "../define/node.ts";
import type { Filling, Operation, Pair } from "../define/operation.ts";
import type { Problem } from "../error.ts";
import {
  aggregateType,
  columnType,
  expressionType,
  isNumeric,
  mustBePortable,
  mustConvert,
  type Fault,
  type Known,
  type Scope,
} from "./expression-type.ts";

/** The columns of a table as stored; null while nobody knows them. */
export type ColumnsOf = (table: string) => readonly Column[] | null;

/** A table's columns around one of its operations. */
export interface Step {
  readonly operation: Operation;
  readonly before: readonly Column[];
  readonly after: readonly Column[];
}

/**
 * The columns of a table, worked out step by step from those of its inputs, and everything that is wrong with it.
 * It never throws on what a user wrote. Where an input's columns are not known, neither are these, and nothing is reported.
 */
export function outputColumns(
  node: TableNode,
  columnsOf: ColumnsOf,
): { readonly columns: readonly Column[]; readonly problems: readonly Problem[] } {
  if (node.sql !== null) return { columns: Object.entries(node.sql.columns ?? {}).map(([name, type]) => ({ name, type })), problems: [] };
  const { steps, columns, problems } = schemaSteps(node, columnsOf);
  return { columns: steps.at(-1)?.after ?? columns, problems };
}

/** As `outputColumns`, with the columns before and after every operation. */
export function schemaSteps(
  node: TableNode,
  columnsOf: ColumnsOf,
): {
  readonly steps: readonly Step[];
  readonly columns: readonly Column[];
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const first = columnsOf(node.inputs[0] ?? "");
  if (first === null || node.inputs.some((input) => columnsOf(input) === null)) return { steps: [], columns: [], problems };
  const steps: Step[] = [];
  let before = first;
  for (const operation of node.operations) {
    const report = ({ code, what, fix }: Fault) =>
      problems.push({ code, what: what.startsWith(`${node.name} `) ? what : `${node.name}: ${what}`, where: node.origin, fix });
    const after = columnsAfter(operation, { table: node.name, columns: before, report }, columnsOf);
    // Engines do not tell upper from lower case in names.
    const names = after.map(({ name }) => name.toLowerCase());
    if (after.length === 0)
      problems.push({
        code: "nothing-named",
        what: `${node.name}: ${operation.kind} leaves no column`,
        where: node.origin,
        fix: "keep at least one",
      });
    const twice = after.find((_, index) => names.indexOf(names[index] ?? "") < index);
    if (twice) {
      problems.push({
        code: "duplicate-column",
        what: `${node.name}: ${operation.kind} gives two columns called '${twice.name}'`,
        where: node.origin,
        fix: "rename one of them, or choose the columns to take",
      });
    }
    steps.push({ operation, before, after });
    before = after;
  }
  return { steps, columns: first, problems };
}

function columnsAfter(operation: Operation, scope: Scope, columnsOf: ColumnsOf): Column[] {
  const { columns } = scope;
  const retyped = (types: Readonly<Record<string, Known>>) => columns.map(({ name, type }) => ({ name, type: types[name] ?? type }));
  const other = (table: string): Scope => ({ table, columns: columnsOf(table) ?? [], report: scope.report });
  const known = (...names: readonly string[]) => names.forEach((name) => columnType(name, scope));
  switch (operation.kind) {
    case "dedupe":
      some("a key", operation.keys, scope);
      known(...operation.keys, ...(operation.newest === null ? [] : [operation.newest]));
      return [...columns];
    case "fill":
      return retyped(
        Object.fromEntries(Object.entries(operation.columns).map(([name, filling]) => [name, filledType(name, filling, scope)])),
      );
    case "convert":
      for (const [name, type] of Object.entries(operation.columns)) mustConvert(`'${name}'`, columnType(name, scope), type, scope);
      return retyped(operation.columns);
    case "rename":
      known(...Object.keys(operation.columns));
      return columns.map(({ name, type }) => ({ name: operation.columns[name] ?? name, type }));
    case "select":
      return operation.columns.map((name) => ({ name, type: columnType(name, scope) ?? "text" }));
    case "drop":
      known(...operation.columns);
      return columns.filter(({ name }) => !operation.columns.includes(name));
    case "derive":
      return withColumns(
        columns,
        mapTypes(operation.columns, (node) => expressionType(node, scope)),
      );
    case "filter":
      mustBe("the condition of filter", expressionType(operation.where, scope), "boolean", scope);
      return [...columns];
    case "normalise":
      for (const name of Object.keys(operation.columns)) mustBeNumber("normalise", name, scope);
      return retyped(mapTypes(operation.columns, () => "double"));
    case "onehot": {
      known(operation.column);
      const added = operation.categories.map((category): Column => ({ name: `${operation.column}_${category}`, type: "boolean" }));
      return columns.flatMap((column) => (column.name === operation.column ? added : [column]));
    }
    case "bucket":
      mustBeNumber("bucket", operation.column, scope);
      return withColumns(columns, { [operation.into]: "integer" });
    case "lag":
      known(...operation.by, operation.order);
      return withColumns(columns, { [operation.into]: columnType(operation.column, scope) });
    case "window":
      known(...operation.by);
      if (operation.frame === null || "seconds" in operation.frame) mustBeTimestamp(operation.order, scope);
      else known(operation.order);
      return withColumns(
        columns,
        mapTypes(operation.columns, (node) => aggregateType(node, scope)),
      );
    case "join": {
      const right = other(operation.table);
      some("a key", operation.on, scope);
      pairs(operation.on, scope, right);
      if (operation.asOf) {
        mustBeTimestamp(operation.asOf.left, scope);
        mustBeTimestamp(operation.asOf.right, right);
      }
      return [...columns, ...joined(operation, right)];
    }
    case "lookback": {
      const right = other(operation.table);
      pairs(operation.by, scope, right);
      mustBeTimestamp(operation.at, scope);
      for (const name of [operation.time, operation.until]) if (name !== null) mustBeTimestamp(name, right);
      for (const { function: name } of operation.until === null ? [] : Object.values(operation.columns)) {
        if (name === "count" || name === "countWhere") continue;
        scope.report({
          code: "wrong-type",
          what: `'${name}' of open rows cannot be computed`,
          fix: "with 'until' use count or countWhere",
        });
      }
      return withColumns(
        columns,
        mapTypes(operation.columns, (node) => aggregateType(node, right)),
      );
    }
    case "aggregate":
      return [
        ...operation.by.map((name) => ({ name, type: columnType(name, scope) ?? "text" })),
        ...Object.entries(operation.columns).map(([name, node]) => ({ name, type: aggregateType(node, scope) ?? "text" })),
      ];
    case "check":
      for (const [name, rules] of Object.entries(operation.rules)) {
        const type = columnType(name, scope);
        for (const rule of rules) {
          if (rule.rule === "matches") {
            mustBe(`${name}: matches`, type, "text", scope);
            mustBePortable(rule.pattern, scope);
          }
          const values = rule.rule === "between" ? [rule.low, rule.high] : rule.rule === "oneOf" ? rule.values : [];
          for (const value of values) mustFit(name, type, value, scope);
        }
      }
      if (columns.some(({ name }) => name === "reason")) {
        scope.report({
          code: "wrong-type",
          what: "a table that is checked cannot have a column 'reason': its quarantine table needs the name",
          fix: "rename the column",
        });
      }
      return [...columns];
  }
}

/** The columns that a join takes from the right table, under their new names. */
export function joined(operation: Operation & { readonly kind: "join" }, right: Scope): Column[] {
  const keys = operation.on.map((pair) => pair.right);
  if (operation.columns === null) return right.columns.filter(({ name }) => !keys.includes(name));
  return Object.entries(operation.columns).map(([from, to]) => ({ name: to, type: columnType(from, right) ?? "text" }));
}

/** Existing columns keep their place and take the new type; the others are added at the end. */
function withColumns(columns: readonly Column[], types: Readonly<Record<string, Known>>): Column[] {
  const kept = columns.map(({ name, type }) => (name in types ? { name, type: types[name] ?? "text" } : { name, type }));
  const added = Object.entries(types).filter(([name]) => !columns.some((column) => column.name === name));
  return [...kept, ...added.map(([name, type]) => ({ name, type: type ?? "text" }))];
}

function mapTypes<V>(record: Readonly<Record<string, V>>, type: (value: V) => Known): Record<string, Known> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, type(value)]));
}

function filledType(name: string, filling: Filling, scope: Scope): Known {
  const type = columnType(name, scope);
  if (filling.with === "mean" || filling.with === "median") {
    mustBeNumber(filling.with, name, scope);
    return "double";
  }
  if (filling.with === "forward") for (const column of [...filling.by, filling.order]) columnType(column, scope);
  if (filling.with === "constant") mustFit(name, type, filling.value, scope);
  return type;
}

function pairs(on: readonly Pair[], left: Scope, right: Scope): void {
  for (const pair of on) {
    const [here, there] = [columnType(pair.left, left), columnType(pair.right, right)];
    if (here === null || there === null || here === there || (isNumeric(here) && isNumeric(there))) continue;
    left.report({
      code: "wrong-type",
      what: `'${pair.left}' is ${here} and ${right.table}'s '${pair.right}' is ${there}: they are never equal`,
      fix: "convert one of them",
    });
  }
}

/** A constant is written as what JavaScript has; the column says what it is. */
function mustFit(name: string, type: Known, value: LiteralNode, { report }: Scope): void {
  if (type === null || literalAs(value, type) !== null) return;
  report({
    code: "wrong-type",
    what: `'${name}' is ${type}, and ${JSON.stringify(value.value)} is no ${type}`,
    fix: "write a value of the column's type",
  });
}

function some(what: string, given: readonly unknown[], { report }: Scope): void {
  if (given.length === 0) report({ code: "nothing-named", what: `${what} is missing`, fix: "name at least one column" });
}

function mustBe(what: string, type: Known, wanted: ColumnType, { report }: Scope): void {
  if (type !== null && type !== wanted)
    report({ code: "wrong-type", what: `${what} must be ${wanted}, and this is ${type}`, fix: "convert it, or use another column" });
}
function mustBeTimestamp(name: string, scope: Scope): void {
  mustBe(`${scope.table}.${name}`, columnType(name, scope), "timestamp", scope);
}
function mustBeNumber(what: string, name: string, scope: Scope): void {
  const type = columnType(name, scope);
  if (!isNumeric(type))
    scope.report({ code: "wrong-type", what: `'${name}' is ${type}: ${what} needs a number`, fix: "convert it, or use another column" });
}
