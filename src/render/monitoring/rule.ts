/** `critical`: users are hurt now, or soon; `warning`: somebody should look within the day. */
export type Severity = "critical" | "warning";

/** An alert of Prometheus, with the example by which promtool tests it. */
export interface AlertRule {
  readonly alert: string;
  readonly severity: Severity;
  /** In PromQL. */
  readonly expression: string;
  /** Seconds that it must hold before the alert fires. */
  readonly for: number;
  /** Besides severity, platform and environment. */
  readonly labels: Readonly<Record<string, string>>;
  /** One sentence, a template of Prometheus. */
  readonly summary: string;
  /** What it means and what to do. */
  readonly description: string;
  readonly example: Example;
}

/** Series with which an alert fires, and others with which it does not. */
export interface Example {
  /** Series to values in promtool's notation, one a `step`: `up{job="a"}` to `1x10`; `x*` is for as long as a test looks. */
  readonly series: Readonly<Record<string, string>>;
  readonly quiet: Readonly<Record<string, string>>;
  /** Seconds from one value to the next. @default 60 */
  readonly step?: number;
  /** Seconds after the first value when the alert fires, and not a step before. */
  readonly at: number;
  /** Seconds after which the quiet series are still quiet. @default at */
  readonly quietAt?: number;
  /** What the expression adds to the alert's labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** Annotations as they then read. */
  readonly summary: string;
  readonly description: string;
}

/** A series that rules and dashboards read instead of counting anew. */
export interface RecordingRule {
  readonly record: string;
  readonly expression: string;
}

/** Rules that belong together: a file of their own, and a file of tests. */
export interface RuleGroup {
  /** Also the file's name. */
  readonly name: string;
  readonly recorded: readonly RecordingRule[];
  readonly alerts: readonly AlertRule[];
}

/** Which series are this platform's in this environment: the scrape configuration gives all of them these labels. */
export interface Subject {
  readonly platform: string;
  readonly environment: string;
}

/** A selector of this platform's series: `name{platform="flights",environment="prod",code="200"}`. @param others further matchers */
export function select({ platform, environment }: Subject, name: string, ...others: readonly string[]): string {
  return `${name}{${[`platform="${platform}"`, `environment="${environment}"`, ...others].join(",")}}`;
}

/**
 * What a counter has grown by within a window, where it has. A counter that was first seen within the window has grown by all that it
 * shows: `increase` alone misses the first event of a series that did not exist before.
 *
 * @param by the label that is kept
 */
export function grown(selector: string, window: string, by: string): string {
  return `sum by (${by}) (increase(${selector}[${window}]) > 0 or (${selector} unless ${selector} offset ${window}) > 0) > 0`;
}

/** Seconds as Prometheus writes a duration: `90` is `90s`, `7200` is `2h`. */
export function promDuration(seconds: number): string {
  for (const [unit, size] of [
    ["w", 604_800],
    ["d", 86_400],
    ["h", 3600],
    ["m", 60],
  ] as const)
    if (seconds >= size && seconds % size === 0) return `${seconds / size}${unit}`;
  return Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1000)}ms`;
}
