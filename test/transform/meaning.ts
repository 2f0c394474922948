import type { Column, Columns, ColumnType } from "../../src/define/column.ts";
import type { Asset } from "../../src/define/asset.ts";
import type { Readable } from "../../src/define/source.ts";
import type { Fitted } from "../../src/lake/note.ts";
import { printLiteral, type SqlDialect } from "../../src/transform/dialect.ts";
import { dialectOf } from "../../src/transform/dialects.ts";
import { nextFit } from "../../src/transform/fits.ts";
import { printTable } from "../../src/transform/print.ts";
import { quarantineRows } from "../../src/transform/quarantine.ts";
import { outputColumns, type ColumnsOf } from "../../src/transform/schema.ts";
import type { Value } from "../../src/systems/roles.ts";
import { canonical, readable, type TestEngine } from "./engines.ts";
import type { Given } from "./support.ts";

type Cell = string | number | boolean | null;

/** What an engine gives for a table: rows in the order of their text, refused rows as parsed from their JSON. */
export interface Meaning {
  readonly rows: readonly (readonly Cell[])[];
  readonly refused: readonly unknown[];
}

/** Computes a table, and all between it and its inputs, on an engine. @throws Error when its columns are not those that the schema pass foretold */
export async function meaningOn(
  engine: TestEngine,
  target: Readable<Columns>,
  inputs: readonly Given<Columns, string>[],
): Promise<Meaning> {
  const dialect = dialectOf(engine.dialect);
  const columns = new Map<string, readonly Column[]>();
  const relations = new Map<string, string>();
  for (const { table, rows } of inputs) {
    const declared = Object.entries(table.node.columns ?? {}).map(([name, type]) => ({ name, type }));
    columns.set(table.node.name, declared);
    relations.set(table.node.name, await engine.make(table.node.name, valuesQuery(declared, rows, dialect)));
  }
  let meaning: Meaning = { rows: [], refused: [] };
  for (const { node } of inOrder(target)) {
    if (node.kind !== "table") continue;
    const columnsOf: ColumnsOf = (name) => columns.get(name) ?? null;
    const { columns: foretold, problems } = outputColumns(node, columnsOf);
    if (problems.length > 0) throw new Error(problems.map(({ what }) => what).join("; "));
    const print = { node, columnsOf, relation: (name: string) => relations.get(name) ?? name, dialect: engine.dialect };
    let fitted: Fitted = {};
    for (let next = nextFit({ ...print, fitted }); next; next = nextFit({ ...print, fitted })) {
      const [row = []] = await engine.ask(next.query);
      fitted = {
        ...fitted,
        ...next.read(Object.fromEntries(namesOf(row.length, next.query).map((name, index) => [name, plain(row[index])]))),
      };
    }
    const { query, rejected, refused } = printTable({ ...print, fitted });
    const types = await engine.describe(query);
    const wanted = foretold.map(({ type }) => type);
    if (JSON.stringify(types) !== JSON.stringify(wanted))
      throw new Error(`${engine.dialect} gives ${types.join(", ")}, not ${wanted.join(", ")}:\n${query}`);
    const rows = (await engine.ask(readable(query, foretold, dialect))).map((row) =>
      row.map((value, index) => canonical(value, foretold[index]?.type ?? "text")),
    );
    const json = rejected === null ? [] : await engine.ask(quarantineRows(node, rejected, refused, dialect));
    meaning = { rows: sorted(rows), refused: sorted(json.map(([, , raw]) => JSON.parse(String(raw)) as unknown)) };
    columns.set(node.name, foretold);
    if (node !== target.node) relations.set(node.name, await engine.make(node.name, query));
  }
  return meaning;
}

/** `fit_1`, `fit_2` ..., and the number of rows where it is asked for too. */
function namesOf(count: number, query: string): string[] {
  const counted = /\bfit_rows\b/.test(query);
  return Array.from({ length: count }, (_, index) => (counted && index === count - 1 ? "fit_rows" : `fit_${index + 1}`));
}

/** Rows as a query: every value as a literal of its column's type. */
function valuesQuery(columns: readonly Column[], rows: readonly (readonly Cell[])[], dialect: SqlDialect): string {
  const select = (row: readonly Cell[]): string =>
    `select ${columns.map(({ name, type }, index) => `${cell(row[index] ?? null, type, dialect)} as ${dialect.identifier(name)}`).join(", ")}`;
  return rows.length === 0 ? `${select([])} where false` : rows.map(select).join("\nunion all\n");
}

function cell(value: Cell, type: ColumnType, dialect: SqlDialect): string {
  if (type === "double" && (value === "NaN" || value === "Infinity" || value === "-Infinity"))
    return `cast('${value}' as ${dialect.type("double")})`;
  return `cast(${printLiteral({ kind: "literal", type, value }, dialect)} as ${dialect.type(type)})`;
}

function inOrder(asset: Asset): Asset[] {
  return [...new Set([...asset.dependencies.flatMap(inOrder), asset])];
}

function plain(value: unknown): Value {
  return typeof value === "number" || typeof value === "string" || typeof value === "boolean" ? value : null;
}

function sorted<T>(values: readonly T[]): T[] {
  return values
    .map((value) => [JSON.stringify(value), value] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, value]) => value);
}
