import { MillwrightError, type Origin } from "../error.ts";
import { parseDuration, type Duration } from "./duration.ts";
import type { ScheduleNode } from "./node.ts";

type Weekday = "sunday" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday";

/** When something is due, in UTC: in words, or as a cron expression of five fields (`"30 2 * * 1-5"`). */
export type Schedule = `every ${Duration}` | `daily at ${string}` | `weekly on ${Weekday} at ${string}` | (string & {});

const weekdays: readonly string[] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const months: readonly string[] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** Least, greatest and names of each field of a cron expression; a weekday may also be 7, which is Sunday. */
const fields: readonly { readonly least: number; readonly greatest: number; readonly names: readonly string[] }[] = [
  { least: 0, greatest: 59, names: [] },
  { least: 0, greatest: 23, names: [] },
  { least: 1, greatest: 31, names: [] },
  { least: 1, greatest: 12, names: months },
  { least: 0, greatest: 7, names: weekdays.map((day) => day.slice(0, 3)) },
];

/**
 * `"daily at 03:00"`, `"every 6 hours"`, `"weekly on sunday at 04:30"` or a cron expression, as its node.
 *
 * @throws MillwrightError `bad-schedule` when it is none of them, or can never come (30 February).
 */
export function parseSchedule(text: string, where: Origin): ScheduleNode {
  const every = /^every (.+)$/.exec(text)?.[1];
  if (every !== undefined) {
    const seconds = parseDuration(every);
    if (seconds < 60) throw badSchedule(text, where, "a minute is the shortest");
    return { text, every: seconds, cron: null };
  }
  const cron = cronOfWords(text) ?? text;
  const parsed = parseCron(cron);
  if (parsed === null) throw badSchedule(text, where);
  if (nextOfCron(parsed, 0) === null) throw badSchedule(text, where, "such a day never comes");
  return { text, every: null, cron };
}

function badSchedule(text: string, where: Origin, why = ""): MillwrightError {
  return new MillwrightError({
    code: "bad-schedule",
    what: `'${text}' is not a schedule${why === "" ? "" : `: ${why}`}`,
    where,
    fix: "write it as 'daily at 03:00', 'weekly on sunday at 03:00', 'every 6 hours', or as a cron expression like '0 3 * * *'",
  });
}

function cronOfWords(text: string): string | null {
  const [, day, hour, minute] = /^(?:daily|weekly on ([a-z]+)) at (\d\d?):(\d\d)$/.exec(text) ?? [];
  if (hour === undefined || minute === undefined) return null;
  const weekday = day === undefined ? "*" : String(weekdays.indexOf(day));
  return `${Number(minute)} ${Number(hour)} * * ${weekday}`;
}

interface Cron {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** Whether a day of the month (1 to 31) on a weekday (0 to 6) counts: with both fields restricted, either is enough. */
  onDay(day: number, weekday: number): boolean;
}

function parseCron(text: string): Cron | null {
  const parts = text.trim().split(/\s+/);
  const sets = parts.map((part, index) => parseField(part, index));
  const [minutes, hours, days, inMonths, onWeekdays] = sets;
  if (parts.length !== 5 || !minutes || !hours || !days || !inMonths || !onWeekdays) return null;
  const weekdaySet = new Set([...onWeekdays].map((day) => day % 7));
  const [anyDay, anyWeekday] = [parts[2]?.startsWith("*"), parts[4]?.startsWith("*")];
  return {
    minutes,
    hours,
    months: inMonths,
    onDay: (day, weekday) =>
      anyDay === true || anyWeekday === true ? days.has(day) && weekdaySet.has(weekday) : days.has(day) || weekdaySet.has(weekday),
  };
}

/** A list of numbers, names, ranges and steps: `1,15-20`, `mon-fri`, `0-30/10`; null when it is none. */
function parseField(text: string, index: number): ReadonlySet<number> | null {
  const field = fields[index];
  if (field === undefined) return null;
  const values = new Set<number>();
  for (const part of text.toLowerCase().split(",")) {
    const [, all, from, to, step] = /^(?:(\*)|([a-z]{3}|\d+)(?:-([a-z]{3}|\d+))?)(?:\/(\d+))?$/.exec(part) ?? [];
    if (all === undefined && from === undefined) return null;
    const number = (name: string): number => {
      const position = field.names.indexOf(name);
      return position >= 0 ? position + field.least : /^\d+$/.test(name) ? Number(name) : Number.NaN;
    };
    const first = from === undefined ? field.least : number(from);
    const last = to !== undefined ? number(to) : from === undefined || step !== undefined ? field.greatest : first;
    const by = Number(step ?? 1);
    if (!(first >= field.least && last <= field.greatest && first <= last && by >= 1)) return null;
    for (let value = first; value <= last; value += by) values.add(value);
  }
  return values;
}

/** The first minute after an instant (milliseconds since 1970) that a cron expression names; null when none comes in eight years. */
function nextOfCron(cron: Cron, after: number): number | null {
  const time = new Date(Math.floor(after / 60_000) * 60_000 + 60_000);
  const end = after + 8 * 366 * 86_400_000;
  while (time.getTime() <= end) {
    const [year, month, day] = [time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate()];
    if (!cron.months.has(month + 1)) time.setTime(Date.UTC(year, month + 1, 1));
    else if (!cron.onDay(day, time.getUTCDay())) time.setTime(Date.UTC(year, month, day + 1));
    else if (!cron.hours.has(time.getUTCHours())) time.setTime(Date.UTC(year, month, day, time.getUTCHours() + 1));
    else if (!cron.minutes.has(time.getUTCMinutes())) time.setTime(time.getTime() + 60_000);
    else return time.getTime();
  }
  return null;
}

/**
 * When something is due that was last done at `last` (milliseconds since 1970, as the result is): after that much time, or at the next instant that
 * the cron expression names. What was never done is due at once.
 */
export function dueAt(schedule: ScheduleNode, last: number | null): number {
  if (last === null) return 0;
  if (schedule.every !== null) return last + schedule.every * 1000;
  const cron = parseCron(schedule.cron ?? "");
  return (cron === null ? null : nextOfCron(cron, last)) ?? Number.POSITIVE_INFINITY;
}
