import { grown, promDuration, select, type AlertRule, type RuleGroup, type Subject } from "./rule.ts";

/** Whether predictions are kept. @param hold seconds for which a loss keeps its alert firing */
export function logRules(subject: Subject, hold: number): RuleGroup {
  const rules = [
    {
      alert: "MillwrightPredictionsDropped",
      metric: "millwright_prediction_log_dropped_rows_total",
      by: "endpoint",
      what: (endpoint: string) => `predictions of ${endpoint} are lost`,
      description:
        "The prediction log's memory is full, because the lake is slower than the predictions or cannot be written. Predicting goes on; what is lost is missing when drift and performance are looked at later.",
    },
    {
      alert: "MillwrightPredictionLogFailing",
      metric: "millwright_prediction_log_write_failures_total",
      by: "endpoint",
      what: (endpoint: string) => `predictions of ${endpoint} cannot be stored`,
      description:
        "Writes to the lake fail and are tried again; rows are lost when a hundred thousand wait. What millwright up writes says why.",
    },
    {
      alert: "MillwrightPredictionsUnwatched",
      metric: "millwright_inference_callback_failures_total",
      by: "instance",
      what: (instance: string) => `predictions of ${instance} are in no log`,
      description:
        "Batches were answered that neither the prediction log nor the drift watch could take: a defect, which the output of millwright up tells.",
    },
  ];
  return { name: "log", recorded: [], alerts: rules.map((rule) => counted(subject, hold, rule)) };
}

function counted(
  subject: Subject,
  hold: number,
  rule: {
    readonly alert: string;
    readonly metric: string;
    readonly by: string;
    readonly what: (name: string) => string;
    readonly description: string;
  },
): AlertRule {
  const { alert, metric, by, what, description } = rule;
  const series = `${metric}{platform="${subject.platform}",environment="${subject.environment}",${by}="delay"}`;
  return {
    alert,
    severity: "warning",
    expression: grown(select(subject, metric), promDuration(hold), by),
    for: 0,
    labels: {},
    summary: what(`{{ $labels.${by} }}`),
    description,
    example: {
      // It begins with its first event, as the counter of a process that had none yet.
      series: { [series]: "_x4 7+7x*" },
      quiet: { [series]: "7x*" },
      at: 240,
      quietAt: hold + 600,
      labels: { [by]: "delay" },
      summary: what("delay"),
      description,
    },
  };
}
