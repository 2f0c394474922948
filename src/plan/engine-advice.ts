import type { EnginePoint, EngineRates } from "./engine-rates.ts";

/** A table that an engine computes, by what it reads. */
export interface TableSize {
  readonly name: string;
  /** Rows of its largest input. */
  readonly rows: number;
  /** What its last build from these very inputs took; null when it has not been built from them. */
  readonly seconds: number | null;
}

export interface EngineAdvice {
  /** The table concerned; null for the environment as a whole. */
  readonly table: string | null;
  readonly what: string;
  readonly fix: string;
}

/** A build that DuckDB does in so many seconds needs no cluster. */
const patience = 15 * 60;
/** An environment whose every build DuckDB does in so many seconds gains nothing from one. */
const quick = 30;
const workers = [2, 4, 8, 16, 32];

/**
 * What measured sizes say about the engine that an environment binds; nothing where it is fine.
 *
 * A cluster's time is the measured one of Spark on one machine divided by its workers, each like that machine: the best that it can do.
 */
export function adviseEngine(tables: readonly TableSize[], engine: EnginePoint["engine"], rates: EngineRates): readonly EngineAdvice[] {
  return engine === "duckdb" ? tables.flatMap((table) => adviseCluster(table, rates)) : adviseMachine(tables, rates);
}

function adviseCluster({ name, rows, seconds }: TableSize, rates: EngineRates): EngineAdvice[] {
  const [alone, spark] = [seconds ?? expectedSeconds(rows, "duckdb", rates), expectedSeconds(rows, "spark", rates)];
  if (alone === null || spark === null || alone < patience) return [];
  const enough = workers.find((count) => spark / count <= alone / 3);
  if (enough === undefined) return [];
  const told =
    seconds === null ? `is expected to take about ${duration(alone)} here (${basis("duckdb", rates)})` : `took ${duration(alone)} here`;
  return [
    {
      table: name,
      what:
        `${name} reads ${count(rows)} rows: DuckDB ${told}; Spark with ${enough} workers of ${rates.machine.cores} cores and ${rates.machine.memory} ` +
        `would take about ${duration(spark / enough)}, if it divides evenly (${basis("spark", rates)})`,
      fix: "bind engine: spark({ url: ... }), or make the table in parts, so that only what changed is made again",
    },
  ];
}

function adviseMachine(tables: readonly TableSize[], rates: EngineRates): EngineAdvice[] {
  const largest = tables.toSorted((a, b) => b.rows - a.rows)[0];
  if (largest === undefined) return [];
  const [alone, spark] = [expectedSeconds(largest.rows, "duckdb", rates), expectedSeconds(largest.rows, "spark", rates)];
  if (alone === null || spark === null || alone > quick || spark < 2 * alone) return [];
  return [
    {
      table: null,
      what:
        `no table reads more than ${count(largest.rows)} rows (${largest.name}): for so many the embedded engine is expected to take ${duration(alone)} ` +
        `where one Spark worker takes ${duration(spark)} (${basis("duckdb", rates)})`,
      fix: "leave the binding of engine out, unless these tables will grow",
    },
  ];
}

/**
 * Seconds that the measured job takes an engine that is warm, for any number of rows: straight lines between what was measured, and beyond it the
 * steeper of the last line and the last rate. Null when the engine was not measured.
 */
export function expectedSeconds(rows: number, engine: EnginePoint["engine"], { points }: EngineRates): number | null {
  const own = points.filter((point) => point.engine === engine && point.state === "warm").toSorted((a, b) => a.rows - b.rows);
  const [first, last] = [own[0], own.at(-1)];
  if (first === undefined || last === undefined) return null;
  if (rows <= first.rows) return first.seconds;
  const above = own.find((point) => point.rows >= rows);
  const below = own.findLast((point) => point.rows < rows && point !== last) ?? first;
  if (above !== undefined) return below.seconds + ((rows - below.rows) / (above.rows - below.rows)) * (above.seconds - below.seconds);
  const slope = last === below ? 0 : (last.seconds - below.seconds) / (last.rows - below.rows);
  return last.seconds + (rows - last.rows) * Math.max(slope, last.seconds / last.rows);
}

/** Which measurement a figure rests on. */
function basis(engine: EnginePoint["engine"], { date, machine, points }: EngineRates): string {
  const largest = points.filter((point) => point.engine === engine && point.state === "warm").toSorted((a, b) => b.rows - a.rows)[0];
  return `measured ${date}: ${count(largest?.rows ?? 0)} rows in ${duration(largest?.seconds ?? 0)} on ${machine.cores} cores within ${machine.memory}`;
}

/** `1.2 billion`, `30 million`, `12,000`. */
function count(rows: number): string {
  if (rows >= 1e9) return `${Number((rows / 1e9).toPrecision(2))} billion`;
  if (rows >= 1e6) return `${Number((rows / 1e6).toPrecision(2))} million`;
  return rows.toLocaleString("en-US");
}

function duration(seconds: number): string {
  if (seconds < 120) return `${Number(seconds.toPrecision(2))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Number((seconds / 3600).toPrecision(2))} h`;
}
