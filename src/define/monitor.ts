import { MillwrightError } from "../error.ts";
import type { Asset } from "./asset.ts";
import { parseDuration, type Duration } from "./duration.ts";
import type { MonitorNode } from "./node.ts";
import { callerOrigin } from "./origin.ts";

/** How an endpoint's predictions are looked at afterwards, by `millwright monitor`. */
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
  /** What an hour of a processor costs; the cost of inferences is unknown without it. */
  readonly processorHour?: `$${number}`;
}

/** @throws MillwrightError `bad-duration`, `bad-option` */
export function monitorNode(endpoint: string, options: MonitorOptions, target: string | null): MonitorNode {
  const { window = "1 day", season = null, labels, processorHour } = options;
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
  return {
    window: size,
    season,
    labels:
      labels === undefined
        ? null
        : { table: labels.table.node.name, key: typeof labels.key === "string" ? [labels.key] : [...labels.key], label: label ?? "" },
    processorHour: price,
  };
}
