import type { ComplianceReport, Cost, PlanInput, ServiceLevels, Sizing, Verdict } from "./vocabulary.ts";

/** Each requirement held against what was measured and computed. */
export function verdictsOf(
  { definition }: PlanInput,
  _known: {
    readonly sizing: Sizing;
    readonly service: ServiceLevels;
    readonly cost: Cost;
    readonly compliance: readonly ComplianceReport[];
  },
): readonly Verdict[] {
  return definition.requirements.map((requirement) =>
    Object.freeze<Verdict>(
      requirement.bound === "is"
        ? { requirement, outcome: "given", figure: null, reason: "reckoned with" }
        : { requirement, outcome: "unknown", figure: null, reason: "nothing was measured or computed for it" },
    ),
  );
}
