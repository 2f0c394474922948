import type { Column } from "../define/column.ts";
import type { AggregateNode } from "../define/expression-node.ts";
import type { Dialect, TableNode } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import type { Fitted } from "../lake/note.ts";
import { printCheck, printConvert } from "./check.ts";
import { printDedupe } from "./dedupe.ts";
import type { SqlDialect } from "./dialect.ts";
import { dialectOf } from "./dialects.ts";
import { printAggregateNode, printExpression } from "./print-expression.ts";
import { printJoin, printLookback } from "./print-join.ts";
import { list, named, selection, type Context, type Part, type Printed, type Refusal } from "./print-parts.ts";
import {
  bucketExpressions,
  deriveExpressions,
  fillCounts,
  fillExpressions,
  lagExpressions,
  normaliseExpressions,
  onehotExpressions,
} from "./print-row.ts";
import { printWindow } from "./print-window.ts";
import { schemaSteps, type ColumnsOf, type Step } from "./schema.ts";

export interface Print {
  readonly node: TableNode;
  readonly columnsOf: ColumnsOf;
  /** SQL that reads a table as stored, for a FROM clause. */
  readonly relation: (table: string) => string;
  /** Statistics by key, from `nextFit`. */
  readonly fitted: Fitted;
  /** Parts that were computed before, from `nextKeep`: name to SQL that reads what they gave. */
  readonly kept?: Readonly<Record<string, string>>;
  /** Statistics are computed in ways that pay for many rows, and whose memory does not grow with them. */
  readonly manyRows?: boolean;
  readonly dialect: Dialect;
}

export interface PrintedTable {
  readonly query: string;
  readonly rejected: string | null;
  /** The columns of the rejected rows, before the reason. */
  readonly refused: readonly Column[];
}

/**
 * A table as SQL: a chain of named parts, one or two per operation.
 *
 * @returns `query` yields the table's rows; `rejected` those that fail a check or a conversion, with the reasons in the
 * column `reason`; null when no operation refuses rows. Where several operations do, the rejected rows have the columns of all,
 * as text where their types differ.
 * @throws MillwrightError `wrong-dialect` for SQL that is not written in the dialect, or the first problem of the schema pass.
 */
export function printTable(print: Print): PrintedTable {
  if (print.node.sql !== null) return { query: printSql(print, print.node.sql), rejected: null, refused: [] };
  const { query, rejected, refused } = printChain(print);
  return { query, rejected, refused };
}

/** An aggregate over all rows of a table, as a SQL expression. */
export function printAggregate(value: AggregateNode, dialect: Dialect, columns: readonly Column[] = []): string {
  return printAggregateNode(value, { columns }, dialectOf(dialect), "");
}

interface Chain {
  readonly parts: readonly Part[];
  /** `with ... ` and a line break, or nothing: goes before a `select ... from name`. */
  readonly text: string;
  /** SQL of the last part, for a FROM clause. */
  readonly name: string;
  readonly query: string;
  readonly rejected: string | null;
  readonly refused: readonly Column[];
}

/** The operations as a chain of parts. */
export function printChain(print: Print): Chain {
  const { node } = print;
  const dialect = dialectOf(print.dialect);
  const { steps, columns, problems } = schemaSteps(node, print.columnsOf);
  const [problem] = problems;
  if (problem !== undefined) throw new MillwrightError(problem);
  const parts: Part[] = [];
  const relation = (table: string): string => readBytewise(table, print, dialect, parts);
  let from = relation(node.inputs[0] ?? "");
  const refusals: (Refusal & { readonly after: number })[] = [];
  for (const [index, step] of steps.entries()) {
    // What it reads for the first time comes before it.
    const printed = printStep(step, from, index, { ...print, relation, dialect });
    if (printed.refusal) refusals.push({ ...printed.refusal, after: parts.length + printed.parts.length - 1 });
    parts.push(
      ...printed.parts.map(({ name, sql }) => ({
        name,
        sql: print.kept?.[name] === undefined ? sql : `select *\nfrom ${print.kept[name]}`,
      })),
    );
    from = dialect.identifier(printed.parts.at(-1)?.name ?? "");
  }
  const chain = (used: readonly Part[]) => chainText(used, dialect);
  const last = parts.at(-1);
  const query = last === undefined ? `select ${selection(columns, {}, dialect)}\nfrom ${from}` : `${chain(parts.slice(0, -1))}${last.sql}`;
  const lastRefusal = refusals.at(-1);
  const rejected = lastRefusal === undefined ? null : `${chain(parts.slice(0, lastRefusal.after))}${union(refusals, dialect)}`;
  return { parts, text: chain(parts), name: from, query, rejected, refused: refusedColumns(refusals) };
}

/** A stored table for a FROM clause; where an engine may order texts otherwise, through a part that is put before the others. */
function readBytewise(table: string, { relation, columnsOf }: Print, { byteOrder, identifier }: SqlDialect, parts: Part[]): string {
  const columns = columnsOf(table) ?? [];
  if (byteOrder === null || !columns.some(({ type }) => type === "text")) return relation(table);
  const name = `${table} by bytes`;
  if (!parts.some((part) => part.name === name)) {
    const all = columns.map(({ name: column, type }) =>
      type === "text" ? `${byteOrder(identifier(column))} as ${identifier(column)}` : identifier(column),
    );
    parts.push({ name, sql: `select ${list(all)}\nfrom ${relation(table)}` });
  }
  return identifier(name);
}

