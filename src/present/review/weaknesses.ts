import type { CostLine, PlatformPlan } from "../../plan/vocabulary.ts";
import type { Severity } from "./feedback.ts";

/** What a design would be asked about, found by itself. */
export interface Weakness {
  readonly kind:
    | "missed requirement"
    | "unknown requirement"
    | "single point of failure"
    | "challenged choice"
    | "described system"
    | "open decision"
    | "stale price"
    | "claim without a check";
  /** A part's name, a requirement's, a topic's. */
  readonly of: string;
  readonly severity: Severity;
  readonly what: string;
}

/** A price older than this is asked for again. */
const staleDays = 180;
const order: readonly Severity[] = ["high", "medium", "low"];

/**
 * Missed and unknown requirements, single points of failure, choices that are open or that the rules challenge, systems that are only described, old prices, and
 * claims that no check shows; the gravest first.
 *
 * @param today ISO 8601, by which prices are old
 */
export function weaknessesOf(plan: PlatformPlan, today: string): readonly Weakness[] {
  return [
    ...requirements(plan),
    ...singlePoints(plan),
    ...choices(plan),
    ...plan.parts.flatMap(({ id, title, status }): Weakness[] =>
      status === "works"
        ? []
        : [{ kind: "described system", of: id, severity: "medium", what: `${title} is described only: nothing has run on it` }],
    ),
    ...stalePrices(plan.cost.chosen.lines, today),
    ...claims(plan),
  ].toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

function requirements(plan: PlatformPlan): Weakness[] {
  return plan.requirements.flatMap(({ requirement: { name, text }, outcome, reason }): Weakness[] => {
    const what = `${name} ${text}: ${reason}`;
    if (outcome === "missed") return [{ kind: "missed requirement", of: name, severity: "high", what }];
    return outcome === "unknown" ? [{ kind: "unknown requirement", of: name, severity: "medium", what }] : [];
  });
}

function singlePoints({ service }: PlatformPlan): Weakness[] {
  const onTheWay = new Set(service.parts.map(({ part }) => part));
  return service.failures.flatMap(({ part, single, breaks, userSees, heals }): Weakness[] =>
    single
      ? [
          {
            kind: "single point of failure",
            of: part,
            severity: onTheWay.has(part) ? "high" : "medium",
            what: `when ${breaks}: ${userSees}; ${heals}`,
          },
        ]
      : [],
  );
}

function choices(plan: PlatformPlan): Weakness[] {
  return plan.choices.flatMap(({ topic, chosen, because, verdict, candidates }): Weakness[] => {
    const best = candidates[0];
    const rules = best === undefined || best.system === chosen ? "" : `: the rules prefer ${best.title}`;
    return [
      ...(verdict === "challenged"
        ? [{ kind: "challenged choice" as const, of: topic, severity: "medium" as const, what: `${chosen} was chosen${rules}` }]
        : []),
      ...(because === null
        ? [{ kind: "open decision" as const, of: topic, severity: "low" as const, what: `nobody has said why ${chosen} was chosen` }]
        : []),
    ];
  });
}

function stalePrices(lines: readonly CostLine[], today: string): Weakness[] {
  return lines.flatMap(({ part, item, price: { origin } }): Weakness[] => {
    if (origin.kind !== "catalogue") return [];
    const days = (Date.parse(today) - Date.parse(origin.date)) / 86_400_000;
    return days > staleDays
      ? [
          {
            kind: "stale price",
            of: part,
            severity: "low",
            what: `the price of ${item} is of ${origin.date}, ${Math.floor(days)} days old`,
          },
        ]
      : [];
  });
}

function claims({ compliance }: PlatformPlan): Weakness[] {
  return compliance.flatMap(({ standard, controls }): Weakness[] => {
    const claimed = controls.filter(({ status }) => status === "claimed").map(({ id }) => id);
    const open = controls.filter(({ status }) => status === "open").length;
    return [
      ...(open === 0
        ? []
        : [
            {
              kind: "unknown requirement" as const,
              of: standard,
              severity: "medium" as const,
              what: `${open} of ${controls.length} controls of ${standard} are open: somebody must act`,
            },
          ]),
      ...(claimed.length === 0
        ? []
        : [
            {
              kind: "claim without a check" as const,
              of: standard,
              severity: "low" as const,
              what: `${claimed.slice(0, 8).join(", ")}${claimed.length > 8 ? ` and ${claimed.length - 8} more` : ""}: no event of the journal shows ${claimed.length === 1 ? "it" : "them"} yet`,
            },
          ]),
    ];
  });
}
