import type { Definition } from "../../define/node.ts";
import type { PlatformPlan } from "../../plan/vocabulary.ts";
import { rejections } from "../story/trade-offs.ts";
import { risksOf } from "../story/risks.ts";
import type { DraftText } from "../story/vocabulary.ts";
import { capital, counted } from "../story/words.ts";
import { colours, content, type Shape, type Slide } from "./slide.ts";
import { cut, fittingSize, lineOf, plain } from "./text.ts";

interface Step {
  readonly act: DraftText;
  readonly why: DraftText;
}

/** What is to be done, in the order of its weight: it follows from the risks, and from what nobody has written down. */
export function stepsSlide(definition: Definition, plan: PlatformPlan): Slide {
  const steps: readonly Step[] = [
    ...(definition.purpose === null
      ? [{ act: ["Write down whom it serves: purpose in the platform file."], why: ["Without it nothing else can be judged."] }]
      : []),
    ...risksOf(plan).map(({ act, what }) => ({ act, why: what })),
  ];
  const shown =
    steps.length === 0
      ? [{ act: ["Run it for a month and measure."], why: ["The plan finds nothing that is missed, unknown or open."] }]
      : steps.slice(0, 6);
  return {
    topic: "Next steps",
    title: steps.length === 0 ? "Nothing is open: run it and measure" : `${capital(counted(shown.length, "step"))}, the heaviest first`,
    shapes: stepsShapes(shown),
    spoken: [
      "To end with, what we ask for. The order is that of the weight of the risks behind it.",
      ...shown.map(({ act }, index) => `${ordinals[index] ?? "Then"}: ${plain(act)}`),
      ...rejections(plan),
      "After that we plan again. Every unknown that becomes a measured number changes the verdicts, and the next version of these slides says what has changed in structure, cost, service level and compliance.",
      "If you disagree with a choice, a bound or a weight, say so now or write it down about the part that it concerns: it will be answered with a change, or with a reason why not.",
      "All of this can be repeated by anybody who has the platform file: one command plans it, one command writes the document, the diagram and these slides, and the same file runs it.",
    ],
    last: "Thank you. I am glad to take your questions; the document has the full tables, and plan.json has every number with the inputs of its formula.",
    figures: [],
  };
}

const ordinals = ["First", "Second", "Third", "Fourth", "Fifth", "Sixth"];

/** A row for each, all in letters of one size. */
function stepsShapes(steps: readonly Step[]): readonly Shape[] {
  const gap = 0.14;
  const height = Math.min(1.1, (content.h - gap * (steps.length - 1)) / steps.length);
  const width = content.w - 1.1;
  const texts = steps.map(({ act, why }) => [
    lineOf(act).map((run) => ({ ...run, bold: true })),
    cut(lineOf(why), 210).map((run) => ({ ...run, colour: colours.soft })),
  ]);
  const size = Math.min(...texts.map((lines) => fittingSize(lines, width, height - 0.12, [16, 15, 14, 13, 12, 11, 10], 0)));
  return texts.flatMap((lines, index): Shape[] => {
    const y = content.y + index * (height + gap);
    return [
      { kind: "box", place: { x: content.x, y, w: content.w, h: height }, fill: colours.ground, line: colours.rule },
      {
        kind: "text",
        place: { x: content.x + 0.15, y, w: 0.6, h: height },
        lines: [[{ text: String(index + 1), bold: true, colour: colours.accent }]],
        size: 24,
        align: "center",
        anchor: "middle",
      },
      { kind: "text", place: { x: content.x + 0.9, y: y + 0.04, w: width, h: height - 0.08 }, lines, size, anchor: "middle" },
    ];
  });
}
