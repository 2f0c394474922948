import type { Severity } from "./rule.ts";

/**
 * Pairs of windows in which an error budget is watched, as Google's Site Reliability Workbook recommends (chapter 5, "Alerting on SLOs",
 * table 5-8): so much of the period's budget gone within the long window is worth an alert, and the short one, a twelfth of it, tells that it
 * still goes on. https://sre.google/workbook/alerting-on-slos/
 */
const pairs: readonly {
  readonly long: string;
  readonly short: string;
  readonly hours: number;
  readonly budget: number;
  readonly severity: Severity;
}[] = [
  { long: "1h", short: "5m", hours: 1, budget: 0.02, severity: "critical" },
  { long: "6h", short: "30m", hours: 6, budget: 0.05, severity: "critical" },
  { long: "3d", short: "6h", hours: 72, budget: 0.1, severity: "warning" },
];

/** The windows that burn rates need, each once. */
export const burnWindows: readonly string[] = [...new Set(pairs.flatMap(({ short, long }) => [short, long]))];

/** A promise is for a month of 730 hours, as the requirement `uptime` counts it. */
const periodHours = 730;

export interface BurnRate {
  readonly long: string;
  readonly short: string;
  readonly severity: Severity;
  /** Part of the period's budget that is gone within the long window when the alert fires. */
  readonly budget: number;
  /** Times as fast as the budget lasts for the period: 14.6, 6.1, 1.01. */
  readonly rate: number;
  /** Part of the requests that may fail in both windows. */
  readonly share: number;
}

/**
 * How much may fail in which windows, so that a promise holds: `budget * period / window` times its error budget. A pair whose limit is
 * everything is left out, since it could never fire.
 *
 * @param promise part of the requests that must be good, 0.999
 */
export function burnRates(promise: number): BurnRate[] {
  return pairs.flatMap(({ long, short, hours, budget, severity }) => {
    const rate = (budget * periodHours) / hours;
    const share = rate * (1 - promise);
    return share < 1 ? [{ long, short, severity, budget, rate, share: Number(share.toPrecision(4)) }] : [];
  });
}
