import { choicesOf } from "./choices/choices.ts";
import { complianceOf } from "./compliance/compliance.ts";
import { costOf } from "./cost/cost.ts";
import { linksOf, partsOf } from "./parts.ts";
import { serviceLevelsOf } from "./service/service.ts";
import { sizePlatform } from "./sizing/sizing.ts";
import { verdictsOf } from "./verdicts.ts";
import type { PlanInput, PlatformPlan } from "./vocabulary.ts";

/** Sizes, cost, service levels, compliance, choices and verdicts of a platform in an environment: a pure function, so that the same input gives the same plan. */
export function planPlatform(input: PlanInput): PlatformPlan {
  const { definition, environment, measurements } = input;
  const parts = partsOf(definition, environment);
  const links = linksOf(parts);
  const sizing = sizePlatform(input, parts);
  const service = serviceLevelsOf(input, parts, sizing);
  const cost = costOf(input, parts, sizing);
  const compliance = complianceOf(input, parts);
  const choices = choicesOf(input, parts, sizing);
  return Object.freeze<PlatformPlan>({
    platform: definition.name,
    domain: definition.domain,
    environment: environment.name,
    requirements: verdictsOf(input, { sizing, service, cost, compliance }),
    parts,
    links,
    sizing,
    cost,
    service,
    compliance,
    choices,
    measurements,
  });
}
