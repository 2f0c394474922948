import type { DuckDBConnection } from "@duckdb/node-api";
import type { DriftRule } from "../define/quantity.ts";
import { quoteIdentifier } from "../systems/duckdb/connection.ts";
import { compareTables, type TableComparison } from "./compare.ts";
import type { Correction } from "./correction.ts";
import { judge, type FeatureDrift } from "./drift.ts";
import { relationOf } from "./table-columns.ts";
import { sameSeason, windowed, type Season, type WindowBounds, type WindowSize } from "./windows.ts";

export interface WindowedDriftOptions {
  /** A `SELECT`, or a table's name as SQL writes it. */
  readonly reference: string;
  readonly current: string;
  /** The column of time in both; `referenceTime` where the reference calls it otherwise. */
  readonly time: string;
  readonly referenceTime?: string;
  /** A column of the current table that puts rows of one time in order. @default none */
  readonly id?: string;
  readonly window: WindowSize;
  readonly season?: Season | null;
  /** @default every column of the reference but its time that the current table has too */
  readonly columns?: readonly string[];
  /** @default psi > 0.2 */
  readonly rule?: DriftRule;
  /** @default "benjamini-hochberg" */
  readonly correction?: Correction;
  /** Fewer rows, of a window or of its season's reference, give no verdict. @default 200 */
  readonly minimumRows?: number;
  /** A column of the current table: the chance that a row was kept with; rows count as many as they stand for. @default each counts once */
  readonly sampleRate?: string;
  /** Windows that are judged; the others are left out. @default all */
  readonly only?: (window: WindowBounds) => boolean;
  readonly signal?: AbortSignal;
}

/** One window of a table against the reference. */
export interface WindowDrift extends WindowBounds {
  /** Rows that it was compared with; of its season only, where there is one. */
  readonly referenceRows: number;
  readonly enough: boolean;
  /** The most moved first; none without enough rows. */
  readonly columns: readonly FeatureDrift[];
  readonly over: boolean;
  /** Null without enough rows. */
  readonly comparison: TableComparison | null;
}

/**
 * Drift window by window: a table in the order of time against a reference, each window by the same figures as `compareTables`, judged as an
 * endpoint's watch judges. The p-values are corrected for the columns of a window, not for the number of windows.
 *
 * @example
 * const days = await driftByWindow(connection, { reference: "january", current: "february", time: "hour", window: { seconds: 86_400 }, season: "week" });
 * days.filter(({ over }) => over).map(({ from }) => from);
 */
export async function driftByWindow(connection: DuckDBConnection, options: WindowedDriftOptions): Promise<WindowDrift[]> {
  const { time, referenceTime = time, season = null, minimumRows = 200, correction } = options;
  const current = await windowed(connection, options.current, time, options.window, options.id);
  const kept = quoteIdentifier(`millwright_reference_${Math.round(performance.now() * 1000)}`);
  try {
    const columns = options.columns ?? (await sharedColumns(connection, options.reference, referenceTime, current.relation));
    // Read once, for it is compared with every window.
    const wanted = [...new Set([...columns, ...(season === null ? [] : [referenceTime])])].map(quoteIdentifier).join(", ");
    await connection.run(`CREATE TEMP TABLE ${kept} AS SELECT ${wanted} FROM ${relationOf(options.reference)}`);
    const reference = { relation: kept, time: referenceTime };
    const found: WindowDrift[] = [];
    for (const window of current.windows.filter(options.only ?? (() => true))) {
      options.signal?.throwIfAborted();
      const relation = current.of(window);
      const against = sameSeason(reference, { relation, time }, season);
      const referenceRows = await countRows(connection, against);
      if (window.rows < minimumRows || referenceRows < minimumRows) {
        found.push({ ...window, referenceRows, enough: false, columns: [], over: false, comparison: null });
        continue;
      }
      const comparison = await compareTables(connection, {
        reference: against,
        current: relation,
        columns,
        ...(options.sampleRate === undefined ? {} : { sampleRate: options.sampleRate }),
      });
      const judged = judge(comparison.columns, {
        ...(options.rule === undefined ? {} : { rule: options.rule }),
        ...(correction === undefined ? {} : { correction }),
      });
      found.push({ ...window, referenceRows, enough: true, columns: judged, over: judged.some(({ over }) => over), comparison });
    }
    return found;
  } finally {
    await connection.run(`DROP TABLE IF EXISTS ${kept}`);
    await current.drop();
  }
}

async function sharedColumns(connection: DuckDBConnection, reference: string, referenceTime: string, current: string): Promise<string[]> {
  const names = async (relation: string) =>
    (await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${relation}`)).getRows().map(([name]) => String(name));
  const now = new Set(await names(current));
  return (await names(relationOf(reference))).filter((name) => name !== referenceTime && now.has(name));
}

async function countRows(connection: DuckDBConnection, relation: string): Promise<number> {
  return Number((await connection.runAndReadAll(`SELECT CAST(count(*) AS DOUBLE) FROM ${relation}`)).getRows()[0]?.[0]);
}
