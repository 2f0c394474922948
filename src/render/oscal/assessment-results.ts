import type { ComplianceReport, ControlVerdict, Evidence, PlatformPlan } from "../../plan/vocabulary.ts";
import { controlId, dateOf, identity, metadata } from "./ids.ts";
import { sentences } from "./component-definition.ts";

/** What was assessed by itself: a control is satisfied only by events of the journal, and every other one is a finding with what is left to do. */
export function assessmentResults(plan: PlatformPlan, report: ComplianceReport): object {
  const plannedBy = identity(plan, report.standard, "assessment-plan");
  const events = new Map(
    report.controls.flatMap(({ by }) =>
      by.flatMap((one) => (one.by === "evidence" ? [[one.evidence.sequence, one.evidence] as const] : [])),
    ),
  );
  const observations = [...events.values()].map((evidence) => observation(plan, evidence));
  return {
    "assessment-results": {
      uuid: identity(plan, report.standard, "assessment-results"),
      metadata: metadata(plan, `Assessment of ${plan.platform} for ${report.standard}`),
      "import-ap": { href: `#${plannedBy}` },
      results: [
        {
          uuid: identity(plan, report.standard, "result"),
          title: `What ${plan.environment} shows by itself`,
          description: "Made from the journal's events. No assessor has looked at it.",
          start: dateOf(plan),
          "reviewed-controls": {
            "control-selections": [{ "include-controls": report.controls.map(({ id }) => ({ "control-id": controlId(id) })) }],
          },
          ...(observations.length === 0 ? {} : { observations }),
          findings: report.controls.map((control) => finding(plan, report.standard, control)),
        },
      ],
      "back-matter": {
        resources: [
          {
            uuid: plannedBy,
            title: "Assessment plan",
            description: "There is none: the checks are those of Millwright, each time that it runs.",
          },
        ],
      },
    },
  };
}

function observation(plan: PlatformPlan, { type, asset, sequence, time }: Evidence): object {
  return {
    uuid: identity(plan, "observation", String(sequence)),
    description: `Event ${sequence} of the journal: ${type}${asset === null ? "" : ` of ${asset}`}.`,
    methods: ["TEST"],
    types: ["control-objective"],
    collected: time,
  };
}

function finding(plan: PlatformPlan, standard: string, { id, title, status, by, remaining }: ControlVerdict): object {
  const related = by.flatMap((one) => (one.by === "evidence" ? [identity(plan, "observation", String(one.evidence.sequence))] : []));
  return {
    uuid: identity(plan, standard, "finding", id),
    title,
    description: by.length === 0 ? "Nothing satisfies it." : sentences(by),
    target: {
      type: "objective-id",
      "target-id": `${controlId(id)}_obj`,
      status: {
        state: status === "shown" ? "satisfied" : "not-satisfied",
        reason: status === "shown" ? "pass" : status === "open" ? "fail" : "other",
        ...(status === "shown"
          ? {}
          : { remarks: remaining === null ? "It is claimed, and no event of the journal shows it." : `Left to do: ${remaining}.` }),
      },
    },
    ...(related.length === 0 ? {} : { "related-observations": related.map((uuid) => ({ "observation-uuid": uuid })) }),
  };
}
