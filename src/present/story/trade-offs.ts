import { systemFacts } from "../../systems/catalogue/index.ts";
import type { CostOption, PlatformPlan } from "../../plan/vocabulary.ts";
import { partTitle, topicTitle } from "./names.ts";
import { say, strong } from "./say.ts";
import type { DraftSection, DraftText } from "./vocabulary.ts";
import { capital, listed, sentence } from "./words.ts";
import { chosenTitle, limitsOf } from "./tools.ts";

/** What was given up for what, and at which value the answer would change. */
export function tradeOffsSection(plan: PlatformPlan, limit: number): DraftSection {
  const items = tradeOffs(plan).slice(0, limit);
  return {
    title: "Trade-offs",
    blocks: [
      items.length === 0
        ? { kind: "paragraph", text: say`No trade-off is on record: no alternative was rejected, no system bound here has a known limit.` }
        : { kind: "list", items },
    ],
  };
}

/** The same for slides and notes: what is accepted, rejected, dearer. */
export function tradeOffs(plan: PlatformPlan): readonly DraftText[] {
  return [...costTradeOff(plan), ...turningPoints(plan), ...acceptedLimits(plan)];
}

/** What the cheapest way would cost, where that is known of both. */
function costTradeOff({ cost: { chosen, options } }: PlatformPlan): readonly DraftText[] {
  const known = options.filter(({ monthly }) => monthly.value !== null);
  const cheapest = known.reduce<CostOption | null>(
    (best, one) => (best === null || (one.monthly.value ?? 0) < (best.monthly.value ?? 0) ? one : best),
    null,
  );
  if (cheapest === null || chosen.monthly.value === null) return [];
  if (cheapest.name === chosen.name)
    return [say`${strong("Cost:")} of the ways that were priced in full, ${chosen.name} is the cheapest at ${chosen.monthly}.`];
  return [
    say`${strong("Cost:")} ${cheapest.name} would cost ${cheapest.monthly}, ${chosen.name} costs ${chosen.monthly}. ${purchaseRisk(cheapest)}`,
  ];
}

function purchaseRisk({ purchase }: CostOption): string {
  switch (purchase) {
    case "spot":
      return "Spot machines may be taken away at any moment: runs resume from their last commit, the endpoint would lose replicas.";
    case "reserved":
      return "Reserved machines are paid whether they are used or not.";
    case "owned":
      return "Owned machines ask for money first, and for people.";
    case "on-demand":
      return "Moving there is the price of it.";
  }
}

function turningPoints({ choices }: PlatformPlan): readonly DraftText[] {
  return choices.flatMap((choice) =>
    choice.turningPoint === null
      ? []
      : [say`${strong(`${topicTitle(choice.topic)}:`)} ${chosenTitle(choice)} is chosen; ${choice.turningPoint.replace(/[.]$/, "")}.`],
  );
}

/** What one accepts with each system. */
function acceptedLimits({ parts }: PlatformPlan): readonly DraftText[] {
  const seen = new Set<string>();
  return parts.flatMap((part) => {
    const limits = limitsOf(part);
    if (limits === "" || seen.has(part.system)) return [];
    seen.add(part.system);
    const good = systemFacts.get(part.system)?.what ?? "";
    return [say`${strong(`${partTitle(part)}:`)} ${lower(good)}; accepted: ${limits}.`];
  });
}

/** As the middle of a sentence, but for what is written in capitals. */
function lower(text: string): string {
  return /^[A-Z][a-z ]/.test(text) && !/^(Iceberg|Millwright|Python|Google|Microsoft|NVIDIA|Apache|HTTP)/.test(text)
    ? text.charAt(0).toLowerCase() + text.slice(1)
    : text;
}

/** Rejected alternatives with their reasons, for who asks. */
export function rejections({ choices }: PlatformPlan): readonly string[] {
  return choices.flatMap(({ topic, rejected }) =>
    rejected.length === 0
      ? []
      : [
          `${topicTitle(topic)}: ${listed(rejected.map(({ system, reason }) => `${systemFacts.get(system)?.title ?? system} was rejected, because ${reason.replace(/[.]$/, "")}`))}.`,
        ]
          .map(capital)
          .map(sentence),
  );
}
