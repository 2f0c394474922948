import type { DuckDBConnection } from "@duckdb/node-api";
import type { NumberPair } from "./bins.ts";
import { createCounter, edgesOf, type Counter } from "./fine-bins.ts";
import { figuresOf, type ColumnFigures } from "./figures.ts";
import { kolmogorovSmirnovOfSorted } from "./kolmogorov-smirnov.ts";
import { readNumbers, readWhole } from "./read-numbers.ts";
import type { ComparedColumn } from "./table-columns.ts";
import { wassersteinOfSorted } from "./wasserstein.ts";
import { createWeightedCounter } from "./weighted-counter.ts";

export interface TwoTables {
  readonly connection: DuckDBConnection;
  /** As they stand after FROM. */
  readonly reference: string;
  readonly current: string;
  /** What a row of `current` counts, in SQL; null where each counts once. */
  readonly weight: string | null;
}

export interface ComparedPair {
  readonly name: string;
  readonly pair: NumberPair;
  readonly figures: ColumnFigures;
}

const sampleRows = 30_000;
const isSmall = (rows: number): boolean => rows < 2 * sampleRows;

/**
 * All number columns in one scan of each table, after a sample of both that chooses the bins: 4,096 of them hold about equal shares, and a
 * column of fewer distinct values has a bin for each. Memory does not grow with the rows.
 */
export async function compareBinned(
  tables: TwoTables,
  columns: readonly ComparedColumn[],
  rows: readonly [number, number],
): Promise<ComparedPair[]> {
  if (columns.length === 0) return [];
  const { connection } = tables;
  const list = columns.map(({ expression }) => expression).join(", ");
  const half = [
    await sampled(tables, tables.reference, list, columns.length, rows[0]),
    // The weights, where there are any, come last.
    await sampled(
      tables,
      tables.current,
      tables.weight === null ? list : `${list}, ${tables.weight}`,
      columns.length + (tables.weight === null ? 0 : 1),
      rows[1],
    ),
  ];
  const edges = columns.map((_, index) => {
    const [a, b] = [half[0]?.[index] ?? new Float64Array(), half[1]?.[index] ?? new Float64Array()];
    const both = new Float64Array(a.length + b.length);
    both.set(a);
    both.set(b, a.length);
    return edgesOf(both);
  });
  const count = async (side: 0 | 1): Promise<readonly Tally[]> => {
    if (side === 1 && tables.weight !== null)
      return weighted(tables, tables.weight, list, edges, isSmall(rows[1]) ? (half[1] ?? []) : null);
    const counters = edges.map(createCounter);
    // What was read whole to choose the bins need not be read again.
    if (isSmall(rows[side])) counters.forEach((counter, index) => counter.add(half[side]?.[index] ?? new Float64Array()));
    else
      await readNumbers(
        connection,
        `SELECT ${list} FROM ${side === 0 ? tables.reference : tables.current}`,
        columns.length,
        (index, values) => counters[index]?.add(values),
      );
    return counters;
  };
  const reference = await count(0);
  const current = await count(1);
  return columns.flatMap(({ name }, index) => {
    const [before, after] = [reference[index], current[index]];
    if (before === undefined || after === undefined) return [];
    const pair = pairOf(edges[index] ?? new Float64Array(), before, after);
    return [{ name, pair, figures: figuresOf(pair) }];
  });
}

/** All rows of a small table; of a large one about so many, chosen by a hash of their position, so that the same table gives the same bins. */
function sampled({ connection }: TwoTables, relation: string, list: string, columns: number, rows: number): Promise<Float64Array[]> {
  if (isSmall(rows)) return readWhole(connection, `SELECT ${list} FROM ${relation}`, columns, rows);
  const numbered = `(SELECT *, row_number() OVER () AS millwright_row FROM ${relation})`;
  const every = Math.floor(rows / sampleRows);
  return readWhole(connection, `SELECT ${list} FROM ${numbered} WHERE hash(millwright_row) % ${every} = 0`, columns, 3 * sampleRows);
}

type Tally = Pick<Counter, "missing" | "least" | "most"> & { readonly counts: Iterable<number> };

