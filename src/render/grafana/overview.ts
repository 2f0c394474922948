import type { Definition } from "../../define/node.ts";
import { select, type Subject } from "../monitoring/rule.ts";
import { dashboardFile } from "./dashboard.ts";
import { lines, newest, rowsOf } from "./panel.ts";

export interface OverviewOptions {
  readonly subject: Subject;
  readonly definition: Definition;
  /** Part of the requests that must be answered; null when nothing is promised. */
  readonly uptime: number | null;
  /** Seconds after which a table is stale; null when nobody has said. */
  readonly stale: number | null;
}

/** How the platform stands as a whole: alerts, runs, tables, requests. */
export function overviewDashboard({ subject, definition, uptime, stale }: OverviewOptions): string {
  const of = (name: string, ...others: readonly string[]): string => select(subject, name, ...others);
  const requests = of("millwright_inference_requests_total", 'endpoint!=""');
  const failed = of("millwright_inference_requests_total", 'endpoint!=""', 'code=~"5.."');
  const owed = of("millwright_inference_requests_total", 'endpoint!=""', 'code=~"200|5.."');
  return dashboardFile({
    subject,
    name: "overview",
    title: "overview",
    description: `${definition.name}: what fires, what ran, how old its tables are, what is asked of its endpoints.`,
    byEndpoint: false,
    rows: [
      {
        title: "Now",
        height: 5,
        panels: [
          newest({
            title: "Servers that answer",
            description: "Inference servers that Prometheus reaches.",
            unit: "none",
            queries: [[`sum(${of("up", 'job="millwright"')})`, "servers"]],
            limit: { value: 1, bad: "below" },
          }),
          newest({
            title: "Alerts",
            description: "That fire now; each counts once, however far it has been escalated.",
            unit: "none",
            queries: [[`count(${of("ALERTS", 'alertstate="firing"', 'escalation=""')}) or vector(0)`, "alerts"]],
            limit: { value: 1, bad: "above" },
          }),
          newest({
            title: "Requests",
            description: "Inference requests a second, of all endpoints.",
            unit: "reqps",
            queries: [[`sum(rate(${requests}[$__rate_interval]))`, "requests"]],
          }),
          newest({
            title: "Availability",
            description: "Part of the requests that were answered, over the time shown; what callers spoilt does not count.",
            unit: "percentunit",
            queries: [[`1 - (sum(increase(${failed}[$__range])) or vector(0)) / (sum(increase(${owed}[$__range])) > 0)`, "answered"]],
            ...(uptime === null ? {} : { limit: { value: uptime, bad: "below" as const } }),
            max: 1,
          }),
          newest({
            title: "Last run",
            description: "When a run last ended, by its outcome.",
            unit: "dateTimeFromNow",
            queries: [[`1000 * max by (outcome) (${of("millwright_run_finished_timestamp_seconds")})`, "{{outcome}}"]],
          }),
        ],
      },
      {
        title: "Alerts",
        height: 8,
        panels: [
          rowsOf({
            title: "What fires",
            description: "Who was told how far: the column escalation is empty for the first level.",
            unit: "none",
            queries: [[of("ALERTS", 'alertstate="firing"'), ""]],
            columns: {
              alertname: "alert",
              severity: "severity",
              endpoint: "endpoint",
              asset: "asset",
              table: "table",
              escalation: "escalation",
            },
            value: "firing",
          }),
        ],
      },
      {
        title: "Tables",
        height: 8,
        panels: [
          lines({
            title: "Age",
            description: "Since a run last found the table up to date, or brought it there.",
            unit: "s",
            queries: [[`time() - max by (table) (${of("millwright_table_fresh_timestamp_seconds")})`, "{{table}}"]],
            ...(stale === null ? {} : { limit: { value: stale, bad: "above" as const } }),
            min: 0,
          }),
          lines({
            title: "Rows",
            description: "Of the table's newest snapshot.",
            unit: "short",
            queries: [[`max by (table) (${of("millwright_table_rows")})`, "{{table}}"]],
            min: 0,
          }),
          rowsOf({
            title: "Failed in their last run",
            description: "What depends on them was not brought up to date either.",
            unit: "none",
            queries: [[`max by (asset) (${of("millwright_asset_failed")}) == 1`, ""]],
            columns: { asset: "asset" },
            value: "failed",
          }),
        ],
      },
      {
        title: "Requests",
        height: 8,
        panels: [
          lines({
            title: "By endpoint",
            description: "Inference requests a second.",
            unit: "reqps",
            queries: [[`sum by (endpoint) (rate(${requests}[$__rate_interval]))`, "{{endpoint}}"]],
            min: 0,
          }),
          lines({
            title: "Failures by reason",
            description: "Requests refused a second, those that callers spoilt among them.",
            unit: "reqps",
            queries: [
              [`sum by (code, reason) (rate(${of("millwright_inference_failures_total")}[$__rate_interval]))`, "{{code}} {{reason}}"],
            ],
            min: 0,
          }),
          lines({
            title: "Cost",
            description: "Dollars of processor time of a thousand inferences; nothing where the price is unknown.",
            unit: "currencyUSD",
            queries: [[`max by (endpoint) (${of("millwright_inference_cost_dollars_per_thousand")})`, "{{endpoint}}"]],
            min: 0,
          }),
        ],
      },
    ],
  });
}
