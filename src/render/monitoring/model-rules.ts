import type { EndpointNode } from "../../define/node.ts";
import { driftRuleText, type DriftRule } from "../../define/quantity.ts";
import type { MonitoringCounter, MonitoringGauge } from "../../monitor/metrics.ts";
import { grown, promDuration, select, type AlertRule, type RuleGroup, type Severity, type Subject } from "./rule.ts";

/**
 * Whether models still fit what they are asked. `millwright up` judges, by each endpoint's own limits; the rules carry it on.
 *
 * @param hold seconds for which something that has happened once keeps its alert firing
 */
export function modelRules(subject: Subject, endpoints: readonly EndpointNode[], hold: number): RuleGroup {
  const watched = endpoints.flatMap(({ name, drift }) => (drift === null ? [] : [{ name, drift }]));
  return {
    name: "models",
    recorded: [],
    alerts: [
      ...watched.map(({ name, drift }) => driftRule(subject, name, drift)),
      standing(subject, {
        alert: "MillwrightPredictionDrift",
        metric: "millwright_prediction_drift_over",
        severity: "warning",
        what: (endpoint) => `the probabilities of ${endpoint} are not those of its test rows`,
        description:
          "Either its inputs have shifted in a way that matters, or what is asked has changed. millwright monitor shows both by window.",
      }),
      standing(subject, {
        alert: "MillwrightDataQuality",
        metric: "millwright_quality_over",
        severity: "warning",
        what: (endpoint) => `${endpoint} is asked with values that are missing, unseen or out of range`,
        description:
          "More of them than in its training rows: look at the source first, and at millwright_quality_..._share for the features.",
      }),
      standing(subject, {
        alert: "MillwrightPerformance",
        metric: "millwright_performance_over",
        severity: "critical",
        what: (endpoint) => `${endpoint} predicts worse than it may`,
        description:
          "Its performance, estimated until labels come, misses its bound. Roll back (millwright model rollback), or train anew.",
      }),
      happened(subject, hold, {
        alert: "MillwrightLookFailing",
        metric: "millwright_monitoring_look_failures_total",
        by: "endpoint",
        matchers: [],
        what: (endpoint) => `the stored predictions of ${endpoint} cannot be looked at`,
        description: "Performance and drift by window are not known meanwhile. What millwright up writes says why.",
      }),
      happened(subject, hold, {
        alert: "MillwrightRetrainingFailed",
        metric: "millwright_retrainings_total",
        by: "model",
        matchers: ['outcome=~"failed|rejected"'],
        what: (model) => `${model} was trained anew in vain`,
        description:
          "The training failed, or its version missed the gate: the model that is served has stayed. millwright status and millwright model list say more.",
      }),
    ],
  };
}

/** How the limit of a figure reads in PromQL; categories under a limit of `ks` are judged by `js`, so only numbers are named then. */
function beyond({ figure, limit }: DriftRule): string {
  return figure === "p" ? `< ${limit}` : `> ${limit}`;
}

function driftRule(subject: Subject, endpoint: string, rule: DriftRule): AlertRule {
  const { platform, environment } = subject;
  const metric: MonitoringGauge = `millwright_drift_${rule.figure}`;
  const figure = `sort${rule.figure === "p" ? "" : "_desc"}(max by (feature) (${metric}{platform='${platform}',environment='${environment}',endpoint='${endpoint}'}) ${beyond(rule)})`;
  const limit = driftRuleText(rule);
  const over: MonitoringGauge = "millwright_drift_over";
  const shown = rule.figure === "p" ? 0.0001 : rule.limit + 1;
  const labels = `platform="${platform}",environment="${environment}",endpoint="${endpoint}"`;
  return {
    alert: "MillwrightDrift",
    severity: "warning",
    expression: `max by (endpoint) (${select(subject, over, `endpoint="${endpoint}"`)}) == 1`,
    for: 0,
    // Each endpoint has a rule of its own, for its own limit.
    labels: { endpoint },
    summary: `{{ $labels.endpoint }} drifts`,
    description: `It is asked what its training rows were not like (${limit}): {{ range $index, $feature := query "${figure}" }}{{ if $index }}, {{ end }}{{ $feature.Labels.feature }} {{ $feature.Value | humanize }}{{ end }}`,
    example: {
      series: {
        [`${over}{${labels}}`]: "0x4 1x*",
        [`${metric}{${labels},feature="amount"}`]: `0.5x4 ${shown}x*`,
        [`${metric}{${labels},feature="country"}`]: `${rule.figure === "p" ? 1 : 0}x*`,
      },
      quiet: { [`${over}{${labels}}`]: "0x*" },
      at: 300,
      labels: { endpoint },
      summary: `${endpoint} drifts`,
      description: `It is asked what its training rows were not like (${limit}): amount ${rule.figure === "p" ? "100u" : shown}`,
    },
  };
}

/** An alarm that `up` itself raises and takes back. */
function standing(
  subject: Subject,
  rule: {
    readonly alert: string;
    readonly metric: MonitoringGauge;
    readonly severity: Severity;
    readonly what: (endpoint: string) => string;
    readonly description: string;
  },
): AlertRule {
  const { alert, metric, severity, what, description } = rule;
  const series = `${metric}{platform="${subject.platform}",environment="${subject.environment}",endpoint="delay"}`;
  return {
    alert,
    severity,
    expression: `max by (endpoint) (${select(subject, metric)}) == 1`,
    for: 0,
    labels: {},
    summary: what("{{ $labels.endpoint }}"),
    description,
    example: {
      series: { [series]: "0x4 1x*" },
      quiet: { [series]: "0x*" },
      at: 300,
      labels: { endpoint: "delay" },
      summary: what("delay"),
      description,
    },
  };
}

/** Something that is counted and should not occur. */
function happened(
  subject: Subject,
  hold: number,
  rule: {
    readonly alert: string;
    readonly metric: MonitoringCounter;
    readonly by: "endpoint" | "model";
    readonly matchers: readonly string[];
    readonly what: (name: string) => string;
    readonly description: string;
  },
): AlertRule {
  const { alert, metric, by, matchers, what, description } = rule;
  const outcome = matchers.length === 0 ? "" : ',outcome="failed"';
  const series = `${metric}{platform="${subject.platform}",environment="${subject.environment}",${by}="delay"${outcome}}`;
  return {
    alert,
    severity: "warning",
    expression: grown(select(subject, metric, ...matchers), promDuration(hold), by),
    for: 0,
    labels: {},
    summary: what(`{{ $labels.${by} }}`),
    description,
    example: {
      series: { [series]: "_x4 1+1x*" },
      quiet: { [series]: "3x*" },
      at: 240,
      quietAt: hold + 600,
      labels: { [by]: "delay" },
      summary: what("delay"),
      description,
    },
  };
}
