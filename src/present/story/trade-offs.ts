import { systemFacts } from "../../systems/catalogue/index.ts";
import type { Choice, CostOption, PlatformPlan } from "../../plan/vocabulary.ts";
import { partTitle, topicTitle } from "./names.ts";
import { say, strong, table } from "./say.ts";
import type { DraftBlock, DraftSection, DraftText } from "./vocabulary.ts";
import { capital, listed, sentence } from "./words.ts";
import { chosenTitle, limitsOf, pros } from "./tools.ts";

/** What was given up for what, and at which value the answer would change. */
export function tradeOffsSection(plan: PlatformPlan, rows: number, limit: number): DraftSection {
  const items = [...costTradeOff(plan), ...acceptedLimits(plan)].slice(0, limit);
  const { choices } = plan;
  const blocks: DraftBlock[] = [];
  if (choices.length > 0)
    blocks.push(
      table(
        [
          { title: "Choice", width: 18 },
          { title: "Gained", width: 28 },
          { title: "Given up", width: 28 },
          { title: "When the answer changes", width: 26 },
        ],
        choices.map((choice) => [
          [`${topicTitle(choice.topic)}: ${chosenTitle(choice)}`],
          gained(choice),
          givenUp(choice),
          [capital(choice.turningPoint ?? "at no value that the rules know")],
        ]),
        rows,
        "choice",
      ),
    );
  if (items.length > 0) blocks.push({ kind: "list", items });
  if (blocks.length === 0)
    blocks.push({
      kind: "paragraph",
      text: say`No trade-off is on record: no alternative was rejected, no system bound here has a known limit.`,
    });
  return { title: "Trade-offs", blocks };
}

function gained(choice: Choice): DraftText {
  const own = choice.candidates.find(({ system }) => system === choice.chosen);
  const reasons = own === undefined ? [] : pros(own);
  return [capital(reasons.length > 0 ? listed(reasons) : (systemFacts.get(choice.chosen)?.what ?? "nothing that the rules know"))];
}

/** What the best of the others would have brought. */
function givenUp({ candidates, chosen }: Choice): DraftText {
  const other = candidates.find(({ system, rules }) => system !== chosen && rules.some(({ points }) => points > 0));
  return [other === undefined ? "Nothing that the rules know" : `${other.title}: ${listed(pros(other))}`];
}

/** What the cheapest way would cost, where that is known of both. */
export function costTradeOff({ cost: { chosen, options } }: PlatformPlan): readonly DraftText[] {
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