/** As many rows as the current side's weights say; `whole`: its columns and weights, where they have been read. */
async function weighted(
  { connection, current }: TwoTables,
  weight: string,
  list: string,
  edges: readonly Float64Array[],
  whole: readonly Float64Array[] | null,
): Promise<readonly Tally[]> {
  const counters = edges.map(createWeightedCounter);
  if (whole !== null) {
    const weights = whole.at(-1) ?? new Float64Array();
    counters.forEach((counter, index) => counter.add(whole[index] ?? new Float64Array(), weights));
    return counters;
  }
  let weights = new Float64Array();
  await readNumbers(connection, `SELECT ${weight}, ${list} FROM ${current}`, edges.length + 1, (index, values) => {
    if (index === 0) weights = values.slice();
    else counters[index - 1]?.add(values, weights);
  });
  return counters;
}

function pairOf(edges: Float64Array, before: Tally, after: Tally): NumberPair {
  const least = Math.min(before.least(), after.least());
  const most = Math.max(before.most(), after.most());
  // Fine bins know the rows beyond the reference's ends only where an edge lies there: the share is of whole bins, so never too great.
  let outside = 0;
  const current = [...after.counts];
  current.forEach((rows, bin) => {
    const [from, to] = [edges[bin - 1] ?? Number.NEGATIVE_INFINITY, edges[bin] ?? after.most()];
    if (to < before.least() || from >= before.most()) outside += rows;
  });
  return {
    kind: "number",
    edges: [...edges],
    reference: [...before.counts],
    current,
    missing: { reference: before.missing(), current: after.missing() },
    range: least <= most ? { least, most } : null,
    outside,
  };
}

/** One number column with every value of both sides in memory and in order: nothing is approximated. 16 bytes a row of the two tables. */
export async function compareExactly(
  tables: TwoTables,
  { name, expression }: ComparedColumn,
  rows: readonly [number, number],
): Promise<ComparedPair> {
  const [a, b] = [await sorted(tables, tables.reference, expression, rows[0]), await sorted(tables, tables.current, expression, rows[1])];
  const edges: number[] = [];
  for (let percent = 1; percent < 100; percent++) {
    const edge = a[Math.ceil((percent * a.length) / 100) - 1];
    if (edge !== undefined && edge !== edges.at(-1) && edge < (a.at(-1) ?? edge)) edges.push(edge);
  }
  const ends = [a[0], b[0], a.at(-1), b.at(-1)].filter((value) => value !== undefined);
  const pair: NumberPair = {
    kind: "number",
    edges,
    reference: countsOf(a, edges),
    current: countsOf(b, edges),
    missing: { reference: rows[0] - a.length, current: rows[1] - b.length },
    range: ends.length === 0 ? null : { least: Math.min(...ends), most: Math.max(...ends) },
    outside: a.length === 0 ? 0 : firstAbove(b, a[0] ?? 0, false) + b.length - firstAbove(b, a.at(-1) ?? 0, true),
  };
  const both = a.length > 0 && b.length > 0;
  return {
    name,
    pair,
    figures: figuresOf(pair, {
      kolmogorovSmirnov: kolmogorovSmirnovOfSorted(a, b),
      wasserstein: both ? { distance: wassersteinOfSorted(a, b), error: 0 } : null,
    }),
  };
}

async function sorted({ connection }: TwoTables, relation: string, expression: string, rows: number): Promise<Float64Array> {
  const [values = new Float64Array()] = await readWhole(connection, `SELECT ${expression} FROM ${relation}`, 1, rows);
  values.sort();
  // NaN, the missing ones, come last.
  let end = values.length;
  while (end > 0 && Number.isNaN(values[end - 1])) end--;
  return values.subarray(0, end);
}

function countsOf(values: Float64Array, edges: readonly number[]): number[] {
  const upper = [...edges.map((edge) => firstAbove(values, edge, true)), values.length];
  return upper.map((end, bin) => end - (upper[bin - 1] ?? 0));
}

/** The index of the first value above a bound, or at it unless `strictly`. */
function firstAbove(values: Float64Array, bound: number, strictly: boolean): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const value = values[middle] ?? Number.POSITIVE_INFINITY;
    if (strictly ? value > bound : value >= bound) high = middle;
    else low = middle + 1;
  }
  return low;
}
