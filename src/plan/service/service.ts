import { unknown } from "../figure.ts";
import type { Part, PlanInput, ServiceLevels, Sizing } from "../vocabulary.ts";

/** Uptime, error budget, recovery, what breaks, and when parts grow. */
export function serviceLevelsOf(_input: PlanInput, _parts: readonly Part[], _sizing: Sizing): ServiceLevels {
  const why = "no part's availability is known yet";
  return Object.freeze<ServiceLevels>({
    uptime: unknown("uptime", "share", why),
    errorBudget: unknown("error budget", "seconds", why),
    recoveryTime: unknown("recovery time", "seconds", why),
    recoveryPoint: unknown("recovery point", "seconds", why),
    parts: [],
    failures: [],
    autoscaling: [],
  });
}
