import { Counter, Gauge } from "prom-client";
import type { Registry } from "prom-client";

/** What is told of a metric besides its value. */
export interface DeclaredMetric {
  readonly labels: readonly string[];
  readonly help: string;
}

type DriftFigure = "psi" | "js" | "ks" | "wasserstein" | "p" | "over";

export type MonitoringGauge =
  | `millwright_drift_${DriftFigure}`
  | `millwright_prediction_drift_${DriftFigure}`
  | `millwright_quality_${"missing_share" | "unseen_share" | "out_of_range_share" | "over"}`
  | `millwright_performance${"" | "_estimated" | "_labelled_rows" | "_over"}`
  | `millwright_monitoring_look${"ed_timestamp" | ""}_seconds`
  | "millwright_retraining_running";

export type MonitoringCounter = "millwright_monitoring_look_failures_total" | "millwright_retrainings_total";

const [feature, endpoint, figure] = [["endpoint", "feature"], ["endpoint"], ["endpoint", "figure"]];

/**
 * What `up` tells Prometheus of how its endpoints and models are doing: rules and dashboards are rendered from these names, which are for
 * good. `..._over` is 1 while the alarm of that kind stands, as the journal's `alert.raised` and `alert.resolved` tell it.
 */
export const monitoringGauges: Readonly<Record<MonitoringGauge, DeclaredMetric>> = Object.freeze({
  millwright_drift_psi: { labels: feature, help: "Population stability index of a feature against training." },
  millwright_drift_js: { labels: feature, help: "Jensen-Shannon distance of a feature against training." },
  millwright_drift_ks: { labels: feature, help: "Kolmogorov-Smirnov statistic of a numeric feature against training." },
  millwright_drift_wasserstein: { labels: feature, help: "Wasserstein distance of a numeric feature against training, in its unit." },
  millwright_drift_p: { labels: feature, help: "Corrected p-value of the test that fits the feature's type." },
  millwright_drift_over: { labels: endpoint, help: "1 while a feature of the endpoint is beyond its limit." },
  millwright_prediction_drift_psi: { labels: endpoint, help: "Population stability index of the probability against the test rows." },
  millwright_prediction_drift_js: { labels: endpoint, help: "Jensen-Shannon distance of the probability against the test rows." },
  millwright_prediction_drift_ks: { labels: endpoint, help: "Kolmogorov-Smirnov statistic of the probability against the test rows." },
  millwright_prediction_drift_wasserstein: { labels: endpoint, help: "Wasserstein distance of the probability against the test rows." },
  millwright_prediction_drift_p: { labels: endpoint, help: "P-value of the Kolmogorov-Smirnov test of the probability." },
  millwright_prediction_drift_over: { labels: endpoint, help: "1 while the endpoint's probabilities are beyond its limit." },
  millwright_quality_missing_share: { labels: feature, help: "Rows of the window without a value." },
  millwright_quality_unseen_share: { labels: feature, help: "Rows of the window whose category training did not have." },
  millwright_quality_out_of_range_share: { labels: feature, help: "Rows of the window outside training's range." },
  millwright_quality_over: { labels: endpoint, help: "1 while too many values of a feature are missing, unseen or out of range." },
  millwright_performance: { labels: figure, help: "Performance of the newest window with labels." },
  millwright_performance_estimated: { labels: figure, help: "Performance that is to be expected of the newest window without labels." },
  millwright_performance_labelled_rows: { labels: endpoint, help: "Rows of the newest window with labels that have theirs." },
  millwright_performance_over: { labels: endpoint, help: "1 while performance, estimated until labels come, misses its bound." },
  millwright_monitoring_looked_timestamp_seconds: { labels: endpoint, help: "When the stored predictions were last looked at." },
  millwright_monitoring_look_seconds: { labels: endpoint, help: "How long the last look at the stored predictions took." },
  millwright_retraining_running: { labels: ["model"], help: "1 while the model is trained anew." },
});

/** Likewise what is counted. */
export const monitoringCounters: Readonly<Record<MonitoringCounter, DeclaredMetric>> = Object.freeze({
  millwright_monitoring_look_failures_total: { labels: endpoint, help: "Looks at the stored predictions that failed." },
  millwright_retrainings_total: {
    labels: ["model", "outcome"],
    help: "Trainings anew that ended: champion, challenger, rejected, unchanged (no new rows) or failed.",
  },
});

export function isGauge(name: string): name is MonitoringGauge {
  return Object.hasOwn(monitoringGauges, name);
}

/** A gauge of a registry, made when it is not there yet, so that every endpoint's watch shares it. */
export function gauge(registry: Registry, name: string, help: string, labelNames: readonly string[]): Gauge {
  const existing = registry.getSingleMetric(name);
  return existing instanceof Gauge ? existing : new Gauge({ name, help, labelNames, registers: [registry] });
}

/** One of those above. */
export function monitoringGauge(registry: Registry, name: MonitoringGauge): Gauge {
  const { help, labels } = monitoringGauges[name];
  return gauge(registry, name, help, labels);
}

/** Likewise a counter. */
export function counter(registry: Registry, name: string, help: string, labelNames: readonly string[]): Counter {
  const existing = registry.getSingleMetric(name);
  return existing instanceof Counter ? existing : new Counter({ name, help, labelNames, registers: [registry] });
}

/** One of those above. */
export function monitoringCounter(registry: Registry, name: MonitoringCounter): Counter {
  const { help, labels } = monitoringCounters[name];
  return counter(registry, name, help, labels);
}
