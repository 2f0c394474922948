import type { TableNode } from "../define/node.ts";
import type { Operation } from "../define/operation.ts";
import type { Value } from "../systems/roles.ts";
import type { Fitted } from "../lake/note.ts";
import type { ColumnType } from "../define/column.ts";
import { countedFits } from "./counted.ts";
import { printChain, type Print } from "./print.ts";
import { dialectOf } from "./dialects.ts";
import type { SqlDialect } from "./dialect.ts";
import { schemaSteps } from "./schema.ts";
import { list, typeIn } from "./print-parts.ts";

/** A statistic that an operation needs of the data that reaches it. */
export interface Fit {
  /** Under which its value is stored with the snapshot: `1.air_time.median`. */
  readonly key: string;
  /** Index of the operation. */
  readonly operation: number;
  readonly column: string;
  /** `mean`, `median`, `mode`, `deviation`, `min`, `max`, or `quantile 1/4`. */
  readonly statistic: string;
}

export function fitKey(operation: number, column: string, statistic: string): string {
  return `${operation}.${column}.${statistic}`;
}

/** All statistics that a table's operations need, in their order. */
export function fits(node: TableNode): Fit[] {
  return node.operations.flatMap((operation, index) =>
    statisticsOf(operation).map(({ column, statistic }) => ({
      key: fitKey(index, column, statistic),
      operation: index,
      column,
      statistic,
    })),
  );
}

function statisticsOf(operation: Operation): { readonly column: string; readonly statistic: string }[] {
  switch (operation.kind) {
    case "fill":
      return Object.entries(operation.columns).flatMap(([column, filling]) =>
        filling.with === "constant" || filling.with === "forward" ? [] : [{ column, statistic: filling.with }],
      );
    case "normalise":
      return Object.entries(operation.columns).flatMap(([column, way]) =>
        way === "log" ? [] : (way === "zscore" ? ["mean", "deviation"] : ["min", "max"]).map((statistic) => ({ column, statistic })),
      );
    case "bucket": {
      const { column, edges } = operation;
      return "quantiles" in edges
        ? Array.from({ length: edges.quantiles - 1 }, (_, index) => ({ column, statistic: `quantile ${index + 1}/${edges.quantiles}` }))
        : [];
    }
    default:
      return [];
  }
}

/**
 * The next query for what is still to be fitted: as many statistics as can be computed over the same rows. Ask until there is none:
 *
 *     let fitted = {};
 *     for (let next = nextFit({ ...print, fitted }); next; next = nextFit({ ...print, fitted })) fitted = { ...fitted, ...next.read(row) };
 *
 * The query gives one row, one column per statistic, numbers as doubles and modes as text; null when there was no value.
 * `rows` reads from it how many rows the table will have with those that it refuses, null where that cannot be told.
 */
export function nextFit(print: Print): {
  readonly query: string;
  readonly read: (row: Readonly<Record<string, Value>>) => Fitted;
  readonly rows: (row: Readonly<Record<string, Value>>) => number | null;
} | null {
  const { node, fitted } = print;
  const missing = fits(node).filter(({ key }) => !(key in fitted));
  const [first] = missing;
  if (first === undefined) return null;
  const { steps } = schemaSteps(node, print.columnsOf);
  const group = together(node, first.operation, missing);
  const dialect = dialectOf(print.dialect);
  const from = printChain({ ...print, node: { ...node, operations: node.operations.slice(0, first.operation) } });
  const before = steps[first.operation]?.before ?? [];
  const named = group.map((fit, index) => ({ name: `fit_${index + 1}`, fit, type: typeIn(before, fit.column) }));
  const counted = refusesOnly(node, first.operation);
  const sql = (some: typeof named) => [
    ...some.map(({ name, fit, type }) => ({ name, sql: statistic(fit, type, from.name, dialect) })),
    ...(counted ? [{ name: "fit_rows", sql: "count(*)" }] : []),
  ];
  const quantiles = print.manyRows === true && dialect.name === "duckdb" ? named.filter(({ fit }) => shareOf(fit.statistic) !== null) : [];
  const query =
    quantiles.length === 0
      ? `${from.text}select ${list(sql(named).map((column) => `${column.sql} as ${dialect.identifier(column.name)}`))}\nfrom ${from.name}`
      : countedFits(
          from,
          quantiles.map(({ name, fit, type }) => ({
            name,
            value: numberOf(fit.column, type, dialect),
            share: shareOf(fit.statistic) ?? 0,
          })),
          sql(named.filter((one) => !quantiles.includes(one))),
        );
  const read = (row: Readonly<Record<string, Value>>) =>
    Object.fromEntries(group.map(({ key, statistic: name }, index) => [key, valueOf(row[`fit_${index + 1}`] ?? null, name)]));
  return { query, read, rows: (row) => (counted ? Number(row["fit_rows"]) : null) };
}

/** Whether, from this operation on, rows are refused, and in no other way lost or multiplied: what comes and what is refused then add up. */
export function refusesOnly({ operations }: TableNode, start: number): boolean {
  const rest = operations.slice(start).map(({ kind }) => kind);
  return (
    rest.some((kind) => kind === "check" || kind === "convert") &&
    !rest.some((kind) => kind === "dedupe" || kind === "filter" || kind === "join" || kind === "aggregate")
  );
}

/** Later operations join in as long as they are fitted too, on columns that nothing in between has changed. */
function together(node: TableNode, start: number, missing: readonly Fit[]): Fit[] {
  const changed = new Set<string>();
  const group: Fit[] = [];
  for (const [index, operation] of node.operations.entries()) {
    if (index < start) continue;
    if (operation.kind !== "fill" && operation.kind !== "normalise" && operation.kind !== "bucket") break;
    const own = missing.filter((fit) => fit.operation === index);
    if (own.some(({ column }) => changed.has(column))) break;
    group.push(...own);
    const touched = operation.kind === "bucket" ? [operation.into] : Object.keys(operation.columns);
    for (const column of touched) changed.add(column);
  }
  return group;
}

function statistic({ column, statistic: name }: Fit, type: ColumnType | null, from: string, dialect: SqlDialect): string {
  const value = dialect.identifier(column);
  const number = numberOf(column, type, dialect);
  if (name === "mode") {
    if (dialect.mode !== null) return dialect.convert(dialect.mode(value), type, "text");
    return `(select ${dialect.convert(value, type, "text")} from ${from} where ${value} is not null group by ${value} order by count(*) desc, ${value} limit 1)`;
  }
  if (name === "mean") return `avg(${number})`;
  if (name === "deviation") return `stddev_pop(${number})`;
  const share = shareOf(name);
  return share === null ? `${name}(${number})` : dialect.quantile(number, share);
}

/** A column as a double. */
function numberOf(column: string, type: ColumnType | null, dialect: SqlDialect): string {
  const value = dialect.identifier(column);
  return type === "double" ? value : `cast(${value} as ${dialect.type("double")})`;
}

/** How far through the sorted rows a quantile stands; null for another statistic. */
function shareOf(name: string): number | null {
  if (name === "median") return 0.5;
  const [, part, parts] = /^quantile (\d+)\/(\d+)$/.exec(name) ?? [];
  return part === undefined ? null : Number(part) / Number(parts);
}

function valueOf(value: Value, statisticName: string): string | number | null {
  if (value === null) return null;
  if (statisticName === "mode") return String(value);
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}
