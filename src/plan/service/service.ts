import { demandOf } from "../demand.ts";
import { computed, unknown, type Figure } from "../figure.ts";
import type { Part, PlanInput, ServiceLevels, Sizing } from "../vocabulary.ts";
import { autoscalingOf } from "./autoscaling.ts";
import { availabilityOf } from "./availability.ts";
import { failuresOf } from "./failures.ts";
import { recoveryPointOf, recoveryTimeOf } from "./recovery.ts";

/** Seconds of a month of 730 hours. */
const month = 730 * 3600;

/** Uptime, error budget, recovery, what breaks, and when parts grow. */
export function serviceLevelsOf(input: PlanInput, parts: readonly Part[], sizing: Sizing): ServiceLevels {
  const way = onTheWay(parts).map((part) => ({
    part: part.id,
    availability: availabilityOf(
      input,
      part,
      sizing.parts.find((one) => one.part === part.id),
    ),
  }));
  const uptime = uptimeOf(way.map(({ availability }) => availability));
  const asked = demandOf(input.definition).uptime;
  const budget = asked.value === null ? uptime : asked;
  return Object.freeze<ServiceLevels>({
    uptime,
    errorBudget: computed(
      "error budget",
      "seconds",
      `(1 - ${asked.value === null ? "uptime" : "uptime asked for"}) x 730 hours`,
      [budget],
      (share = 0) => Math.round((1 - share) * month),
    ),
    recoveryTime: recoveryTimeOf(input, parts, sizing),
    recoveryPoint: recoveryPointOf(input, parts),
    parts: way,
    failures: failuresOf(input, parts, sizing),
    autoscaling: autoscalingOf(input, parts, sizing),
  });
}

/** What a request passes. The server has its model's file and writes the log behind it: lake, catalog and journal may be gone meanwhile. */
function onTheWay(parts: readonly Part[]): readonly Part[] {
  return parts.filter(({ role }) => role === "proxy" || role === "server");
}

/** All of them have to work (in series): the product, as if they failed independently. */
function uptimeOf(shares: readonly Figure[]): Figure {
  if (shares.length === 0) return unknown("uptime", "share", "there is no endpoint");
  return computed("uptime", "share", "product of what a request passes", shares, (...all) =>
    all.reduce((product, share) => product * share, 1),
  );
}
