import type { DuckDBConnection } from "@duckdb/node-api";
import { MillwrightError } from "../error.ts";
import type { ColumnPair, Sides } from "./bins.ts";
import { compareCategories } from "./compare-categories.ts";
import { compareBinned, compareExactly, type TwoTables } from "./compare-numbers.ts";
import { correct, type Correction } from "./correction.ts";
import type { ColumnFigures } from "./figures.ts";
import { comparedColumns, relationOf, type ComparedColumns } from "./table-columns.ts";
import { weightExpression } from "./weights.ts";

export interface CompareOptions {
  /** A `SELECT`, or a table's name as SQL writes it. */
  readonly reference: string;
  readonly current: string;
  /** @default every column of the reference that can be compared */
  readonly columns?: readonly string[];
  /** Of the p-values, for the number of columns. @default "benjamini-hochberg" */
  readonly correction?: Correction;
  /** Every figure as SciPy has it, from sorted values: 16 bytes of memory a row of both tables, and about ten times the time. @default false */
  readonly exact?: boolean;
  /** A column of the current table: the chance that a row was kept with. Where rows were kept with different ones, each counts as many as it stands for. @default each counts once */
  readonly sampleRate?: string;
  readonly signal?: AbortSignal;
}

export interface ColumnComparison {
  readonly name: string;
  readonly pair: ColumnPair;
  readonly figures: ColumnFigures;
  /** `figures.pValue`, corrected for the number of columns. */
  readonly corrected: number | null;
}

export interface TableComparison extends Omit<ComparedColumns, "columns"> {
  readonly rows: Sides;
  /** In the order of the reference. */
  readonly columns: readonly ColumnComparison[];
}

/**
 * How far the columns of one table have moved from another's: population stability index, Jensen-Shannon, Kolmogorov-Smirnov and
 * Wasserstein of numbers, dates and times, chi-squared of texts and booleans, and their quality.
 *
 * It samples both tables, then scans each once for all numbers (fine bins; the error of each figure stands beside it) and once for each
 * column of categories (grouped in the engine). Memory does not depend on the rows.
 *
 * @throws MillwrightError `unknown-column`; `bad-option` for `exact` of rows that were kept with different chances
 *
 * @example
 * const { columns } = await compareTables(connection, { reference: "features_2023", current: "SELECT * FROM features WHERE day >= DATE '2024-01-01'" });
 * columns.filter(({ corrected }) => corrected !== null && corrected < 0.01).map(({ name }) => name);
 */
export async function compareTables(connection: DuckDBConnection, options: CompareOptions): Promise<TableComparison> {
  const [reference, current] = [relationOf(options.reference), relationOf(options.current)];
  const weight = options.sampleRate === undefined ? null : await weightExpression(connection, current, options.sampleRate);
  if (weight !== null && options.exact === true)
    throw new MillwrightError({
      code: "bad-option",
      what: "rows that were kept with different chances have no exact figures",
      fix: "leave exact out",
    });
  const tables: TwoTables = { connection, reference, current, weight };
  const { columns: chosen, ...differences } = await comparedColumns(connection, tables.reference, tables.current, options.columns);
  const rows = { reference: await countRows(connection, tables.reference), current: await countRows(connection, tables.current) };
  const numbers = chosen.filter(({ kind }) => kind === "number");
  const compared: Omit<ColumnComparison, "corrected">[] = [];
  if (options.exact === true) {
    for (const column of numbers) {
      options.signal?.throwIfAborted();
      compared.push(await compareExactly(tables, column, [rows.reference, rows.current]));
    }
  } else compared.push(...(await compareBinned(tables, numbers, [rows.reference, rows.current])));
  for (const column of chosen.filter(({ kind }) => kind === "category")) {
    options.signal?.throwIfAborted();
    compared.push(await compareCategories(tables, column, options.exact === true));
  }
  const ordered = chosen.flatMap(({ name }) => compared.filter((column) => column.name === name));
  const corrected = correct(
    ordered.map(({ figures }) => figures.pValue),
    options.correction ?? "benjamini-hochberg",
  );
  return { ...differences, rows, columns: ordered.map((column, index) => ({ ...column, corrected: corrected[index] ?? null })) };
}

async function countRows(connection: DuckDBConnection, relation: string): Promise<number> {
  const result = await connection.runAndReadAll(`SELECT CAST(count(*) AS DOUBLE) FROM ${relation}`);
  return Number(result.getRows()[0]?.[0]);
}
