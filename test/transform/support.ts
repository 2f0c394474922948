import { expect } from "vitest";
import type { Asset } from "../../src/define/asset.ts";
import type { Column, Columns, ColumnType } from "../../src/define/column.ts";
import type { Dialect } from "../../src/define/node.ts";
import type { Readable } from "../../src/define/source.ts";
import { source, type SourceTable } from "../../src/define/source.ts";
import type { Fitted } from "../../src/lake/note.ts";
import { columnTypeOf, connect, duckdbTypeOf, openDuckDB, quoteIdentifier, quoteLiteral } from "../../src/systems/duckdb/connection.ts";
import type { Value } from "../../src/systems/roles.ts";
import { dialectOf } from "../../src/transform/dialects.ts";
import { nextFit } from "../../src/transform/fits.ts";
import { nextKeep } from "../../src/transform/keep.ts";
import { printTable } from "../../src/transform/print.ts";
import { quarantineRows } from "../../src/transform/quarantine.ts";
import { outputColumns, type ColumnsOf } from "../../src/transform/schema.ts";

type Cell = string | number | boolean | null;

/** A table of a made-up source with its rows; timestamps, dates, bigints as text. */
export interface Given<C extends Columns, N extends string> {
  readonly table: SourceTable<C, "made_up", N>;
  readonly rows: readonly (readonly Cell[])[];
}

export function given<const N extends string, const C extends Columns>(
  name: N,
  columns: C,
  rows: readonly (readonly Cell[])[],
): Given<C, N>;
export function given(name: string, columns: Columns, rows: readonly (readonly Cell[])[]): Given<Columns, string> {
  return { table: source("made_up").table(name, { columns }), rows };
}

export interface Evaluated {
  /** Rows as the table gives them, sorted by all columns as text. */
  readonly rows: readonly (readonly Value[])[];
  readonly rejected: readonly Readonly<Record<string, Value>>[];
  readonly fitted: Fitted;
}

/** Runs a table and all that it depends on in DuckDB, and checks on the way that every result has the columns that the schema pass foretold. */
export async function evaluate(target: Readable<Columns>, inputs: readonly Given<Columns, string>[]): Promise<Evaluated> {
  const instance = await openDuckDB({ threads: 2 });
  const connection = await connect(instance);
  try {
    const columns = new Map<string, readonly Column[]>();
    const rowsOf = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson();
    for (const { table, rows } of inputs) {
      const declared = columnsIn(table.node.columns ?? {});
      columns.set(table.node.name, declared);
      await connection.run(
        `create table ${quoteIdentifier(table.node.name)} (${declared.map(({ name, type }) => `${quoteIdentifier(name)} ${duckdbTypeOf(type)}`).join(", ")})`,
      );
      for (const row of rows)
        await connection.run(
          `insert into ${quoteIdentifier(table.node.name)} values (${row.map((cell) => (typeof cell === "string" ? quoteLiteral(cell) : String(cell))).join(", ")})`,
        );
    }
    let result: Evaluated = { rows: [], rejected: [], fitted: {} };
    for (const { node } of inOrder(target)) {
      if (node.kind !== "table") continue;
      const columnsOf: ColumnsOf = (name) => columns.get(name) ?? null;
      const foretold = outputColumns(node, columnsOf);
      expect(foretold.problems).toEqual([]);
      const print = { node, columnsOf, relation: quoteIdentifier, dialect: "duckdb" as const };
      let fitted: Fitted = {};
      for (let next = nextFit({ ...print, fitted }); next; next = nextFit({ ...print, fitted })) {
        const [row = {}] = (await connection.runAndReadAll(next.query)).getRowObjectsJS();
        fitted = { ...fitted, ...next.read(numbersIn(row)) };
      }
      const { query, rejected } = printTable({ ...print, fitted });
      await connection.run(`create table ${quoteIdentifier(node.name)} as ${query}`);
      // With parts kept the way a build keeps them, everything must come out the same.
      const kept: Record<string, string> = {};
      for (let keep = nextKeep({ ...print, fitted, kept }); keep; keep = nextKeep({ ...print, fitted, kept })) {
        await connection.run(`create table ${quoteIdentifier(`${node.name} ${keep.name}`)} as ${keep.query}`);
        kept[keep.name] = quoteIdentifier(`${node.name} ${keep.name}`);
      }
      const again = printTable({ ...print, fitted, kept });
      for (const [first, second] of [
        [query, again.query],
        [rejected, again.rejected],
      ]) {
        if (first != null && Object.keys(kept).length > 0)
          expect(await rowsOf(`from (${second}) order by all`)).toEqual(await rowsOf(`from (${first}) order by all`));
      }
      const described = (await rowsOf(`describe ${quoteIdentifier(node.name)}`)).map((row) => ({
        name: String(row["column_name"]),
        type: columnTypeOf(String(row["column_type"])),
      }));
      if (node.sql === null) expect(described).toEqual(foretold.columns);
      columns.set(node.name, described);
      result = {
        rows: (await connection.runAndReadAll(`from ${quoteIdentifier(node.name)} order by all`))
          .getRowsJson()
          .map((row) => row.map(plain)),
        rejected:
          rejected === null
            ? []
            : (await rowsOf(`from (${rejected}) order by all`)).map((row) =>
                Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])),
              ),
        fitted,
      };
    }
    return result;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

