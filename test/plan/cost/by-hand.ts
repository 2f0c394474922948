import { expect } from "vitest";
import { figureText, priceText } from "../../../src/plan/figure-text.ts";
import type { CostOption } from "../../../src/plan/vocabulary.ts";

/** The number that a person reads: `$3,490.82/month` is 3490.82. */
function read(text: string): number {
  return Number(/[\d,.]+/.exec(text)?.[0]?.replaceAll(",", ""));
}

/**
 * Adds an option up as a person would who has only what is printed: each line is its quantity by its price, to the cent, and the total is the sum of the
 * lines. A total with an unknown line prints as unknown, and the known part is the sum of the others.
 */
export function expectToAddUp({ lines, monthly, known }: CostOption): void {
  let cents = 0;
  for (const line of lines.filter((one) => one.monthly.value !== null)) {
    const product = read(figureText(line.quantity)) * read(priceText(line.price));
    expect(Math.abs(product - read(figureText(line.monthly))), line.item).toBeLessThanOrEqual(0.005 + 1e-9);
    cents += Math.round(read(figureText(line.monthly)) * 100);
  }
  const unknown = lines.filter((one) => one.monthly.value === null).length;
  if (unknown < lines.length) expect(read(figureText(known))).toBe(cents / 100);
  else if (lines.length > 0) expect(figureText(known)).toBe("unknown");
  if (unknown === 0) expect(read(figureText(monthly))).toBe(cents / 100);
  else expect(figureText(monthly)).toBe("unknown");
}
