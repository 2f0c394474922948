import type { AggregateNode, ExpressionNode } from "../define/expression-node.ts";
import type { TableNode } from "../define/node.ts";
import type { Operation } from "../define/operation.ts";
import { alwaysReadable } from "./check.ts";
import { typeIn } from "./print-parts.ts";
import { joined, schemaSteps, type ColumnsOf, type Step } from "./schema.ts";

/**
 * How a value reaches a column. Direct: it becomes the value, as it is, transformed or aggregated. Indirect: it decides which
 * rows or which branch give it. The words are those of OpenLineage's column lineage facet.
 */
export type Influence =
  | { readonly type: "direct"; readonly subtype: "identity" | "transformation" | "aggregation" }
  | { readonly type: "indirect"; readonly subtype: "join" | "group_by" | "filter" | "sort" | "window" | "conditional" };

/** A column of an input table, and how it takes part. */
export type InputField = Influence & { readonly table: string; readonly column: string };

export interface Lineage {
  /** Output column to the input columns that its values derive from. */
  readonly columns: Readonly<Record<string, readonly InputField[]>>;
  /** Input columns that decide on the rows, and so on every column: filters, checks, keys of joins and groups. */
  readonly rows: readonly InputField[];
}

/** Each field once. */
function distinct(fields: readonly InputField[]): InputField[] {
  return [...new Map(fields.map((field) => [JSON.stringify([field.table, field.column, field.type, field.subtype]), field])).values()];
}

/** Part of an operation's meaning: a column before it takes part in a column after it. */
type Use = Influence & { readonly column: string };

/** Where the columns of a table come from, down to the columns of its inputs; nothing for tables in SQL and unknown inputs. */
export function columnLineage(node: TableNode, columnsOf: ColumnsOf): Lineage {
  const { steps, columns } = schemaSteps(node, columnsOf);
  const table = node.inputs[0] ?? "";
  let rows: InputField[] = [];
  let state = new Map<string, readonly InputField[]>(
    columns.map(({ name }) => [name, [{ table, column: name, type: "direct", subtype: "identity" }]]),
  );
  for (const step of steps) {
    const before = state;
    const trace = (uses: readonly Use[], own: readonly InputField[] = []): InputField[] => {
      const traced = uses.flatMap((use) =>
        (before.get(use.column) ?? []).map((field): InputField => ({ table: field.table, column: field.column, ...combine(field, use) })),
      );
      return distinct([...traced, ...own]);
    };
    const { of, rows: deciding, other } = usesOf(step, columnsOf);
    rows = distinct([...rows, ...trace(deciding, other?.rows)]);
    state = new Map(
      step.after.map(({ name }) => [name, trace(of[name] ?? [{ column: name, type: "direct", subtype: "identity" }], other?.of[name])]),
    );
  }
  return { columns: Object.fromEntries(state), rows };
}

/** What comes of one influence after another: indirect stays indirect, an aggregate an aggregate. */
function combine(first: Influence, second: Influence): Influence {
  if (first.type === "indirect") return { type: "indirect", subtype: first.subtype };
  if (second.type === "indirect") return { type: "indirect", subtype: second.subtype };
  if (first.subtype === "aggregation" || second.subtype === "aggregation") return { type: "direct", subtype: "aggregation" };
  return { type: "direct", subtype: first.subtype === "identity" ? second.subtype : first.subtype };
}

interface Uses {
  /** Column after the operation to the columns before it; a column that is not listed passes as it is. */
  readonly of: Readonly<Record<string, readonly Use[]>>;
  readonly rows: readonly Use[];
  /** The same for the columns of another table. */
  readonly other?: { readonly of: Readonly<Record<string, readonly InputField[]>>; readonly rows: readonly InputField[] };
}

const direct = (column: string): Use => ({ column, type: "direct", subtype: "transformation" });
const indirect =
  (subtype: "join" | "group_by" | "filter" | "sort" | "window" | "conditional") =>
  (column: string): Use => ({ column, type: "indirect", subtype });

