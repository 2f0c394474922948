import type { ScheduleNode } from "../../define/node.ts";
import { dueAt } from "../../define/schedule.ts";
import { stated } from "../demand.ts";
import { computed, type Figure } from "../figure.ts";

const week = 7 * 86_400_000;
const year = 365 * 86_400_000;
/** A Monday, 00:00 UTC: any week would do. */
const monday = Date.UTC(2024, 0, 1);

/** Runs a day by a schedule; once a day where there is none. */
export function runsPerDay(schedule: ScheduleNode | null): Figure {
  if (schedule === null) return stated("runs a day", "count", 1, "once a day: no schedule is declared");
  return computed("runs a day", "count", `by the schedule '${schedule.text}'`, [], () => timesAWeek(schedule) / 7);
}

/** How often something is due in a week; what comes in none of its days, by a year of them. */
export function timesAWeek(schedule: ScheduleNode): number {
  if (schedule.every !== null) return 604_800 / schedule.every;
  const within = timesWithin(schedule, week);
  return within > 0 ? within : (timesWithin(schedule, year) * week) / year;
}

function timesWithin(schedule: ScheduleNode, span: number): number {
  let count = 0;
  for (let due = dueAt(schedule, monday - 1); due < monday + span; due = dueAt(schedule, due)) count += 1;
  return count;
}
