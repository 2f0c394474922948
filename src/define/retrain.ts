import { MillwrightError, type Origin } from "../error.ts";
import type { RetrainNode } from "./node.ts";
import { parseSchedule, type Schedule } from "./schedule.ts";

/** When `millwright up` trains a model anew, on the rows that its sources have by then. At least one of `on` and `schedule`. */
export interface RetrainOptions {
  /**
   * `drift`: the inputs or the probabilities of one of its endpoints have left what training knew. `performance`: an endpoint's measured
   * performance, or before labels come the estimated one, misses its bound.
   */
  readonly on?: readonly ("drift" | "performance")[];
  /** In UTC: `"weekly on sunday at 03:00"`. */
  readonly schedule?: Schedule;
  /** However often its endpoints alarm; the schedule comes besides. @default "1/day" */
  readonly atMost?: `${number}/${"hour" | "day" | "week"}`;
  /** How much worse than the champion each figure of the gate may be, on the same new test rows. @default 0.005 */
  readonly margin?: number;
}

const periods: Readonly<Record<string, number>> = { hour: 3600, day: 86_400, week: 604_800 };

/** @throws MillwrightError `bad-option`, `bad-schedule` */
export function retrainNode(model: string, options: RetrainOptions, origin: Origin): RetrainNode {
  const { on = [], schedule, atMost = "1/day", margin = 0.005 } = options;
  const refuse = (what: string, fix: string): MillwrightError =>
    new MillwrightError({ code: "bad-option", what: `model '${model}' ${what}`, where: origin, fix });
  const strange = on.find((event) => event !== "drift" && event !== "performance");
  if (strange !== undefined) throw refuse(`is trained anew on '${String(strange)}'`, "write on: ['drift', 'performance'], or one of them");
  if (on.length === 0 && schedule === undefined)
    throw refuse("is never trained anew", "write retrain: { on: ['drift'] } or retrain: { schedule: 'weekly on sunday at 03:00' }");
  const [, times, period] = /^(\d+)\/(hour|day|week)$/.exec(atMost) ?? [];
  if (period === undefined || Number(times) < 1) throw refuse(`is trained anew at most '${atMost}'`, "write atMost: '1/day'");
  if (!(margin >= 0)) throw refuse(`may be worse than its champion by ${margin}`, "give margin as 0 or more, as in margin: 0.005");
  return {
    on: [...new Set(on)],
    schedule: schedule === undefined ? null : parseSchedule(schedule, origin),
    atMost: { times: Number(times), seconds: periods[period] ?? Number.NaN },
    margin,
  };
}
