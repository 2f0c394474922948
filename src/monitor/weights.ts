import type { DuckDBConnection } from "@duckdb/node-api";
import { quoteIdentifier } from "../systems/duckdb/connection.ts";

/**
 * Rows that were kept with different chances r stand for 1/r rows each. Their weights are scaled so that they add up to as many rows, each
 * kept with one chance, as would tell as much (L. Kish, Survey Sampling, 1965): `(sum 1/r)^2 / sum 1/r^2`. Shares are then right, and tests
 * that take the sum of the weights for the number of rows claim no more than the rows can tell.
 */
function scaleOf(sum: number, squares: number): number {
  return sum / squares;
}

/** The weights of rows by the chances that they were kept with; null where all were kept with the same, so that each counts once. */
export function weightsOf(rates: Float64Array): Float64Array | null {
  const [first = 1] = rates;
  if (rates.every((rate) => rate === first)) return null;
  let [sum, squares] = [0, 0];
  for (const rate of rates) {
    sum += 1 / rate;
    squares += 1 / (rate * rate);
  }
  const scale = scaleOf(sum, squares);
  return rates.map((rate) => scale / rate);
}

/** A chance that was not noted is 1. */
export function rateExpression(column: string | null, table: string = ""): string {
  return column === null ? "1::DOUBLE" : `coalesce(CAST(${table}${quoteIdentifier(column)} AS DOUBLE), 1)`;
}

/** The same in SQL, for the rows of a relation: an expression of its weights, or null where all count once. */
export async function weightExpression(connection: DuckDBConnection, relation: string, column: string): Promise<string | null> {
  const rate = rateExpression(column);
  const found = await connection.runAndReadAll(
    `SELECT min(${rate}), max(${rate}), sum(1 / ${rate}), sum(1 / (${rate} * ${rate})) FROM ${relation}`,
  );
  const [least = 1, most = 1, sum = 1, squares = 1] = (found.getRows()[0] ?? []).map(Number);
  return least === most ? null : `(${scaleOf(sum, squares)}::DOUBLE / ${rate})`;
}
