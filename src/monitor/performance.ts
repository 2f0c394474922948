import type { DuckDBConnection } from "@duckdb/node-api";
import { binOf } from "../train/profile.ts";
import { quoteIdentifier } from "../systems/duckdb/connection.ts";
import type { NumberPair } from "./bins.ts";
import { calibrator, estimatePerformance, scoreBins, type EstimatedPerformance, type ScoreBins } from "./estimate.ts";
import { figuresOf, type ColumnFigures } from "./figures.ts";
import { readWhole } from "./read-numbers.ts";
import { realisedPerformance, type RealisedPerformance } from "./realised.ts";
import { relationOf } from "./table-columns.ts";
import { rateExpression, weightsOf } from "./weights.ts";
import { seasonExpression, seasonOf, windowed, windowColumn, type Season, type WindowBounds, type WindowSize } from "./windows.ts";

export interface PerformanceOptions {
  /** The prediction log: a `SELECT`, or a table's name as SQL writes it. */
  readonly predictions: string;
  /** Its columns of time and of the probability of 1. */
  readonly time: string;
  readonly score: string;
  /** A column that puts rows of one time in order. @default none */
  readonly id?: string;
  /** Its column of the chance that a row was kept with; rows count as many as they stand for. @default each counts once */
  readonly sampleRate?: string;
  readonly window: WindowSize;
  /** Where labels come when they come: `label` is boolean, or 0 and 1; several predictions may share a key. */
  readonly labels?: { readonly table: string; readonly key: readonly string[]; readonly label: string };
  /** The reference's scores and labels, by which predictions without labels are judged. */
  readonly reference?: ScoreBins;
  /** The reference's scores with their times (microseconds since 1970): then each window's are compared with those of its season alone. */
  readonly seasonal?: { readonly season: Season; readonly times: Float64Array; readonly scores: Float32Array };
  /** @default 0.5 */
  readonly threshold?: number;
}

/** One window of predictions: what its labels say, and what was to be expected before they came. */
export interface WindowPerformance extends WindowBounds {
  /** Predictions that have their label. */
  readonly labelled: number;
  /** Of the labelled rows; null without any. */
  readonly realised: RealisedPerformance | null;
  /** Of all rows; null without a reference. */
  readonly estimated: EstimatedPerformance | null;
  /** Drift of the scores themselves against the reference's; null without a reference, or with fewer than 200 rows of the window's season. */
  readonly prediction: ColumnFigures | null;
}

/**
 * The quality of predictions window by window: AUC, log loss, Brier score, calibration error and accuracy of those whose labels have come,
 * found by key, and an estimate for all of them (see `estimatePerformance` for what it assumes).
 */
export async function performanceByWindow(connection: DuckDBConnection, options: PerformanceOptions): Promise<WindowPerformance[]> {
  const { labels, reference, threshold = 0.5, sampleRate = null } = options;
  const calibrate = reference === undefined ? null : calibrator(reference);
  const log = await windowed(connection, options.predictions, options.time, options.window, options.id);
  try {
    const values = `coalesce(CAST(p.${quoteIdentifier(options.score)} AS DOUBLE), 'nan'::DOUBLE), ${rateExpression(sampleRate, "p.")}`;
    const found: WindowPerformance[] = [];
    for (const window of log.windows) {
      const rows = `FROM ${log.relation} p WHERE p.${windowColumn} = ${window.number}`;
      const [all = empty, rates = empty] = await readWhole(connection, `SELECT ${values} ${rows}`, 2, window.rows);
      const [known = empty, knownRates = empty, truth = empty] =
        labels === undefined ? [] : await readWhole(connection, labelled(values, log.relation, window, options, labels), 3, window.rows);
      const weights = weightsOf(rates);
      const expected =
        options.seasonal === undefined ? (reference ?? null) : await ofSeason(connection, options, log.of(window), options.seasonal);
      found.push({
        ...window,
        labelled: known.length,
        realised: known.length === 0 ? null : realisedPerformance(truth, known, weightsOf(knownRates), threshold),
        estimated: calibrate === null ? null : estimatePerformance(all, calibrate, threshold, weights),
        prediction: expected === null ? null : figuresOf(scorePair(expected, all, weights)),
      });
    }
    return found;
  } finally {
    await log.drop();
  }
}

const empty = new Float64Array();
const leastRows = 200;

/** The reference's scores of the same season as a window's rows, as `sameSeason` chooses rows; null where there are too few. */
async function ofSeason(
  connection: DuckDBConnection,
  { time }: Pick<PerformanceOptions, "time">,
  window: string,
  { season, times, scores }: NonNullable<PerformanceOptions["seasonal"]>,
): Promise<ScoreBins | null> {
  const found = await connection.runAndReadAll(`SELECT DISTINCT ${seasonExpression(time, season)} FROM ${window}`);
  const seasons = new Set(found.getRows().map(([key]) => Number(key)));
  const chosen = scores.filter((_, row) => seasons.has(seasonOf(times[row] ?? Number.NaN, season)));
  return chosen.length < leastRows ? null : scoreBins(new Float32Array(chosen.length), chosen);
}

/** Scores in the bins of a reference, each counting its weight. */
function scorePair({ edges, rows }: Pick<ScoreBins, "edges" | "rows">, scores: Float64Array, weights: Float64Array | null): NumberPair {
  const current = new Array<number>(edges.length + 1).fill(0);
  let [least, most, missing] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row] ?? Number.NaN;
    const weight = weights?.[row] ?? 1;
    const bin = binOf(edges, score);
    if (bin < 0) missing += weight;
    else {
      current[bin] = (current[bin] ?? 0) + weight;
      least = Math.min(least, score);
      most = Math.max(most, score);
    }
  }
  const range = least <= most ? { least, most } : null;
  return { kind: "number", edges, reference: rows, current, missing: { reference: 0, current: missing }, range, outside: 0 };
}

/** Each prediction at most once, should a key have several labels: then any positive one counts. */
function labelled(
  values: string,
  log: string,
  window: WindowBounds,
  { score }: Pick<PerformanceOptions, "score">,
  { table, key, label }: NonNullable<PerformanceOptions["labels"]>,
): string {
  const keys = key.map(quoteIdentifier).join(", ");
  return `
    SELECT ${values}, l.label
    FROM ${log} p
    JOIN (SELECT ${keys}, CAST(max(CAST(${quoteIdentifier(label)} AS DOUBLE)) AS DOUBLE) AS label FROM ${relationOf(table)} WHERE ${quoteIdentifier(label)} IS NOT NULL GROUP BY ${keys}) l
      USING (${keys})
    WHERE p.${windowColumn} = ${window.number} AND p.${quoteIdentifier(score)} IS NOT NULL AND NOT isnan(CAST(p.${quoteIdentifier(score)} AS DOUBLE))`;
}
