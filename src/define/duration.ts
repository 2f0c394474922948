import { MillwrightError } from "../error.ts";

type Unit = "second" | "minute" | "hour" | "day" | "week";

/** A length of time as people write it: `"2 hours"`, `"1 day"`, `"30 seconds"`. */
export type Duration = `${number} ${Unit | `${Unit}s`}`;

const secondsOf: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 };

/** `"2 hours"` to 7200. @throws MillwrightError `bad-duration` when it is no length of time, negative, or no whole number of seconds. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?) (second|minute|hour|day|week)s?$/.exec(text);
  const seconds = Number(match?.[1]) * (secondsOf[match?.[2] ?? ""] ?? Number.NaN);
  if (!Number.isSafeInteger(seconds)) {
    throw new MillwrightError({
      code: "bad-duration",
      what: `'${text}' is not a length of time`,
      fix: "write it as '2 hours', '1 day' or '30 seconds'",
    });
  }
  return seconds;
}