function usesOf({ operation, before }: Step, columnsOf: ColumnsOf): Uses {
  switch (operation.kind) {
    case "dedupe":
      return {
        of: {},
        rows: [...operation.keys.map(indirect("group_by")), ...(operation.newest === null ? [] : [indirect("sort")(operation.newest)])],
      };
    case "fill":
      return {
        of: map(operation.columns, (filling, name) => [
          direct(name),
          ...(filling.with === "forward" ? [...filling.by.map(indirect("window")), indirect("sort")(filling.order)] : []),
        ]),
        rows: [],
      };
    case "convert": {
      const refusing = Object.entries(operation.columns).filter(([name, type]) => !alwaysReadable(typeIn(before, name), type));
      return { of: map(operation.columns, (_, name) => [direct(name)]), rows: refusing.map(([name]) => indirect("filter")(name)) };
    }
    case "normalise":
      return { of: map(operation.columns, (_, name) => [direct(name)]), rows: [] };
    case "rename":
      return {
        of: Object.fromEntries(
          Object.entries(operation.columns).map(([old, name]) => [name, [{ column: old, type: "direct", subtype: "identity" }]]),
        ),
        rows: [],
      };
    case "select":
    case "drop":
      return { of: {}, rows: [] };
    case "derive":
      return { of: map(operation.columns, (node) => references(node)), rows: [] };
    case "filter":
      return { of: {}, rows: references(operation.where).map(({ column }) => indirect("filter")(column)) };
    case "onehot":
      return {
        of: Object.fromEntries(operation.categories.map((category) => [`${operation.column}_${category}`, [direct(operation.column)]])),
        rows: [],
      };
    case "bucket":
      return { of: { [operation.into]: [direct(operation.column)] }, rows: [] };
    case "lag":
      return {
        of: { [operation.into]: [direct(operation.column), ...operation.by.map(indirect("window")), indirect("sort")(operation.order)] },
        rows: [],
      };
    case "window":
      return {
        of: map(operation.columns, (node) => [
          ...references(node),
          ...operation.by.map(indirect("window")),
          indirect("window")(operation.order),
        ]),
        rows: [],
      };
    case "join":
      return usesOfJoin(operation, columnsOf);
    case "lookback": {
      const { table, by, at, time, until } = operation;
      const fields = [...by.map((pair) => pair.right), time, ...(until === null ? [] : [until])].map((column): InputField => ({
        table,
        ...indirect("window")(column),
      }));
      return {
        of: map(operation.columns, () => [...by.map((pair) => pair.left), at].map(indirect("window"))),
        rows: [],
        other: {
          of: map(operation.columns, (node) => [...references(node).map((use): InputField => ({ table, ...use })), ...fields]),
          rows: [],
        },
      };
    }
    case "aggregate":
      return { of: map(operation.columns, (node) => references(node)), rows: operation.by.map(indirect("group_by")) };
    case "check":
      return { of: {}, rows: Object.keys(operation.rules).map(indirect("filter")) };
  }
}

function usesOfJoin(operation: Operation & { readonly kind: "join" }, columnsOf: ColumnsOf): Uses {
  const { table, on, asOf } = operation;
  const left = [...on.map((pair) => pair.left), ...(asOf ? [asOf.left] : [])];
  const right = [...on.map((pair) => pair.right), ...(asOf ? [asOf.right] : [])];
  const taken = joined(operation, { table, columns: columnsOf(table) ?? [], report: () => {} });
  const origin = (name: string) => Object.entries(operation.columns ?? {}).find(([, to]) => to === name)?.[0] ?? name;
  return {
    of: Object.fromEntries(taken.map(({ name }) => [name, []])),
    rows: left.map(indirect("join")),
    other: {
      of: Object.fromEntries(taken.map(({ name }) => [name, [{ table, column: origin(name), type: "direct", subtype: "identity" }]])),
      rows: right.map((column): InputField => ({ table, ...indirect("join")(column) })),
    },
  };
}

/** The columns in an expression: conditions of a case count as indirect, all else as direct. */
function references(node: ExpressionNode | AggregateNode): Use[] {
  switch (node.kind) {
    case "column":
      return [{ column: node.name, type: "direct", subtype: "identity" }];
    case "literal":
      return [];
    case "cast":
      return references(node.value).map((use) => transformed(use));
    case "call":
      return node.arguments.flatMap(references).map((use) => transformed(use));
    case "case":
      return [
        ...node.branches.flatMap(({ when }) => references(when).map(({ column }) => indirect("conditional")(column))),
        ...[...node.branches.map(({ then }) => then), ...(node.otherwise ? [node.otherwise] : [])]
          .flatMap(references)
          .map((use) => transformed(use)),
      ];
    case "aggregate":
      return node.value === null
        ? []
        : references(node.value).map((use) => (use.type === "direct" ? { ...use, subtype: "aggregation" } : use));
  }
}

function transformed(use: Use): Use {
  return use.type === "direct" ? { ...use, subtype: use.subtype === "identity" ? "transformation" : use.subtype } : use;
}

function map<V, U>(record: Readonly<Record<string, V>>, uses: (value: V, name: string) => U[]): Record<string, U[]> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, uses(value, name)]));
}
