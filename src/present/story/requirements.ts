import type { PlatformPlan, Verdict } from "../../plan/vocabulary.ts";
import { asked, found, opening, outcomeStatus, requirementPhrase, requirementTitle } from "./names.ts";
import { say, table } from "./say.ts";
import type { DraftSection, DraftText } from "./vocabulary.ts";
import { counted, listed, numeral } from "./words.ts";

/** Each requirement, what it was held against, and how it stands. */
export function requirementsSection(plan: PlatformPlan, limit: number): DraftSection {
  const rows = ranked(plan).map(({ requirement, outcome, figure, reason }) => [
    [requirementTitle(requirement)],
    asked(requirement),
    found(figure),
    [outcomeStatus(outcome)],
    [opening(plan, reason)],
  ]);
  return {
    title: "Requirements and KPIs",
    blocks: [
      {
        kind: "paragraph",
        text:
          rows.length === 0
            ? outcomesText(plan)
            : say`A requirement is met when a number was found within its bound, missed when it lies outside, and unknown when there is nothing to hold against it.`,
      },
      ...(rows.length === 0
        ? []
        : [
            table(
              [
                { title: "Requirement", width: 17 },
                { title: "Asked", width: 15 },
                { title: "Found", width: 17 },
                { title: "Outcome", width: 10 },
                { title: "Reason", width: 41 },
              ],
              rows,
              limit,
              "requirement",
            ),
          ]),
    ],
  };
}

/** Bounds that are met or not, without what is merely given. */
export function bounds({ requirements }: PlatformPlan): readonly Verdict[] {
  return requirements.filter(({ outcome }) => outcome !== "given");
}

/** `Of six requirements three are met, one is missed (uptime) and two are unknown.` */
export function outcomesText(plan: PlatformPlan): DraftText {
  const held = bounds(plan);
  if (plan.requirements.length === 0)
    return say`The platform file states no requirement, so that nothing can be held against it. Requirements are the first thing to add.`;
  if (held.length === 0) return say`The platform file gives what to reckon with and sets no bound, so that nothing can be met or missed.`;
  const of = (outcome: Verdict["outcome"]) => held.filter((verdict) => verdict.outcome === outcome);
  const groups = (["met", "missed", "unknown"] as const).flatMap((outcome) => {
    const verdicts = of(outcome);
    if (verdicts.length === 0) return [];
    const names = outcome === "met" ? "" : ` (${listed(verdicts.map(({ requirement }) => requirementPhrase(requirement)))})`;
    return [`${numeral(verdicts.length)} ${verdicts.length === 1 ? "is" : "are"} ${outcome}${names}`];
  });
  const [only] = held;
  if (groups.length === 1 && only !== undefined) {
    const names = only.outcome === "met" ? "" : ` (${listed(held.map(({ requirement }) => requirementPhrase(requirement)))})`;
    return held.length === 1
      ? say`The only requirement that can be met or missed is ${only.outcome}${names}.`
      : say`All ${counted(held.length, "requirement")} that can be met or missed are ${only.outcome}${names}.`;
  }
  return say`Of ${counted(held.length, "requirement")} that can be met or missed, ${listed(groups)}.`;
}

/** What is missed first, what is given last. */
export function ranked({ requirements }: PlatformPlan): readonly Verdict[] {
  const rank = { missed: 0, unknown: 1, met: 2, given: 3 } as const;
  return requirements.toSorted((a, b) => rank[a.outcome] - rank[b.outcome]);
}
