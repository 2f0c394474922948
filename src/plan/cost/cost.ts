import type { Place } from "../../define/node.ts";
import type { Cost, CostOption, Part, PlanInput, Purchase, Sizing } from "../vocabulary.ts";
import { optionOf } from "./option.ts";
import { providers, siteOf } from "./site.ts";

/** How machines can be bought of each provider, as far as a source gives a price. */
const purchases: Readonly<Record<Place["provider"], readonly Purchase[]>> = {
  aws: ["on-demand", "reserved"],
  google: ["on-demand", "reserved", "spot"],
  azure: ["on-demand", "reserved"],
  lambda: ["on-demand"],
  nebius: ["on-demand", "spot"],
  owned: ["owned"],
};

/**
 * What the platform costs by the month (730 hours) where the environment stands, and elsewhere side by side. Each line is a quantity by a price, to the cent; a
 * total is the sum of its lines, and unknown when one of them is. An environment that does not say where it stands is reckoned as machines of one's own.
 */
export function costOf(input: PlanInput, parts: readonly Part[], sizing: Sizing): Cost {
  const { place } = input.environment;
  const provider = place?.provider ?? "owned";
  const purchase = provider === "owned" ? "owned" : (place?.purchase ?? "on-demand");
  const chosen = optionOf(input, parts, sizing, siteOf(input, provider, purchase));
  const others = providers.flatMap((one) =>
    purchases[one].flatMap((way): CostOption[] => {
      if (one === provider && way === purchase) return [];
      const option = optionOf(input, parts, sizing, siteOf(input, one, way));
      return way === "reserved" || way === "spot" ? (isBought(option, way) ? [option] : []) : [option];
    }),
  );
  return Object.freeze<Cost>({ chosen, options: Object.freeze([chosen, ...others]) });
}

/** Whether something of an option is bought in that way at a known price: else it says no more than the one on demand. */
function isBought({ lines }: CostOption, way: Purchase): boolean {
  return lines.some(({ purchase, price }) => purchase === way && price.value !== null);
}
