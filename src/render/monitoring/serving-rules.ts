import { burnRates, burnWindows } from "./burn-rate.ts";
import { select, type AlertRule, type RuleGroup, type Subject } from "./rule.ts";

export interface ServingPromises {
  /** Part of the requests that must be answered; null when nothing is promised. */
  readonly uptime: number | null;
  /** Seconds within which 99 of 100 answers must come. */
  readonly p99: number | null;
}

/** Fewer failures in the long window than this are no reason to call somebody, however few requests there are. */
const fewest = 5;

/** Answers count that the server owes: not those that the caller spoilt (4xx). */
const owed = 'code=~"200|5.."';
const requests = "millwright_inference_requests_total";
const duration = "millwright_inference_request_seconds";
const named = 'endpoint!=""';

/** Whether the server is there and keeps its promises. */
export function servingRules(subject: Subject, { uptime, p99 }: ServingPromises): RuleGroup {
  return {
    name: "serving",
    recorded: [
      ...(uptime === null
        ? []
        : burnWindows.map((window) => ({
            record: `endpoint:millwright_errors:share_rate${window}`,
            expression: `sum by (endpoint) (rate(${select(subject, requests, named, 'code=~"5.."')}[${window}]))
  / sum by (endpoint) (rate(${select(subject, requests, named, owed)}[${window}]))`,
          }))),
      ...(p99 === null
        ? []
        : burnWindows.map((window) => ({
            record: `endpoint:millwright_slow:share_rate${window}`,
            expression: `1 - sum by (endpoint) (rate(${select(subject, `${duration}_bucket`, within(p99))}[${window}]))
  / sum by (endpoint) (rate(${select(subject, `${duration}_count`)}[${window}]))`,
          }))),
    ],
    alerts: [
      down(subject),
      ...(uptime === null ? [failing(subject)] : errorBudget(subject, uptime)),
      ...(p99 === null ? [] : latency(subject, p99)),
    ],
  };
}

/** The histogram's bucket of a bound; newer Prometheus writes whole numbers as 1.0. */
function within(seconds: number): string {
  return Number.isInteger(seconds) ? `le=~"${seconds}|${seconds}\\\\.0"` : `le="${seconds}"`;
}

function down(subject: Subject): AlertRule {
  const target = select(subject, "up", 'job="millwright"');
  const series = `up{job="millwright",instance="127.0.0.1:8080",platform="${subject.platform}",environment="${subject.environment}"}`;
  return {
    alert: "MillwrightDown",
    severity: "critical",
    expression: `${target} == 0`,
    for: 120,
    labels: {},
    summary: "{{ $labels.instance }} does not answer",
    description:
      "Nothing can be asked of the inference server for two minutes. Look whether millwright up runs there, and what it wrote last.",
    example: {
      series: { [series]: "1x5 0x*" },
      quiet: { [series]: "1x5 0 1x*" },
      at: 480,
      labels: { job: "millwright", instance: "127.0.0.1:8080" },
      summary: "127.0.0.1:8080 does not answer",
      description:
        "Nothing can be asked of the inference server for two minutes. Look whether millwright up runs there, and what it wrote last.",
    },
  };
}

/** A series of an endpoint as the tests have it. */
function of(subject: Subject, name: string, others = ""): string {
  return `${name}{platform="${subject.platform}",environment="${subject.environment}",endpoint="delay"${others}}`;
}

function failing(subject: Subject): AlertRule {
  const share = (code: string) => `sum by (endpoint) (rate(${select(subject, requests, named, code)}[5m]))`;
  const sentence = "Nothing is promised of its uptime; requirements: { uptime } would judge by an error budget.";
  return {
    alert: "MillwrightErrors",
    severity: "critical",
    expression: `${share('code=~"5.."')} / ${share(owed)} > 0.05
  and sum by (endpoint) (increase(${select(subject, requests, named, 'code=~"5.."')}[5m])) >= ${fewest}`,
    for: 300,
    labels: {},
    summary: "{{ $labels.endpoint }} fails {{ $value | humanizePercentage }} of its requests",
    description: sentence,
    example: {
      series: { [of(subject, requests, ',code="200"')]: "0+75x*", [of(subject, requests, ',code="500"')]: "0+25x*" },
      quiet: { [of(subject, requests, ',code="200"')]: "0+75x*", [of(subject, requests, ',code="500"')]: "0+1x*" },
      at: 360,
      labels: { endpoint: "delay" },
      summary: "delay fails 25% of its requests",
      description: sentence,
    },
  };
}

