import { MillwrightError } from "../error.ts";
import type { Asset } from "./asset.ts";
import { parseDuration, type Duration } from "./duration.ts";
import type { MonitorNode } from "./node.ts";
import { callerOrigin } from "./origin.ts";
import { parseBound, type Bound } from "./quantity.ts";

/** Figures of performance whose error is known, so that chance raises no alarm. */
export type PerformanceFigure = "auc" | "logLoss" | "brier" | "accuracy";

/** How an endpoint's stored predictions are looked at: by `millwright up` while it serves, and by `millwright monitor`. */
export interface MonitorOptions {
  /** Predictions are judged in windows of so much time, from 1970-01-01 UTC on, or of so many rows. @default "1 day" */
  readonly window?: Duration | `${number} rows`;
  /** Compares a window with the training rows of the same hours of the week, or of the same months, so that what comes round is no drift. */
  readonly season?: "week" | "year";
  /**
   * The table that brings what came true, the columns that it shares with the prediction log (`request_id`, or inputs), and its label's
   * column: boolean, or 0 and 1 (default: the model's target).
   */
  readonly labels?: { readonly table: Asset; readonly key: string | readonly string[]; readonly label?: string };
  /** Bounds of what the labels say, and before they come of what is to be expected. @default the model's gate, of these figures */
  readonly performance?: { readonly [figure in PerformanceFigure]?: Bound };
  /**
   * The greatest share of a window's rows, 0 to 1, in which any feature may be of a category or beyond the range that training had, or miss its
   * value more often than in training. @default it is measured and not judged
   */
  readonly quality?: `<= ${number}`;
  /** What an hour of a processor costs; the cost of inferences is unknown without it. */
  readonly processorHour?: `$${number}`;
}

const performanceFigures: readonly string[] = ["auc", "logLoss", "brier", "accuracy"] satisfies readonly PerformanceFigure[];

/** @throws MillwrightError `bad-duration`, `bad-option`, `bad-bound` */
export function monitorNode(endpoint: string, options: MonitorOptions, target: string | null): MonitorNode {
  const { window = "1 day", season = null, labels, performance, quality, processorHour } = options;
  const refuse = (what: string, fix: string): never => {
    throw new MillwrightError({ code: "bad-option", what: `endpoint '${endpoint}' ${what}`, where: callerOrigin(), fix });
  };
  const rows = /^(\d+) rows$/.exec(window)?.[1];
  const size = rows === undefined ? { seconds: parseDuration(window) } : { rows: Number(rows) };
  if ((size.rows ?? size.seconds ?? 0) <= 0) refuse(`has windows of '${window}'`, "write window: '1 day' or '5000 rows'");
  const price = processorHour === undefined ? null : Number(processorHour.slice(1));
  if (price !== null && !(price >= 0)) refuse(`pays '${processorHour}' for an hour of a processor`, "write processorHour: '$0.04'");
  const label = labels?.label ?? target;
  if (labels !== undefined && label === null) refuse("has labels but no column of them", "name it: labels: { table, key, label: 'late' }");
  const unknown = Object.keys(performance ?? {}).find((figure) => !performanceFigures.includes(figure));
  if (unknown !== undefined) refuse(`bounds the performance '${unknown}'`, `use one of: ${performanceFigures.join(", ")}`);
  const share = quality === undefined ? null : parseBound(quality);
  if (share !== null && !("atMost" in share && share.atMost >= 0 && share.atMost < 1))
    refuse(`bounds its quality by '${quality}'`, "write quality: '<= 0.05'");
  return {
    window: size,
    season,
    labels:
      labels === undefined
        ? null
        : { table: labels.table.node.name, key: typeof labels.key === "string" ? [labels.key] : [...labels.key], label: label ?? "" },
    performance:
      performance === undefined
        ? null
        : Object.fromEntries(
            Object.entries(performance).flatMap(([figure, bound]) => (bound === undefined ? [] : [[figure, parseBound(bound)]])),
          ),
    quality: share !== null && "atMost" in share ? share.atMost : null,
    processorHour: price,
  };
}
