import type { Figure } from "../../plan/figure.ts";
import type { PlatformPlan } from "../../plan/vocabulary.ts";

/** Every figure of a plan, and those that they were computed from. */
export function figuresOf(plan: PlatformPlan): readonly Figure[] {
  const found: Figure[] = [];
  const seen = new Set<unknown>();
  const stack: unknown[] = [plan];
  for (let value = stack.pop(); value !== undefined; value = stack.pop()) {
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    if (isFigure(value)) found.push(value);
    stack.push(...Object.values(value).filter((inner) => typeof inner === "object" && inner !== null));
  }
  return found;
}

/** The newest day of a plan's measurements and prices: what a document is dated with, so that the same plan gives the same document. */
export function newestDate(plan: PlatformPlan): string | null {
  const days = figuresOf(plan).flatMap(({ origin }) =>
    origin.kind === "measured" ? [origin.time.slice(0, 10)] : origin.kind === "catalogue" ? [origin.date.slice(0, 10)] : [],
  );
  const evidence = plan.measurements.evidence.map(({ time }) => time.slice(0, 10));
  return [...days, ...evidence]
    .filter((day) => /^\d{4}-\d{2}-\d{2}$/.test(day))
    .reduce<string | null>((a, b) => (a === null || b > a ? b : a), null);
}

function isFigure(value: object): value is Figure {
  return "name" in value && "value" in value && "unit" in value && "range" in value && "origin" in value;
}
