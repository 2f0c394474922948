import { dueAt } from "../../define/schedule.ts";
import type { ScheduleNode } from "../../define/node.ts";
import { promDuration, select, type AlertRule, type RuleGroup, type Subject } from "./rule.ts";

/** Whether runs succeed. */
export function runRules(subject: Subject): RuleGroup {
  return { name: "runs", recorded: [], alerts: [failedAsset(subject)] };
}

/** Whether tables are up to date. @param stale seconds after which one is too old */
export function tableRules(subject: Subject, stale: number): RuleGroup {
  return { name: "tables", recorded: [], alerts: [staleTable(subject, stale)] };
}

function failedAsset(subject: Subject): AlertRule {
  const description = "Nothing that depends on it was brought up to date either. millwright run says why, and goes on where it stopped.";
  const series = (asset: string) =>
    `millwright_asset_failed{platform="${subject.platform}",environment="${subject.environment}",asset="${asset}"}`;
  return {
    alert: "MillwrightRunFailed",
    severity: "warning",
    expression: `max by (asset) (${select(subject, "millwright_asset_failed")}) == 1`,
    for: 0,
    labels: {},
    summary: "{{ $labels.asset }} failed in its last run",
    description,
    example: {
      series: { [series("flights")]: "0x4 1x*", [series("planes")]: "0x*" },
      quiet: { [series("flights")]: "0x*" },
      at: 300,
      labels: { asset: "flights" },
      summary: "flights failed in its last run",
      description,
    },
  };
}

function staleTable(subject: Subject, stale: number): AlertRule {
  const description = `No run has found it up to date, or brought it there, for more than ${promDuration(stale)}. millwright status says how its sources stand.`;
  const metric = "millwright_table_fresh_timestamp_seconds";
  const series = `${metric}{platform="${subject.platform}",environment="${subject.environment}",table="flights"}`;
  // Coarse steps where the limit is long: a test of weeks by the minute takes minutes.
  const step = Math.max(60, Math.ceil(stale / 60 / 300) * 60);
  const at = (Math.floor(stale / step) + 1 + Math.ceil(300 / step)) * step;
  return {
    alert: "MillwrightTableStale",
    severity: "warning",
    expression: `time() - max by (table) (${select(subject, metric)}) > ${stale}`,
    for: 300,
    labels: {},
    summary: "{{ $labels.table }} is stale",
    description,
    example: {
      // The clock of the tests begins at 0, as these seconds do.
      series: { [series]: "0x*" },
      quiet: { [series]: `0+${step}x*` },
      step,
      at,
      labels: { table: "flights" },
      summary: "flights is stale",
      description,
    },
  };
}

/** Twice the longest time between two runs of a schedule, in seconds: one may be late, or fail and be repeated. */
export function staleAfter(schedule: ScheduleNode): number {
  return 2 * (schedule.every ?? longestPause(schedule));
}

/** Over a year, or over ten thousand runs of what comes more often: that is a week even by the minute. */
function longestPause(schedule: ScheduleNode): number {
  const end = 366 * 86_400_000;
  let [last, longest] = [dueAt(schedule, 1), 0];
  for (let runs = 0; runs < 10_000 && last < end; runs++) {
    const next = dueAt(schedule, last);
    longest = Math.max(longest, next - last);
    last = next;
  }
  return longest / 1000;
}
