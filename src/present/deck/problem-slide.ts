import type { Definition } from "../../define/node.ts";
import { figureText } from "../../plan/figure-text.ts";
import { whyUnknown } from "../../plan/figure.ts";
import type { PlatformPlan } from "../../plan/vocabulary.ts";
import { asked, requirementPhrase } from "../story/names.ts";
import { keyTiles } from "../story/summary.ts";
import { dataText, predictionText } from "../story/use-case.ts";
import type { DraftText } from "../story/vocabulary.ts";
import { capital, listedText, sentence } from "../story/words.ts";
import { colours, content, type Line, type Shape, type Slide } from "./slide.ts";
import { figuresIn, fittingSize, lineOf, plain } from "./text.ts";

/** Whom it serves, what it answers and from what, and the numbers that people ask for first. */
export function problemSlide(definition: Definition, plan: PlatformPlan): Slide {
  const { purpose, name } = definition;
  // Its first sentence is the title; what follows stands below.
  const [, headline = "", further = ""] = /^(.*?)[.!?](?:\s+(.*))?$/s.exec(sentence(purpose ?? "")) ?? [];
  const [answers, data] = [predictionText(definition, plan), dataText(definition, plan)];
  const given = plan.requirements.filter(({ requirement }) => requirement.name !== "compliance").slice(0, 8);
  const holds: DraftText =
    given.length === 0
      ? ["Nobody has stated a requirement yet."]
      : listedText(
          given.map(({ requirement }) => [`${requirementPhrase(requirement)}: `, ...asked(requirement)]),
          "; ",
        );
  const parts: readonly (readonly [string, Line])[] = [
    ["What it answers", [...(further === "" ? [] : [{ text: `${further} ` }]), ...lineOf(answers)]],
    ["From which data", lineOf(data)],
    [
      "What it must reach",
      lineOf([
        ...holds.map((piece, index) => (index === 0 && typeof piece === "string" ? capital(piece) : piece)),
        given.length === 0 ? "" : ".",
      ]),
    ],
  ];
  const tiles = keyTiles(plan).slice(0, 4);
  return {
    topic: `Business problem · ${name}`,
    title: purpose === null ? `OPEN: whom ${name} serves, and what changes when it works` : headline,
    shapes: [
      ...partShapes(parts),
      ...tiles.flatMap((tile, index) =>
        tileShapes(lineOf(tile.value), tile.label, colours[tile.status === "neutral" ? "neutral" : tile.status], index, tiles.length),
      ),
    ],
    spoken: [
      "Thank you for your time. I will show what this platform is for, what it must reach, how it is built, why these tools were chosen, what it costs, what is still open, and what comes next.",
      purpose === null
        ? `One thing first: nobody has yet written down whom ${name} serves and what changes when it works. That sentence belongs into the platform file, and everything else should be judged by it.`
        : sentence(purpose),
      plain(answers),
      plain(data),
      `What it must reach is in the platform file too: ${plain(holds)}.`,
      ...keyTiles(plan).map(({ label, value }) => {
        const figure = figuresIn(value)[0];
        const why = figure === undefined ? null : whyUnknown(figure);
        return figure === undefined
          ? ""
          : why === null
            ? `${capital(label)}: ${figureText(figure)}.`
            : `${capital(label)}: ${figureText(figure)}, because ${why.replace(/[.]$/, "")}.`;
      }),
      "A word on the numbers. Each of them was measured on the running platform, stands in the platform file, is a row of the price catalogue, or was computed from those by a formula that is written beside it. What nobody knows says unknown; it is never counted as zero.",
      "Nothing on these slides was typed by hand. The file that runs the platform is the file that they were made from, so that they change when the platform does. The document that goes with them has the details and the origin of each number.",
      "Where a choice is a matter of judgement, the reason is a person's and stands there in their words. Where nobody has given one, it says OPEN, and I will come back to it at the end.",
    ].filter((text) => text !== ""),
    figures: [...figuresIn(answers), ...tiles.flatMap(({ value }) => figuresIn(value))],
  };
}

function partShapes(parts: readonly (readonly [string, Line])[]): readonly Shape[] {
  const [width, gap] = [7.6, 0.2];
  const height = (content.h - gap * (parts.length - 1)) / parts.length;
  const size = Math.min(...parts.map(([, line]) => fittingSize([line], width - 0.5, height - 0.72, [16, 15, 14, 13, 12, 11, 10])));
  return parts.flatMap(([title, line], index): Shape[] => {
    const y = content.y + index * (height + gap);
    return [
      { kind: "box", place: { x: content.x, y, w: width, h: height }, fill: colours.ground, line: colours.rule },
      {
        kind: "text",
        place: { x: content.x + 0.25, y: y + 0.14, w: width - 0.5, h: 0.32 },
        lines: [[{ text: title, bold: true, colour: colours.accent }]],
        size: 14,
      },
      { kind: "text", place: { x: content.x + 0.25, y: y + 0.5, w: width - 0.5, h: height - 0.6 }, lines: [line], size },
    ];
  });
}

function tileShapes(value: Line, label: string, colour: string, index: number, count: number): readonly Shape[] {
  const [x, width, gap] = [content.x + 7.9, 4.23, 0.2];
  const height = (content.h - gap * (count - 1)) / count;
  const y = content.y + index * (height + gap);
  const large = value.map(({ text }) => ({ text, bold: true, colour: colour === colours.neutral ? colours.ink : colour }));
  const size = fittingSize([large], width - 0.5, 0.5, [28, 26, 24, 22, 20, 18, 16]);
  return [
    { kind: "box", place: { x, y, w: width, h: height }, fill: "FFFFFF", line: colours.rule },
    { kind: "text", place: { x: x + 0.25, y: y + height / 2 - 0.42, w: width - 0.5, h: 0.5 }, lines: [large], size, anchor: "middle" },
    {
      kind: "text",
      place: { x: x + 0.25, y: y + height / 2 + 0.12, w: width - 0.5, h: 0.3 },
      lines: [[{ text: label, colour: colours.soft }]],
      size: 12,
    },
  ];
}
