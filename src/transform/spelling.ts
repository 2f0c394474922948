/**
 * How values are spelled in texts that are converted. Engines accept much more, and each something else (`1d`, `1_000`, `infinity`, `2013`, `today`);
 * what does not match is refused by all of them.
 */
import { parsePattern, type Pattern } from "./pattern.ts";

const year = "([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])";
const time = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?";
const offset = "(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)";
/** Days that exist. */
const day =
  `${year}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))` +
  "|([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)-02-29";

const whole = (text: string): Pattern => parsePattern(`^ *(${text}) *$`);

export const spellings: Readonly<Record<"whole" | "number" | "date" | "timestamp" | "existingDate" | "existingTimestamp", Pattern>> = {
  whole: whole("[+-]?[0-9]+"),
  number: whole("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,3})?"),
  /** Engines that give null for a day that does not exist need no more. */
  date: whole(`${year}-[0-9]{2}-[0-9]{2}`),
  timestamp: whole(`${year}-[0-9]{2}-[0-9]{2}([T ]${time}${offset}?)?`),
  existingDate: whole(day),
  existingTimestamp: whole(`(${day})([T ]${time}${offset}?)?`),
};

export const spelledTrue: readonly string[] = ["true", "t", "yes", "y", "1"];
export const spelledFalse: readonly string[] = ["false", "f", "no", "n", "0"];
