import { figureText, priceText } from "../../src/plan/figure-text.ts";
import { figuresOf } from "../../src/present/story/figures.ts";
import type { Planned } from "./platforms.ts";

const pattern = /\d[\d,]*(?:\.\d+)*/g;

/** The numbers of a text that stand neither among the plan's figures, as they are printed, nor in its words, nor count what the plan lists. */
export function strangeNumbers(text: string, { definition, plan }: Planned): readonly string[] {
  const words: string[] = [];
  const lengths = new Set<number>();
  const stack: unknown[] = [plan, definition];
  const seen = new Set<unknown>();
  for (let value = stack.pop(); value !== undefined; value = stack.pop()) {
    if (typeof value === "string") words.push(value);
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    if (Array.isArray(value)) for (let count = 0; count <= value.length; count++) lengths.add(count);
    stack.push(...Object.values(value).filter((inner) => inner !== null && inner !== undefined));
  }
  const lines = [
    definition.origin.line,
    ...definition.assets.map(({ origin }) => origin.line),
    ...plan.parts.map(({ origin }) => origin.line),
  ];
  const lineOf = JSON.stringify([definition, plan]).match(/"line":\d+/g) ?? [];
  const known = [
    ...figuresOf(plan).flatMap((figure) => [figureText(figure), priceText(figure)]),
    ...words,
    ...partSums(plan),
    ...lines.map(String),
    ...lineOf,
    // Sections, and where the markers' kinds stand.
    ...Array.from({ length: 11 }, (_, index) => String(index)),
  ].join("\n");
  const allowed = new Set([...known.matchAll(pattern)].map(([number]) => number));
  for (const length of lengths) allowed.add(length.toLocaleString("en-US"));
  // A number with its unit must be a figure or the platform file's; a bare one may count what the plan lists.
  const units = [
    ...text
      .replaceAll("\u00a0", " ")
      .matchAll(/(?:≥ )?(\$[\d,.]*\d(?:\/month|\/hour)?|\d[\d,.]* (?:µs|ms|min|days|kB|MB|GB|TB|PB|kWh|kg CO2e|W|%)(?![\w]))/g),
  ].map(([, number = ""]) => number);
  return [
    ...new Set([...text.matchAll(pattern)].map(([number]) => number.replace(/,$/, "")).filter((number) => !allowed.has(number))),
    ...new Set(units.filter((number) => !known.includes(number))),
  ];
}

/** What the diagram writes below a part: the sum of its lines of the bill. */
function partSums({ cost, parts }: Planned["plan"]): readonly string[] {
  return parts.map(({ id }) => {
    const value = cost.chosen.lines.reduce((sum, { part, monthly }) => sum + (part === id ? (monthly.value ?? 0) : 0), 0);
    return figureText({ name: "", value, unit: "USD/month", range: null, origin: { kind: "unknown", why: "" } });
  });
}
