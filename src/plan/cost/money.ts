import { computed, unknown, whyUnknown, type Figure } from "../figure.ts";

/** A figure without the figures that it was computed from, which stand elsewhere in the plan (with its part's sizes, in its line): its formula and, when it is unknown, why. */
export function brief(figure: Figure): Figure {
  const { name, unit, origin, value } = figure;
  if (origin.kind !== "computed" || origin.from.length === 0) return figure;
  if (value === null) return unknown(name, unit, whyUnknown(figure) ?? `${name} is not known`);
  return Object.freeze<Figure>({ ...figure, origin: { kind: "computed", formula: origin.formula, from: [] } });
}

/** To the cent, halves up, without the error of binary fractions: 1.005 is 1.01. */
export function toCents(dollars: number): number {
  return Math.round(Number((dollars * 100).toPrecision(12))) / 100;
}

/** The sum of amounts of whole cents, exactly. */
export function sumOfCents(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + Math.round(amount * 100), 0) / 100;
}

/** A quantity as it is billed: up to whole ones from 100 on, to three digits that count below, so that what is printed is what was reckoned with. */
export function billed(quantity: number): number {
  if (quantity <= 0) return 0;
  const digits = quantity >= 100 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(quantity)));
  const scale = 10 ** digits;
  return Math.ceil(Number((quantity * scale).toPrecision(12))) / scale;
}

/** What a quantity costs in a month, to the cent; its range follows the price's. */
export function monthlyCost(quantity: Figure, price: Figure): Figure {
  const figure = computed("monthly cost", "USD/month", "quantity x price, to the cent", [quantity, price], (count = 0, each = 0) =>
    toCents(count * each),
  );
  if (figure.value === null || price.range === null || quantity.value === null) return figure;
  const [low, high] = price.range;
  return Object.freeze<Figure>({ ...figure, range: [toCents(quantity.value * low), toCents(quantity.value * high)] });
}

/** The sum of those figures of whole cents that are known: unknown when none is. */
export function totalOfKnown(name: string, figures: readonly Figure[]): Figure {
  const known = figures.filter(({ value }) => value !== null);
  return total(name, known.length === 0 ? figures : known);
}

/** The sum of figures of whole cents: unknown when one is. */
export function total(name: string, figures: readonly Figure[]): Figure {
  const sum = computed(name, "USD/month", "sum of the lines", figures.map(brief), (...values) => sumOfCents(values));
  if (sum.value === null || figures.every(({ range }) => range === null)) return sum;
  const bound = (side: 0 | 1) => sumOfCents(figures.map(({ range, value }) => range?.[side] ?? value ?? 0));
  return Object.freeze<Figure>({ ...sum, range: [bound(0), bound(1)] });
}
