import type { Place } from "../../define/node.ts";
import { figureText } from "../../plan/figure-text.ts";
import { roleOfTopic } from "../../plan/choices/choices.ts";
import type { Figure } from "../../plan/figure.ts";
import { planPlatform } from "../../plan/platform.ts";
import type { Choice, PlanInput, PlatformPlan } from "../../plan/vocabulary.ts";
import { systemFacts } from "../../systems/catalogue/index.ts";

/** The platform with one thing changed, planned anew. */
export interface Alternative {
  /** `three zones instead of two`. */
  readonly what: string;
  /** What it answers: a weakness. */
  readonly answers: string;
  /** Of a month; the known part of it where the rest is unknown. */
  readonly cost: { readonly from: Figure; readonly to: Figure };
  readonly uptime: { readonly from: Figure; readonly to: Figure };
  /** Requirements that are missed or unknown now and would be met. */
  readonly gained: readonly string[];
  /** Requirements that are met now and would be missed or unknown. */
  readonly lost: readonly string[];
}

/** Other ways for what is weak, each with its effect on cost, uptime and requirements: the whole plan is computed again for each. */
export function alternativesOf(input: PlanInput, plan: PlatformPlan): readonly Alternative[] {
  const compare = (what: string, answers: string, changed: PlanInput["environment"]): Alternative =>
    compared(what, answers, plan, planPlatform({ ...input, environment: changed }));
  const { environment } = input;
  const spread = moreZones(environment.place);
  return [
    ...(plan.service.failures.some(({ single }) => single)
      ? [compare(spread.what, "single points of failure", { ...environment, place: spread.place })]
      : []),
    ...plan.choices.flatMap((choice) => {
      const other = preferred(choice);
      const role = roleOfTopic[choice.topic];
      if (other === null || role === undefined) return [];
      const bound = { kind: "binding" as const, system: other, options: {}, origin: environment.origin };
      const title = systemFacts.get(other)?.title ?? other;
      return [
        compare(`${title} as the ${role}`, `the rules challenge the choice of ${choice.topic}`, {
          ...environment,
          bindings: { ...environment.bindings, [role]: bound },
        }),
      ];
    }),
    ...cheaperPurchase(environment.place).map(({ what, place }) => compare(what, "cost", { ...environment, place })),
  ];
}

function moreZones(place: Place | null): { readonly what: string; readonly place: Place } {
  if (place === null)
    return { what: "two zones of AWS", place: { provider: "aws", region: null, zones: 2, purchase: "on-demand", encryptedDisks: false } };
  return { what: `${place.zones + 1} zones instead of ${place.zones}`, place: { ...place, zones: place.zones + 1 } };
}

function cheaperPurchase(place: Place | null): readonly { readonly what: string; readonly place: Place }[] {
  if (place === null || place.purchase !== "on-demand") return [];
  return (["reserved", "spot"] as const).map((purchase) => ({
    what: `${purchase} machines instead of on-demand`,
    place: { ...place, purchase },
  }));
}

/** What the rules put before a choice; null where they support it, or where that is no system. */
function preferred({ verdict, candidates, chosen }: Choice): string | null {
  const best = candidates[0]?.system;
  return verdict === "supported" || best === undefined || best === chosen || !systemFacts.has(best) ? null : best;
}

function compared(what: string, answers: string, now: PlatformPlan, then: PlatformPlan): Alternative {
  const met = (plan: PlatformPlan) =>
    new Set(plan.requirements.filter(({ outcome }) => outcome === "met").map(({ requirement: { name, text } }) => `${name} ${text}`));
  const [before, after] = [met(now), met(then)];
  const cost = ({ cost: { chosen } }: PlatformPlan) => (chosen.monthly.value === null ? chosen.known : chosen.monthly);
  return Object.freeze<Alternative>({
    what,
    answers,
    cost: { from: cost(now), to: cost(then) },
    uptime: { from: now.service.uptime, to: then.service.uptime },
    gained: [...after].filter((one) => !before.has(one)),
    lost: [...before].filter((one) => !after.has(one)),
  });
}

/** `$12.00/month to at least $20.00/month` */
export function costText({ cost: { from, to } }: Alternative): string {
  const text = (figure: Figure) => (figure.name === "known cost" ? `at least ${figureText(figure)}` : figureText(figure));
  return `${text(from)} to ${text(to)}`;
}
