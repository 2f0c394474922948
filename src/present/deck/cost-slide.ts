import { figureText } from "../../plan/figure-text.ts";
import { whyUnknown, type Figure } from "../../plan/figure.ts";
import type { CostOption, PlatformPlan } from "../../plan/vocabulary.ts";
import { costText, dearest, footprintText, priceable } from "../story/cost.ts";
import { titleOf } from "../story/names.ts";
import { shown } from "../story/say.ts";
import { growText, sizesText, sizingSteps, worthShowing } from "../story/scale.ts";
import { capital } from "../story/words.ts";
import { colours, content, type Line, type Shape, type Slide } from "./slide.ts";
import { tableShapes } from "./table.ts";
import { lineOf, plain } from "./text.ts";

/** What it costs side by side, and how large it is. */
export function costSlide(plan: PlatformPlan): Slide {
  const { chosen } = plan.cost;
  const options = priceable(plan.cost.options);
  const sized = worthShowing(plan);
  return {
    topic: "Scalability and cost",
    title: costTitle(chosen),
    shapes: [...costShapes(chosen, options), ...sizeShapes(plan)],
    spoken: [
      plain(costText(chosen)),
      ...elsewhere(options.filter(({ name }) => name !== chosen.name).slice(0, 5)),
      ...dearest(chosen)
        .filter(({ monthly }) => monthly.value !== null)
        .slice(0, 3)
        .map(
          ({ part, item, quantity, price, monthly }) =>
            `${titleOf(plan, part)}: ${item}, ${figureText(quantity)} at ${plain([{ kind: "figure", figure: price, price: true }])}, is ${figureText(monthly)}.`,
        ),
      plain(sizesText(plan)),
      ...sized
        .filter(({ replicas, cores, memory }) => [replicas, cores, memory].every(({ value }) => value !== null && value !== 0))
        .slice(0, 6)
        .map(
          ({ part, replicas, cores, memory }) =>
            `${titleOf(plan, part)}: ${figureText(replicas)} x ${figureText(cores)} cores with ${figureText(memory)} of memory.`,
        ),
      ...plan.service.autoscaling.map((one) => plain(growText(plan, one))),
      plain(footprintText(chosen)),
      "A month counts seven hundred and thirty hours. A price that no source gives stays unknown and leaves the sum a lower bound; a price of our own contract can be given to the plan and takes its place.",
      "Sizes are lower bounds with a margin for the peak. They follow from the requirements by formulas that the document names, and they are corrected as soon as something was measured.",
      ...sizingSteps(plan, 4).map(plain),
      "If the load doubles, nothing has to be redrawn: change the requirement, plan again, and compare both plans line by line.",
    ],
    figures: [
      ...options.flatMap(({ monthly, known }) => (monthly.value === null ? known : monthly)),
      ...sized.flatMap(({ replicas, cores, memory, storage }) => [replicas, cores, memory, ...(storage === null ? [] : [storage])]),
    ].filter((figure: Figure) => figure.value !== null),
  };
}

function costTitle({ monthly, known, perInference, lines }: CostOption): string {
  const each = perInference.value === null ? "what an inference costs is unknown" : `${figureText(perInference)} an inference`;
  if (monthly.value !== null) return `${figureText(monthly)} where it stands; ${each}`;
  return lines.some((line) => line.monthly.value !== null)
    ? `At least ${figureText(known)}, as not every line has a price; ${each}`
    : `What it costs is unknown: ${whyUnknown(monthly) ?? ""}`;
}

/** The other ways to buy it, in a sentence. */
function elsewhere(options: readonly CostOption[]): readonly string[] {
  if (options.length === 0) return [];
  const said = options.map(
    ({ name, monthly, known }) => `${name}, ${monthly.value === null ? `at least ${figureText(known)}` : figureText(monthly)}`,
  );
  return [`The same sizes, bought elsewhere or otherwise: ${said.join("; ")}.`];
}

/** A bar for each way to buy it, those that are not known in full marked so. */
function costShapes(chosen: CostOption, options: readonly CostOption[]): readonly Shape[] {
  const place = { ...content, w: 5.9 };
  if (options.length === 0) {
    const why = whyUnknown(chosen.monthly) ?? "no price is known";
    return [
      { kind: "box", place, fill: colours.ground, line: colours.rule },
      {
        kind: "text",
        place: { x: place.x + 0.3, y: place.y + 0.3, w: place.w - 0.6, h: place.h - 0.6 },
        lines: [[{ text: "Cost: unknown", bold: true, colour: colours.open }], [{ text: `${capital(why)}.` }]],
        size: 16,
      },
    ];
  }
  const bars = options.slice(0, 8);
  const value = ({ monthly, known }: CostOption): number => monthly.value ?? known.value ?? 0;
  return [
    {
      kind: "chart",
      place,
      title: bars.some(({ monthly }) => monthly.value === null)
        ? "US dollars a month (≥: not every line has a price)"
        : "US dollars a month",
      labels: bars.map(({ name, monthly }) => `${monthly.value === null ? "≥ " : ""}${name}`),
      series: [{ name: "US dollars a month", values: bars.map(value), colour: colours.accent }],
      format: "$#,##0.00",
      stacked: false,
    },
  ];
}

function sizeShapes(plan: PlatformPlan): readonly Shape[] {
  const sized = worthShowing(plan);
  const place = { ...content, x: content.x + 6.2, w: content.w - 6.2 };
  if (sized.length === 0)
    return [{ kind: "text", place: { ...place, h: 1 }, lines: [[{ text: "No part has a size yet.", colour: colours.open }]], size: 16 }];
  return tableShapes(
    place,
    [
      { title: "Part", width: 31, most: 30 },
      { title: "Replicas", width: 16, right: true },
      { title: "Cores", width: 15, right: true },
      { title: "Memory", width: 17, right: true },
      { title: "Kept after a year", width: 21, right: true },
    ],
    sized.map(({ part, replicas, cores, memory, storage }) => [
      [{ text: titleOf(plan, part) }],
      ...[replicas, cores, memory].map((figure): Line => (replicas.value === 0 ? [{ text: "–" }] : lineOf(shown(figure)))),
      storage === null ? [{ text: "–" }] : lineOf(shown(storage)),
    ]),
    "part",
  );
}
