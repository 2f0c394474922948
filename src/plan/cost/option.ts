import type { CostOption, Part, PlanInput, Purchase, Sizing } from "../vocabulary.ts";
import { computed, type Figure } from "../figure.ts";
import { rentedEntries, type Entry } from "./bill.ts";
import { total, totalOfKnown } from "./money.ts";
import { ownedEntries } from "./owned.ts";
import { perTerabyteOf, sharesOf, sumOf, type Reading } from "./per.ts";
import { carbonOf, surroundingsOf } from "./power.ts";
import type { Site } from "./site.ts";

const words: Readonly<Record<Purchase, string>> = { "on-demand": "on demand", reserved: "reserved", spot: "spot", owned: "owned" };

/** How an option is called: `aws us-east-1, on demand`. */
export function optionName({ provider, region, purchase }: Site): string {
  return provider === "owned" ? `owned, ${region}` : `${provider} ${region}, ${words[purchase]}`;
}

/** The platform at one place, bought in one way: its lines, its total, and what an inference, a training run and a terabyte take of money, energy and carbon. */
export function optionOf(input: PlanInput, parts: readonly Part[], sizing: Sizing, site: Site): CostOption {
  const surroundings = surroundingsOf(site, null);
  const entries =
    site.provider === "owned" ? ownedEntries(input, parts, sizing, site) : rentedEntries(input, parts, sizing, site, surroundings);
  const lines = entries.map(({ line }) => line);
  const amounts = lines.map(({ monthly }) => monthly);
  // Not to the cent: a training of seconds costs less than one.
  const cost: Reading = ({ line: { quantity, price } }) =>
    computed("monthly cost", "USD/month", "quantity x price", [quantity, price], (count = 0, each = 0) => count * each);
  const shares = sharesOf("cost", "USD", input, parts, sizing, entries, cost);
  const energy = energyOf(input, parts, sizing, entries);
  const carbon = {
    monthly: carbonOf("carbon", energy.monthly, surroundings),
    perInference: carbonOf("carbon of an inference", energy.perInference, surroundings),
    perTrainingRun: carbonOf("carbon of a training run", energy.perTrainingRun, surroundings),
  };
  return Object.freeze<CostOption>({
    name: optionName(site),
    ...site,
    lines,
    monthly: total("cost", amounts),
    known: totalOfKnown("known cost", amounts),
    ...shares,
    perTerabyte: perTerabyteOf(input, parts, sizing, entries, cost),
    energy,
    carbon,
  });
}

function energyOf(input: PlanInput, parts: readonly Part[], sizing: Sizing, entries: readonly Entry[]): CostOption["energy"] {
  const reading: Reading = ({ energy }): Figure | null => energy;
  return Object.freeze({
    monthly: sumOf("energy", "kWh", entries, null, reading),
    ...sharesOf("energy", "kWh", input, parts, sizing, entries, reading),
  });
}