export const dialects = ["duckdb", "spark", "trino", "postgres", "snowflake", "bigquery", "redshift"] as const satisfies readonly Dialect[];

/** The SQL of a table in all dialects, for the golden files. */
export function printed(target: Readable<Columns>, inputs: readonly Given<Columns, string>[], fitted: Fitted = {}): string {
  const columns = new Map<string, readonly Column[]>(inputs.map(({ table }) => [table.node.name, columnsIn(table.node.columns ?? {})]));
  let text = "";
  for (const { node } of inOrder(target)) {
    if (node.kind !== "table") continue;
    const columnsOf: ColumnsOf = (name) => columns.get(name) ?? null;
    columns.set(node.name, outputColumns(node, columnsOf).columns);
    text = dialects
      .map((dialect) => {
        const { query, rejected } = printTable({ node, columnsOf, relation: (name) => name, fitted, dialect });
        return `-- ${dialect}\n${query}\n${rejected === null ? "" : `-- ${dialect}, rejected rows\n${rejected}\n`}`;
      })
      .join("\n");
  }
  return text;
}

/** Every statement that a table takes in a dialect, as if each statistic were 1. */
export function statements(target: Readable<Columns>, inputs: readonly Given<Columns, string>[], dialect: Dialect): string[] {
  const columns = new Map<string, readonly Column[]>(inputs.map(({ table }) => [table.node.name, columnsIn(table.node.columns ?? {})]));
  return inOrder(target).flatMap(({ node }) => {
    if (node.kind !== "table") return [];
    const columnsOf: ColumnsOf = (name) => columns.get(name) ?? null;
    columns.set(node.name, outputColumns(node, columnsOf).columns);
    const print = { node, columnsOf, relation: (name: string) => name, dialect };
    const all: string[] = [];
    let fitted: Fitted = {};
    for (let next = nextFit({ ...print, fitted }); next; next = nextFit({ ...print, fitted })) {
      all.push(next.query);
      fitted = { ...fitted, ...Object.fromEntries(Object.keys(next.read({})).map((key) => [key, key.endsWith("mode") ? "1" : 1])) };
    }
    const { query, rejected, refused } = printTable({ ...print, fitted });
    return [...all, query, ...(rejected === null ? [] : [quarantineRows(node, rejected, refused, dialectOf(dialect))])];
  });
}

function columnsIn(columns: Readonly<Record<string, ColumnType>>): Column[] {
  return Object.entries(columns).map(([name, type]) => ({ name, type }));
}

function inOrder(asset: Asset): Asset[] {
  return [...new Set([...asset.dependencies.flatMap(inOrder), asset])];
}

function numbersIn(row: Readonly<Record<string, unknown>>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === "number" || typeof value === "string" ? value : null]),
  );
}

/** Bigints come as text from DuckDB's JSON: small ones read better as numbers. */
function plain(value: unknown): Value {
  if (typeof value === "string") return /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof value === "number" || typeof value === "boolean" ? value : null;
}