/** `with` all parts, and a line break; nothing without parts. */
export function chainText(parts: readonly Part[], dialect: SqlDialect): string {
  return parts.length === 0
    ? ""
    : `with ${parts.map(({ name, sql }) => `${dialect.identifier(name)} as (\n${indent(sql)}\n)`).join(",\n")}\n`;
}

function printStep({ operation, before, after }: Step, from: string, position: number, context: Context): Printed {
  const { dialect } = context;
  const index = String(position + 1);
  const row = (name: string, expressions: Readonly<Record<string, string>>): Printed => ({
    parts: [{ name: `${name}_${index}`, sql: `select ${selection(after, expressions, dialect)}\nfrom ${from}` }],
  });
  switch (operation.kind) {
    case "dedupe":
      return { parts: printDedupe({ from, columns: before, keys: operation.keys, newest: operation.newest, index }, context) };
    case "fill": {
      const filled = row("filled", fillExpressions(operation, before, position, context));
      const counts = Object.entries(fillCounts(operation, before, context)).map(([name, sql]) => named(sql, name, dialect));
      if (counts.length === 0) return filled;
      const counted = `counted_${index}`;
      const sql = `select ${list([...before.map(({ name }) => dialect.identifier(name)), ...counts])}\nfrom ${from}`;
      const rest = fillExpressions(operation, before, position, context);
      return {
        parts: [
          { name: counted, sql },
          { name: `filled_${index}`, sql: `select ${selection(after, rest, dialect)}\nfrom ${dialect.identifier(counted)}` },
        ],
      };
    }
    case "convert":
      return printConvert(operation, { from, before, after, index }, context);
    case "rename":
      return row("renamed", Object.fromEntries(Object.entries(operation.columns).map(([old, name]) => [name, dialect.identifier(old)])));
    case "select":
      return row("selected", {});
    case "drop":
      return row("reduced", {});
    case "derive":
      return row("derived", deriveExpressions(operation, before, context));
    case "filter":
      return {
        parts: [
          {
            name: `filtered_${index}`,
            sql: `select ${selection(after, {}, dialect)}\nfrom ${from}\nwhere ${printExpression(operation.where, { columns: before }, dialect)}`,
          },
        ],
      };
    case "normalise":
      return row("normalised", normaliseExpressions(operation, before, position, context));
    case "onehot":
      return row("encoded", onehotExpressions(operation, before, context));
    case "bucket":
      return row("bucketed", bucketExpressions(operation, position, context));
    case "lag":
      return row("lagged", lagExpressions(operation, before, context));
    case "window":
      return { parts: printWindow(operation, { from, before, after, index }, context) };
    case "join":
      return printJoin(operation, { from, before, after, index }, context);
    case "lookback":
      return printLookback(operation, { from, before, after, index }, context);
    case "aggregate": {
      const by = operation.by.map(dialect.identifier);
      const aggregates = Object.entries(operation.columns).map(([name, node]) =>
        named(printAggregateNode(node, { columns: before }, dialect, ""), name, dialect),
      );
      return {
        parts: [
          {
            name: `aggregated_${index}`,
            sql: `select ${list([...by, ...aggregates])}\nfrom ${from}${by.length === 0 ? "" : `\ngroup by ${by.join(", ")}`}`,
          },
        ],
      };
    }
    case "check":
      return printCheck(operation, { from, before, index }, context);
  }
}

/** A column keeps its type where all refusals have the same, and becomes text where they differ. */
function refusedColumns(refusals: readonly Refusal[]): readonly Column[] {
  const all = refusals.flatMap(({ columns }) => columns);
  return [...new Set(all.map(({ name }) => name))].map((name) => {
    const types = new Set(all.filter((column) => column.name === name).map(({ type }) => type));
    const [type = "text"] = types;
    return { name, type: types.size > 1 ? "text" : type };
  });
}

/** All refused rows in one result. */
function union(refusals: readonly Refusal[], dialect: Context["dialect"]): string {
  const [only] = refusals;
  if (only !== undefined && refusals.length === 1) return only.sql;
  return refusals
    .map(({ columns, sql }) => {
      const items = refusedColumns(refusals).map(({ name, type }) => {
        const own = columns.find((column) => column.name === name);
        const identifier = dialect.identifier(name);
        return named(
          own === undefined ? `cast(null as ${dialect.type(type)})` : dialect.convert(identifier, own.type, type),
          name,
          dialect,
        );
      });
      return `select ${list([...items, dialect.identifier("reason")])}\nfrom (\n${indent(sql)}\n) as refused`;
    })
    .join("\nunion all\n");
}

/** The SQL that a user wrote, with the names that it uses put before it. */
function printSql({ node, relation, dialect }: Print, { as, text }: NonNullable<TableNode["sql"]>): string {
  const sql = text[dialect];
  if (sql === undefined) {
    throw new MillwrightError({
      code: "wrong-dialect",
      what: `${node.name} is written in ${Object.keys(text).join(" and ") || "no dialect"}, and this engine reads ${dialect}`,
      where: node.origin,
      fix: `add the SQL for ${dialect}`,
    });
  }
  const { identifier } = dialectOf(dialect);
  const inputs = Object.entries(as).map(([alias, table]) => `${identifier(alias)} as (select * from ${relation(table)})`);
  return `with ${[...inputs, `${identifier("result of the SQL")} as (\n${indent(sql.trim().replace(/;$/, ""))}\n)`].join(",\n")}\nselect * from ${identifier("result of the SQL")}`;
}

function indent(sql: string): string {
  return sql
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}
