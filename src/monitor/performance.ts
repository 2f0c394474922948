import type { DuckDBConnection } from "@duckdb/node-api";
import { quoteIdentifier } from "../systems/duckdb/connection.ts";
import { confusion, scores as scoresOf, type Scores } from "../train/metrics.ts";
import { calibrator, estimatePerformance, type EstimatedPerformance, type ScoreBins } from "./estimate.ts";
import { numberPair } from "./bins.ts";
import { figuresOf, type ColumnFigures } from "./figures.ts";
import { readWhole } from "./read-numbers.ts";
import { relationOf } from "./table-columns.ts";
import { windowed, windowColumn, type WindowBounds, type WindowSize } from "./windows.ts";

export interface PerformanceOptions {
  /** The prediction log: a `SELECT`, or a table's name as SQL writes it. */
  readonly predictions: string;
  /** Its columns of time and of the probability of 1. */
  readonly time: string;
  readonly score: string;
  readonly window: WindowSize;
  /** Where labels come when they come: `label` is boolean, or 0 and 1; several predictions may share a key. */
  readonly labels?: { readonly table: string; readonly key: readonly string[]; readonly label: string };
  /** The reference's scores and labels, by which predictions without labels are judged. */
  readonly reference?: ScoreBins;
  /** @default 0.5 */
  readonly threshold?: number;
}

/** One window of predictions: what its labels say, and what was to be expected before they came. */
export interface WindowPerformance extends WindowBounds {
  /** Predictions that have their label. */
  readonly labelled: number;
  /** Of the labelled rows; null without any. */
  readonly realised: (Scores & { readonly accuracy: number }) | null;
  /** Of all rows; null without a reference. */
  readonly estimated: EstimatedPerformance | null;
  /** Drift of the scores themselves against the reference's; null without a reference. */
  readonly prediction: ColumnFigures | null;
}

/**
 * The quality of predictions window by window: AUC, log loss, Brier score, calibration error and accuracy of those whose labels have come,
 * found by key, and an estimate for all of them (see `estimatePerformance` for what it assumes).
 */
export async function performanceByWindow(connection: DuckDBConnection, options: PerformanceOptions): Promise<WindowPerformance[]> {
  const { labels, reference, threshold = 0.5 } = options;
  const calibrate = reference === undefined ? null : calibrator(reference);
  const log = await windowed(connection, options.predictions, options.time, options.window);
  try {
    const score = `coalesce(CAST(p.${quoteIdentifier(options.score)} AS DOUBLE), 'nan'::DOUBLE)`;
    const found: WindowPerformance[] = [];
    for (const window of log.windows) {
      const rows = `FROM ${log.relation} p WHERE p.${windowColumn} = ${window.number}`;
      const [all = new Float64Array()] = await readWhole(connection, `SELECT ${score} ${rows}`, 1, window.rows);
      const [known = new Float64Array(), truth = new Float64Array()] =
        labels === undefined ? [] : await readWhole(connection, labelled(score, log.relation, window, labels), 2, window.rows);
      const realised = known.length === 0 ? null : { ...scoresOf(truth, known), accuracy: confusion(truth, known, threshold).accuracy };
      const estimated = calibrate === null ? null : estimatePerformance(all, calibrate, threshold);
      found.push({
        ...window,
        labelled: known.length,
        realised,
        estimated,
        prediction: reference === undefined ? null : driftOf(reference, all),
      });
    }
    return found;
  } finally {
    await log.drop();
  }
}

function driftOf({ edges, rows }: ScoreBins, scores: Float64Array): ColumnFigures {
  return figuresOf(numberPair({ kind: "number", edges, counts: rows, missing: 0, mean: null, minimum: null, maximum: null }, scores));
}

/** Each prediction at most once, should a key have several labels: then any positive one counts. */
function labelled(
  score: string,
  log: string,
  window: WindowBounds,
  { table, key, label }: NonNullable<PerformanceOptions["labels"]>,
): string {
  const keys = key.map(quoteIdentifier).join(", ");
  return `
    SELECT ${score}, l.label
    FROM ${log} p
    JOIN (SELECT ${keys}, CAST(max(CAST(${quoteIdentifier(label)} AS DOUBLE)) AS DOUBLE) AS label FROM ${relationOf(table)} WHERE ${quoteIdentifier(label)} IS NOT NULL GROUP BY ${keys}) l
      USING (${keys})
    WHERE p.${windowColumn} = ${window.number} AND NOT isnan(${score})`;
}
