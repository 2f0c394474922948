import type { DuckDBConnection } from "@duckdb/node-api";

/**
 * Streams columns of DOUBLE without missing values, a chunk of at most 2,048 rows at a time, as the engine holds them: no value becomes
 * an object. The arrays are valid only during the call.
 */
export async function readNumbers(
  connection: DuckDBConnection,
  sql: string,
  columns: number,
  take: (column: number, values: Float64Array) => void,
): Promise<void> {
  const { DuckDBDoubleVector } = await import("@duckdb/node-api");
  const result = await connection.stream(sql);
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (let column = 0; column < columns; column++) {
      const vector = chunk.getColumnVector(column);
      if (!(vector instanceof DuckDBDoubleVector)) throw new TypeError(`column ${column} is no DOUBLE`);
      take(column, vector["items"]);
    }
  }
}

/** Columns whole, in the rows' order; `rows` may be more than there are. */
export async function readWhole(connection: DuckDBConnection, sql: string, columns: number, rows: number): Promise<Float64Array[]> {
  const whole = Array.from({ length: columns }, () => new Float64Array(rows));
  const filled = new Array<number>(columns).fill(0);
  await readNumbers(connection, sql, columns, (column, values) => {
    whole[column]?.set(values, filled[column]);
    filled[column] = (filled[column] ?? 0) + values.length;
  });
  return whole.map((values, column) => values.subarray(0, filled[column]));
}
