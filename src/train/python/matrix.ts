import { setImmediate } from "node:timers/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { quoteIdentifier, quoteLiteral } from "../../systems/duckdb/connection.ts";
import { widthOf, type PreparedFeature } from "../preparation.ts";

/** DuckDB takes so many rows at once. */
const chunkRows = 2048;

/** The names of prepared columns: a feature's own, or `carrier=UA` for each category of a one-hot one; no two differ by case alone. */
export function preparedNames(features: readonly PreparedFeature[]): string[] {
  const taken = new Set<string>();
  return features.flatMap(({ name, fitted }) =>
    (fitted.method === "onehot" ? [...fitted.categories].map((category) => `${name}=${category}`) : [name]).map((wanted) => {
      let free = wanted;
      for (let count = 2; taken.has(free.toLowerCase()); count++) free = `${wanted}_${count}`;
      taken.add(free.toLowerCase());
      return free;
    }),
  );
}

/** How many columns the features become. */
export function preparedWidth(features: readonly PreparedFeature[]): number {
  return features.reduce((sum, feature) => sum + widthOf(feature), 0);
}

/** Rows of prepared values, with their labels under the target's name, as one Parquet file: floats, and the label as a byte. */
export async function writeMatrix(
  connection: DuckDBConnection,
  file: string,
  names: readonly string[],
  matrix: Float32Array,
  target: string,
  labels: Float32Array,
): Promise<void> {
  const { DuckDBDataChunk } = await import("@duckdb/node-api");
  const width = names.length;
  const types = [...names.map(() => "FLOAT"), "TINYINT"];
  await connection.run(`CREATE OR REPLACE TEMP TABLE prepared (${types.map((type, column) => `c${column} ${type}`).join(", ")})`);
  const appender = await connection.createAppender("prepared", "main", "temp");
  try {
    const columnTypes = types.map((_, column) => appender.columnType(column));
    for (let from = 0; from < labels.length; from += chunkRows) {
      const rows = Math.min(chunkRows, labels.length - from);
      const chunk = DuckDBDataChunk.create(columnTypes, rows);
      const values = names.map((_, column) => Array.from({ length: rows }, (_none, row) => matrix[(from + row) * width + column] ?? null));
      chunk.setColumns([...values, Array.from(labels.subarray(from, from + rows))]);
      appender.appendDataChunk(chunk);
      if (from % (32 * chunkRows) === 0) await setImmediate(); // others want this thread too
    }
  } finally {
    appender.closeSync();
  }
  const columns = [...names, target].map((name, column) => `c${column} AS ${quoteIdentifier(name)}`);
  await connection.run(`COPY (SELECT ${columns.join(", ")} FROM prepared) TO ${quoteLiteral(file)} (FORMAT parquet)`);
  await connection.run("DROP TABLE prepared");
}
