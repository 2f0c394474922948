import type { ModelNode, MonitorNode } from "../define/node.ts";
import { judgePerformance, leastRows, type PerformanceVerdict } from "../monitor/bounds.ts";
import { judgePrediction, type FeatureDrift } from "../monitor/drift.ts";
import type { MonitorReport } from "../monitor/report/html.ts";
import type { WindowBounds } from "../monitor/windows.ts";

interface Looked {
  /** ISO 8601, UTC: the first and last time of its rows. */
  readonly from: string;
  readonly to: string;
  readonly rows: number;
}

/** A window that is over, compared with the training rows. */
export interface LookedDrift extends Looked {
  readonly enough: boolean;
  readonly features: readonly FeatureDrift[];
}

export interface LookedPerformance extends Looked {
  readonly labelled: number;
  /** Whether no more rows come into it. */
  readonly over: boolean;
  readonly estimated: Readonly<Record<string, number | null>> | null;
  /** Null with too few rows, or without a reference. */
  readonly prediction: FeatureDrift | null;
  readonly verdict: PerformanceVerdict | null;
}

/** What a look at an endpoint's stored predictions has found; survives JSON. */
export interface LookReport {
  readonly version: string;
  /** Windows that were judged for the first time, oldest first. */
  readonly drift: readonly LookedDrift[];
  /** All windows that were looked at, oldest first. */
  readonly performance: readonly LookedPerformance[];
}

/** Seconds after a window's end within which the prediction log may still bring rows of it. */
export const grace = 30;

/** Whether no more rows are to come into a window. @param now milliseconds since 1970 */
export function isOver({ from, rows }: Pick<WindowBounds, "from" | "rows">, window: MonitorNode["window"], now: number): boolean {
  if ("rows" in window) return rows >= window.rows;
  return (Math.floor(from.getTime() / 1000 / window.seconds) + 1) * window.seconds + grace <= now / 1000;
}

/** Those of the windows that are over and began after those that have been judged; at first the newest one. */
export function toJudge<W extends WindowBounds>(
  windows: readonly W[],
  window: MonitorNode["window"],
  judgedTo: string | null,
  now: number,
): readonly W[] {
  const over = windows.filter((one) => isOver(one, window, now));
  return judgedTo === null ? over.slice(-1) : over.filter(({ from }) => from.toISOString() > judgedTo);
}

/** A monitor's report as it travels from the process that looks to the one that serves. */
export function lookReport(
  { version, rule, drift, performance }: MonitorReport,
  monitor: Pick<MonitorNode, "window" | "performance">,
  accept: ModelNode["accept"],
  now: number,
): LookReport {
  const looked = ({ from, to, rows }: WindowBounds): Looked => ({ from: from.toISOString(), to: to.toISOString(), rows });
  return {
    version,
    drift: drift.map((window) => ({ ...looked(window), enough: window.enough, features: window.columns })),
    performance: performance.map((window): LookedPerformance => {
      const { auc, logLoss, brier, accuracy } = window.estimated ?? {};
      return {
        ...looked(window),
        labelled: window.labelled,
        over: isOver(window, monitor.window, now),
        estimated:
          window.estimated === null
            ? null
            : { auc: auc ?? null, logLoss: logLoss ?? null, brier: brier ?? null, accuracy: accuracy ?? null },
        prediction: window.prediction === null || window.rows < leastRows ? null : judgePrediction(window.prediction, { rule }),
        verdict: judgePerformance(window, monitor.performance ?? accept),
      };
    }),
  };
}
