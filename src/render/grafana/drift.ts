import type { EndpointNode, ModelNode } from "../../define/node.ts";
import { driftRuleText } from "../../define/quantity.ts";
import type { MonitoringCounter, MonitoringGauge } from "../../monitor/metrics.ts";
import { select, type Subject } from "../monitoring/rule.ts";
import { dashboardFile } from "./dashboard.ts";
import { lines, newest, type Panel } from "./panel.ts";

export interface DriftDashboardOptions {
  readonly subject: Subject;
  readonly endpoints: readonly EndpointNode[];
  readonly models: readonly ModelNode[];
}

/** How far what is asked has moved from what was trained on, and how well the models still do. */
export function driftDashboard({ subject, endpoints, models }: DriftDashboardOptions): string {
  const of = (name: MonitoringGauge | MonitoringCounter, ...others: readonly string[]): string =>
    select(subject, name, 'endpoint=~"$endpoint"', ...others);
  const byFeature = (title: string, description: string, name: MonitoringGauge, unit: "short" | "percentunit"): Panel => {
    const figure = name.replace("millwright_drift_", "");
    const limits = new Set(endpoints.flatMap(({ drift }) => (drift?.figure === figure ? [drift.limit] : [])));
    const [limit] = limits;
    return lines({
      title,
      description,
      unit,
      queries: [[`max by (endpoint, feature) (${of(name)})`, "{{endpoint}} {{feature}}"]],
      // Endpoints with limits of their own have no common line.
      ...(limits.size === 1 && limit !== undefined
        ? { limit: { value: limit, bad: figure === "p" ? ("below" as const) : ("above" as const) } }
        : {}),
      min: 0,
    });
  };
  const alarm = (title: string, description: string, name: MonitoringGauge): Panel =>
    newest({
      title,
      description,
      unit: "none",
      queries: [[`max by (endpoint) (${of(name)})`, "{{endpoint}}"]],
      limit: { value: 1, bad: "above" },
    });
  const rules = endpoints.flatMap(({ name, drift }) => (drift === null ? [] : [`${name}: ${driftRuleText(drift)}`]));
  const gates = models.flatMap(({ name, accept }) =>
    Object.entries(accept).map(
      ([figure, { atLeast, atMost }]) => `${name}: ${figure} ${atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`}`,
    ),
  );
  return dashboardFile({
    subject,
    name: "drift",
    title: "drift and performance",
    description: `Whether models still fit what they are asked. Limits of drift: ${rules.join("; ") || "none"}. Gates: ${gates.join("; ") || "none"}.`,
    byEndpoint: true,
    rows: [
      {
        title: "Alarms",
        height: 4,
        panels: [
          alarm("Inputs drift", "1 while a feature is beyond its limit.", "millwright_drift_over"),
          alarm("Probabilities drift", "1 while the probabilities are beyond the limit.", "millwright_prediction_drift_over"),
          alarm("Data quality", "1 while too many values are missing, unseen or out of range.", "millwright_quality_over"),
          alarm("Performance", "1 while it misses its bound.", "millwright_performance_over"),
        ],
      },
      {
        title: "Inputs against training",
        height: 9,
        panels: [
          byFeature("Population stability index", "Below 0.1 stable, above 0.2 shifted.", "millwright_drift_psi", "short"),
          byFeature("Jensen-Shannon distance", "0 to 0.83.", "millwright_drift_js", "short"),
          byFeature("Kolmogorov-Smirnov statistic", "Of numbers.", "millwright_drift_ks", "short"),
          byFeature("P-value", "Corrected for the number of features.", "millwright_drift_p", "short"),
        ],
      },
      {
        title: "Data quality",
        height: 8,
        panels: [
          byFeature("Missing", "Part of the window's rows without a value.", "millwright_quality_missing_share", "percentunit"),
          byFeature(
            "Unseen",
            "Part of the rows with a category that training did not have.",
            "millwright_quality_unseen_share",
            "percentunit",
          ),
          byFeature("Out of range", "Part of the rows outside training's range.", "millwright_quality_out_of_range_share", "percentunit"),
        ],
      },
      {
        title: "Predictions and performance",
        height: 9,
        panels: [
          lines({
            title: "Drift of the probability",
            description: "Against that of the test rows.",
            unit: "short",
            queries: [[`max by (endpoint) (${of("millwright_prediction_drift_psi")})`, "{{endpoint}} PSI"]],
            min: 0,
          }),
          lines({
            title: "Performance",
            description: "Of the newest window whose labels have come, and what was to be expected of it without them.",
            unit: "short",
            queries: [
              [`max by (endpoint, figure) (${of("millwright_performance")})`, "{{endpoint}} {{figure}}"],
              [`max by (endpoint, figure) (${of("millwright_performance_estimated")})`, "{{endpoint}} {{figure}}, expected"],
            ],
          }),
          lines({
            title: "Labels",
            description: "Rows of the newest window with labels that have theirs.",
            unit: "short",
            queries: [[`max by (endpoint) (${of("millwright_performance_labelled_rows")})`, "{{endpoint}}"]],
            min: 0,
          }),
        ],
      },
      {
        title: "Looking and training anew",
        height: 7,
        panels: [
          lines({
            title: "Since the last look",
            description: "At the stored predictions.",
            unit: "s",
            queries: [[`time() - max by (endpoint) (${of("millwright_monitoring_looked_timestamp_seconds")})`, "{{endpoint}}"]],
            min: 0,
          }),
          lines({
            title: "Duration of a look",
            description: "The last one.",
            unit: "s",
            queries: [[`max by (endpoint) (${of("millwright_monitoring_look_seconds")})`, "{{endpoint}}"]],
            min: 0,
          }),
          lines({
            title: "Trainings anew",
            description: "That ended within the hour before, by outcome; and those that run.",
            unit: "short",
            queries: [
              [`sum by (model, outcome) (increase(${select(subject, "millwright_retrainings_total")}[1h]))`, "{{model}} {{outcome}}"],
              [`max by (model) (${select(subject, "millwright_retraining_running")})`, "{{model}} runs"],
            ],
            min: 0,
          }),
        ],
      },
    ],
  });
}
