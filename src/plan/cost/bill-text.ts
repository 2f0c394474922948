import { figureText, originText, priceText } from "../figure-text.ts";
import { whyUnknown } from "../figure.ts";
import type { Cost, CostOption } from "../vocabulary.ts";

/** A bill line by line, so that a person can add it up: part, item, quantity x price = cost, and where the price is from. */
export function billRows({ lines }: CostOption): readonly (readonly string[])[] {
  return lines.map((line) => {
    const { part, item, purchase, quantity, price, monthly } = line;
    const bought = purchase === "on-demand" || purchase === "owned" ? item : `${item} (${purchase})`;
    return [part, bought, figureText(quantity), "x", priceText(price), "=", figureText(monthly), whyUnknown(monthly) ?? originText(price)];
  });
}

/** Options side by side: what each costs, its known part where that is not all, and what an inference and a training run take. */
export function optionRows({ options }: Cost): readonly (readonly string[])[] {
  const header = ["", "a month", "known of it", "an inference", "a training run", "a terabyte", "energy", "carbon"];
  return [
    header,
    ...options.map(({ name, monthly, known, perInference, perTrainingRun, perTerabyte, energy, carbon }) => [
      name,
      ...[monthly, known, perInference, perTrainingRun, perTerabyte, energy.monthly, carbon.monthly].map((figure) => figureText(figure)),
    ]),
  ];
}
