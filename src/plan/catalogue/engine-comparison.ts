/** What Spark took against DuckDB for the same queries over the same Parquet file on one machine. */
export interface EngineComparison {
  readonly machine: string;
  readonly cores: number;
  /** Seconds of both for the ten queries that DuckDB takes longest for, the best of two runs when all is warm. Spark's are less what it takes to start (its quickest query). */
  readonly duckdb: number;
  readonly spark: number;
}

/** ClickBench, 99,997,497 rows of web analytics in one Parquet file of 14.8 GB. */
export const engineComparisons: readonly EngineComparison[] = Object.freeze([
  { machine: "c6a.2xlarge", cores: 8, duckdb: 38.92, spark: 157.6 },
  { machine: "c6a.4xlarge", cores: 16, duckdb: 22.39, spark: 92.9 },
  { machine: "c8g.4xlarge", cores: 16, duckdb: 12.57, spark: 64.3 },
]);

export const comparisonSource: { readonly source: string; readonly date: string } = Object.freeze({
  source: "ClickHouse/ClickBench spark/results/20260511 and duckdb-parquet/results/20260511",
  date: "2026-05-11",
});
