import type { PlatformPlan } from "../../plan/vocabulary.ts";
import { bounds } from "./requirements.ts";
import { openControls, standingOf } from "./compliance.ts";
import { asked, requirementPhrase, requirementTitle, titleOf, topicTitle } from "./names.ts";
import { say, status, table } from "./say.ts";
import { singles } from "./service.ts";
import { chosenTitle, systemTitle } from "./tools.ts";
import type { DraftSection, DraftText, Status } from "./vocabulary.ts";
import { capital, counted, listed } from "./words.ts";

/** Something that may go wrong, and what to do about it. */
export interface Risk {
  readonly weight: "high" | "medium" | "low";
  readonly what: DraftText;
  readonly act: DraftText;
}

const ranks: Readonly<Record<Risk["weight"], number>> = { high: 0, medium: 1, low: 2 };
const statuses: Readonly<Record<Risk["weight"], Status>> = { high: "bad", medium: "open", low: "neutral" };

/** What may go wrong, the worst first. */
export function risksSection(plan: PlatformPlan, limit: number): DraftSection {
  const risks = risksOf(plan);
  if (risks.length === 0)
    return {
      title: "Risks",
      blocks: [
        { kind: "paragraph", text: say`The plan finds none: every requirement is met, every choice has its reason, no part is alone.` },
      ],
    };
  return {
    title: "Risks",
    blocks: [
      table(
        [
          { title: "Weight", width: 9 },
          { title: "Risk", width: 46 },
          { title: "What to do", width: 45 },
        ],
        risks.map(({ weight, what, act }) => [[status(statuses[weight], weight)], what, act]),
        limit,
        "risk",
      ),
    ],
  };
}

/** What the plan itself shows to be weak: missed and unknown requirements, single points of failure, open controls and choices, parts that cannot run. */
export function risksOf(plan: PlatformPlan): readonly Risk[] {
  return [
    ...missedRisks(plan),
    ...singleRisks(plan),
    ...controlRisks(plan),
    ...unknownRisks(plan),
    ...choiceRisks(plan),
    ...describedRisks(plan),
    ...costRisks(plan),
  ].toSorted((a, b) => ranks[a.weight] - ranks[b.weight]);
}

function missedRisks(plan: PlatformPlan): readonly Risk[] {
  return bounds(plan)
    .filter(({ outcome }) => outcome === "missed")
    .map(({ requirement, reason }) => ({
      weight: "high",
      what: say`${requirementTitle(requirement)} (${asked(requirement)}) is missed: ${reason}.`,
      act: say`Change what ${requirementPhrase(requirement)} follows from, or agree on another bound before money is spent.`,
    }));
}

function singleRisks(plan: PlatformPlan): readonly Risk[] {
  const parts = singles(plan);
  if (parts.length === 0) return [];
  return [
    {
      weight: "high",
      what: say`${capital(listed(parts.map((part) => titleOf(plan, part))))} ${parts.length === 1 ? "is a single point" : "are single points"} of failure.`,
      act: say`Give ${listed(parts.map((part) => titleOf(plan, part)))} a second replica in another zone, or accept the recovery time in writing.`,
    },
  ];
}

function controlRisks(plan: PlatformPlan): readonly Risk[] {
  return plan.compliance.flatMap((report): Risk[] => {
    const { standard, open } = standingOf(report);
    if (open === 0) return [];
    const first = openControls({ ...plan, compliance: [report] })
      .slice(0, 3)
      .map(({ title }) => title);
    return [
      {
        weight: "high",
        what: say`${capital(counted(open, "control"))} of ${standard} ${open === 1 ? "is" : "are"} open: ${listed(first)}${open > first.length ? ", and others" : ""}.`,
        act: say`Name an owner and a day for each open control of ${standard}; the compliance section says who must act.`,
      },
    ];
  });
}

function unknownRisks(plan: PlatformPlan): readonly Risk[] {
  const unknown = bounds(plan).filter(({ outcome }) => outcome === "unknown");
  if (unknown.length === 0) return [];
  return [
    {
      weight: "medium",
      what: say`Nobody knows yet whether ${listed(unknown.map(({ requirement }) => requirementPhrase(requirement)))} will be met.`,
      act: say`Run the platform and measure (millwright run, up), or give the prices and places that are missing.`,
    },
  ];
}

function choiceRisks({ choices }: PlatformPlan): readonly Risk[] {
  const open = choices.filter(({ because }) => because === null);
  const challenged = choices.filter(({ verdict, because }) => verdict === "challenged" && because !== null);
  return [
    ...choices.flatMap((choice): readonly Risk[] =>
      choice.bound === null
        ? []
        : [
            {
              weight: "low",
              what: say`The decision on ${topicTitle(choice.topic).toLowerCase()} is ${chosenTitle(choice)}, and this environment binds ${systemTitle(choice.bound)}.`,
              act: say`Bind what was decided where it counts, or say in the decision where it holds.`,
            },
          ],
    ),
    ...challenged.map((choice): Risk => ({
      weight: "medium",
      what: say`The rules challenge ${chosenTitle(choice)} as ${topicTitle(choice.topic).toLowerCase()}.`,
      act: say`Hold the written reason for ${chosenTitle(choice)} against the rule, and keep what convinces.`,
    })),
    ...(open.length === 0
      ? []
      : [
          {
            weight: "medium" as const,
            what: say`Nobody has given a reason for ${listed(open.map(({ topic }) => topicTitle(topic).toLowerCase()))}.`,
            act: say`Write a decision(...) for each of the open choices, or choose again.`,
          },
        ]),
  ];
}

function describedRisks({ parts }: PlatformPlan): readonly Risk[] {
  const described = [...new Set(parts.filter((part) => part.status === "described").map(({ title }) => title))];
  if (described.length === 0) return [];
  return [
    {
      weight: "medium",
      what: say`${capital(listed(described))} ${described.length === 1 ? "was" : "were"} never run by Millwright: what is said of ${described.length === 1 ? "it" : "them"} is from the catalogue.`,
      act: say`Try ${listed(described)} on a small load before committing.`,
    },
  ];
}

function costRisks({ cost: { chosen } }: PlatformPlan): readonly Risk[] {
  const missing = chosen.lines.filter(({ monthly }) => monthly.value === null);
  if (missing.length === 0) return [];
  return [
    {
      weight: "low",
      what: say`The bill has ${counted(missing.length, "line")} without a price: ${listed([...new Set(missing.map(({ item }) => item))].slice(0, 4))}.`,
      act: say`Ask for the missing prices, and give them to the plan.`,
    },
  ];
}
