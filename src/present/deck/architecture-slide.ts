import { Resvg } from "@resvg/resvg-js";
import type { PlatformPlan } from "../../plan/vocabulary.ts";
import { systemFacts } from "../../systems/catalogue/index.ts";
import { iconFile } from "../diagram/icon.ts";
import { groupColours, linkStyles, paper, toneColours } from "../diagram/palette.ts";
import { unshared } from "../diagram/trunk.ts";
import type { Box, Diagram, GroupColour, RouteKind, TextLine } from "../diagram/vocabulary.ts";
import { flowSentences, standingSentences } from "../story/architecture.ts";
import { partTitle } from "../story/names.ts";
import { limitsOf } from "../story/tools.ts";
import { capital, counted } from "../story/words.ts";
import { content, type Place, type Shape, type Slide } from "./slide.ts";

/** The diagram of the documents, shape by shape: each box, line and text can be moved in PowerPoint. */
export function architectureSlide(plan: PlatformPlan, diagram: Diagram): Slide {
  const described = plan.parts.filter(({ status }) => status === "described").length;
  const sources = plan.parts.filter(({ role }) => role === "source").length;
  const all = `${capital(counted(plan.parts.length, "part"))} from ${counted(sources, "source")} to a watched answer`;
  return {
    topic: "End-to-end architecture",
    title: described === 0 ? `${all}, run from one file` : `${all}; ${counted(described, "part")} described, not yet run`,
    shapes: shapesOf(diagram),
    spoken: [
      "This is the whole platform, from where data comes in to where answers go out and are watched. The groups are the stages; the lines are what flows between them.",
      ...flowSentences(plan),
      ...standingSentences(plan),
      "Assets say what, environments say where: the same tables, models and endpoints run on other systems when the environment binds them, and no asset changes.",
      "Each commit of a table carries its position, its run and its inputs, so that any process may be stopped at any moment and the next run goes on from there.",
      ...partSentences(plan),
    ],
    figures: [],
  };
}

/** A sentence on each system, once. */
function partSentences({ parts }: PlatformPlan): readonly string[] {
  const seen = new Set<string>();
  return parts.flatMap((part) => {
    if (seen.has(part.system)) return [];
    seen.add(part.system);
    const limits = limitsOf(part);
    const what = systemFacts.get(part.system)?.what;
    return what === undefined ? [] : [`${partTitle(part)}: ${what}.${limits === "" ? "" : ` To know before one relies on it: ${limits}.`}`];
  });
}

/** Everything but the heading, which is the slide's title, as large as the slide allows and in its middle. */
function shapesOf({ groups, nodes, routes, legend }: Diagram): readonly Shape[] {
  const boxes: readonly Box[] = [
    ...groups,
    ...nodes,
    ...legend,
    ...legend.map(({ text }) => text),
    ...routes.flatMap(({ label }) => label ?? []),
  ];
  const [left, top] = [Math.min(...boxes.map(({ x }) => x)), Math.min(...boxes.map(({ y }) => y))];
  const [right, bottom] = [Math.max(...boxes.map(({ x, width }) => x + width)), Math.max(...boxes.map(({ y, height }) => y + height))];
  const scale = Math.min(content.w / (right - left), content.h / (bottom - top));
  const [dx, dy] = [
    content.x + (content.w - (right - left) * scale) / 2 - left * scale,
    content.y + (content.h - (bottom - top) * scale) / 2 - top * scale,
  ];
  const at = ({ x, y, width, height }: Box): Place => ({ x: dx + x * scale, y: dy + y * scale, w: width * scale, h: height * scale });
  const ink = (line: TextLine, colour: GroupColour): string =>
    hex(line.tone === "group" ? groupColours[colour].line : toneColours[line.tone]);
  const text = (line: TextLine, colour: GroupColour = "grey"): Shape => ({
    kind: "text",
    // A little wider than was measured: programs round the widths of letters differently.
    place: { ...at(line), w: line.width * scale * 1.05 + 0.04 },
    lines: [[{ text: line.text, bold: line.bold, colour: ink(line, colour) }]],
    size: Math.floor(line.size * scale * 72 * 10) / 10,
    anchor: "middle",
  });
  const path = (kind: RouteKind, points: readonly { readonly x: number; readonly y: number }[], arrow: boolean): Shape => ({
    kind: "path",
    points: points.map(({ x, y }) => ({ x: dx + x * scale, y: dy + y * scale })),
    colour: hex(linkStyles[kind].colour),
    width: Math.max(0.75, linkStyles[kind].width * scale * 72),
    dashed: linkStyles[kind].dashes.length > 0,
    arrow,
  });
  const colours = new Map(groups.map(({ id, colour }) => [id, colour]));
  return [
    ...groups.map((group): Shape => ({
      kind: "box",
      place: at(group),
      fill: hex(groupColours[group.colour].ground),
      line: hex(groupColours[group.colour].line),
    })),
    ...unshared(routes).flatMap(({ kind, points, ends }) => (points.length < 2 ? [] : [path(kind, points, ends)])),
    ...groups.map((group) => text(group.title, group.colour)),
    ...routes.flatMap(({ label }): Shape[] =>
      label === null ? [] : [{ kind: "box", place: at(label), fill: "FFFFFF", line: "FFFFFF", radius: 0.02 }, text(label)],
    ),
    ...nodes.flatMap((node): Shape[] => {
      const colour = colours.get(node.group) ?? "grey";
      const line = node.marked ? paper.alert : node.described ? paper.describedLine : paper.cardLine;
      return [
        { kind: "box", place: at(node), fill: "FFFFFF", line: hex(line), dashed: node.described },
        { kind: "icon", place: at(node.iconBox), png: iconPng(node.icon, groupColours[colour].line) },
        ...node.lines.map((one) => text(one, colour)),
      ];
    }),
    ...legend.flatMap((entry): Shape[] => {
      const { sample, x, y, width, height } = entry;
      if (sample === "described" || sample === "marked")
        return [
          {
            kind: "box",
            place: at({ x: x + 4, y: y + 1, width: width - 6, height: height - 2 }),
            fill: "FFFFFF",
            line: hex(sample === "marked" ? paper.alert : paper.describedLine),
            dashed: sample === "described",
          },
          text(entry.text),
        ];
      if (sample === "change")
        return [
          { kind: "box", place: at({ x: x + 6, y, width: width - 10, height }), fill: hex(paper.change), line: hex(paper.change) },
          text(entry.text),
        ];
      if (sample === "removed") return [text(entry.text)];
      const middle = y + height / 2;
      return [
        path(
          sample,
          [
            { x, y: middle },
            { x: x + width, y: middle },
          ],
          true,
        ),
        text(entry.text),
      ];
    }),
  ];
}

function iconPng(name: string, colour: string): Uint8Array {
  return new Resvg(iconFile(name, colour, 96), { font: { loadSystemFonts: false } }).render().asPng();
}

function hex(colour: string): string {
  return colour.slice(1).toUpperCase();
}