/** `0.001` to `0.1`, of a hundred. */
const percent = (share: number): string => String(Number((share * 100).toPrecision(3)));

function errorBudget(subject: Subject, uptime: number): AlertRule[] {
  return burnRates(uptime).map(({ long, short, severity, budget, rate, share }) => {
    const record = (window: string) => `${select(subject, `endpoint:millwright_errors:share_rate${window}`)} > ${share}`;
    const what = `In ${long}, ${percent(budget)} % of the failures that a month may have at ${percent(uptime)} % uptime: ${percent(rate / 100)} times as fast as a month can bear.`;
    return {
      alert: `MillwrightErrorBudget${long}`,
      severity,
      expression: `${record(long)}
  and ${record(short)}
  and on (endpoint) sum by (endpoint) (increase(${select(subject, requests, named, 'code=~"5.."')}[${long}])) >= ${fewest}`,
      for: 0,
      labels: {},
      summary: `{{ $labels.endpoint }} fails {{ $value | humanizePercentage }} of its requests`,
      description: what,
      example: {
        series: { [of(subject, requests, ',code="200"')]: "0x*", [of(subject, requests, ',code="503"')]: "0+50x*" },
        quiet: { [of(subject, requests, ',code="200"')]: "0+20000x*", [of(subject, requests, ',code="503"')]: "0+1x*" },
        at: 60,
        labels: { endpoint: "delay" },
        summary: "delay fails 100% of its requests",
        description: what,
      },
    };
  });
}

function latency(subject: Subject, p99: number): AlertRule[] {
  const bound = `${Number((p99 * 1000).toPrecision(6))} ms`;
  return burnRates(0.99).map(({ long, short, severity, budget, rate, share }) => {
    const record = (window: string) => `${select(subject, `endpoint:millwright_slow:share_rate${window}`)} > ${share}`;
    const what = `In ${long}, ${percent(budget)} % of the slow answers that a month may have when 99 % come within ${bound}: ${percent(rate / 100)} times as fast as a month can bear.`;
    const [bucket, total] = [of(subject, `${duration}_bucket`, `,le="${p99}"`), of(subject, `${duration}_count`)];
    const slow = `sum by (endpoint) (increase(${select(subject, `${duration}_count`)}[${long}]))
    - sum by (endpoint) (increase(${select(subject, `${duration}_bucket`, within(p99))}[${long}]))`;
    return {
      alert: `MillwrightLatency${long}`,
      severity,
      expression: `${record(long)}
  and ${record(short)}
  and on (endpoint) (${slow}) >= ${fewest}`,
      for: 0,
      labels: {},
      summary: `{{ $value | humanizePercentage }} of the answers of {{ $labels.endpoint }} take longer than ${bound}`,
      description: what,
      example: {
        series: { [bucket]: "0+50x*", [total]: "0+100x*" },
        quiet: { [bucket]: "0+999x*", [total]: "0+1000x*" },
        at: 60,
        labels: { endpoint: "delay" },
        summary: `50% of the answers of delay take longer than ${bound}`,
        description: what,
      },
    };
  });
}

/** Whether predictions come. */
export function trafficRules(subject: Subject): RuleGroup {
  return { name: "traffic", recorded: [], alerts: [missing(subject)] };
}

function missing(subject: Subject): AlertRule {
  const answered = select(subject, requests, named, 'code="200"');
  const series = of(subject, requests, ',code="200"');
  const what = "A week ago there were some in the same hour. Look whether its callers still reach it.";
  return {
    alert: "MillwrightPredictionsMissing",
    severity: "warning",
    expression: `sum by (endpoint) (increase(${answered}[1h] offset 1w)) > 10
  unless sum by (endpoint) (increase(${answered}[1h])) > 0`,
    for: 600,
    labels: {},
    summary: "{{ $labels.endpoint }} has predicted nothing for an hour",
    description: what,
    example: {
      // A prediction a minute for a day, then none.
      series: { [series]: "0+10x144 1440x*" },
      quiet: { [series]: "0+10x*" },
      step: 600,
      at: 606_600,
      labels: { endpoint: "delay" },
      summary: "delay has predicted nothing for an hour",
      description: what,
    },
  };
}
