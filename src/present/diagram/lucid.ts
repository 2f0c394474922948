import { Resvg } from "@resvg/resvg-js";
import { writeArchive } from "../archive.ts";
import { along, portOf } from "./along.ts";
import { badgeBox } from "./card.ts";
import { iconFile, rounded } from "./icon.ts";
import { groupColours, linkStyles, paper, toneColours } from "./palette.ts";
import { escaped } from "./svg.ts";
import type { Box, Diagram, DiagramGroup, DiagramNode, DiagramRoute, GroupColour, TextLine } from "./vocabulary.ts";

/** A file of Lucid's Standard Import: a zip with document.json and images, as developer.lucid.co/docs/overview-si describes them. */
export function lucidOf(diagram: Diagram): Uint8Array {
  const colours = new Map(diagram.groups.map(({ id, colour }) => [id, colour]));
  const images = new Map<string, string>();
  /** The file's name of an icon; the same icon in the same colour is one file. */
  const imageOf = (node: DiagramNode): string => {
    const colour = groupColours[colours.get(node.group) ?? "grey"].line;
    const key = `${node.icon} ${node.icon.startsWith("shape:") ? colour : ""}`;
    const name = images.get(key) ?? `icon-${images.size + 1}.png`;
    images.set(key, name);
    return name;
  };
  const cards = new Map(diagram.nodes.map((node, index) => [node.id, { node, id: `card-${index + 1}` }]));
  const shapes = [
    ...diagram.heading.map((line, index) => textShape(`heading-${index + 1}`, line, "grey", 1)),
    ...diagram.groups.flatMap(frameShapes),
    ...diagram.nodes.flatMap((node, index) => cardShapes(node, index + 1, colours.get(node.group) ?? "grey", imageOf(node))),
  ];
  const lines = diagram.routes.flatMap((route) => lineOf(route, cards));
  const settings = {
    fillColor: paper.ground,
    infiniteCanvas: false,
    autoTiling: true,
    size: { type: "custom", w: Math.ceil(diagram.width), h: Math.ceil(diagram.height) },
  };
  const document = { version: 1, pages: [{ id: "page-1", title: `${diagram.name} ${diagram.view}`, settings, shapes, lines }] };
  const files = [...images].map(([key, name]) => {
    const [icon = "", colour = ""] = key.split(" ");
    return { name: `images/${name}`, bytes: new Resvg(iconFile(icon, colour, 112), { font: { loadSystemFonts: false } }).render().asPng() };
  });
  return writeArchive([{ name: "document.json", bytes: Buffer.from(`${JSON.stringify(document, null, 1)}\n`) }, ...files]);
}

function boxOf({ x, y, width, height }: Box): Readonly<Record<"x" | "y" | "w" | "h", number>> {
  return { x: rounded(x), y: rounded(y), w: rounded(width), h: rounded(height) };
}

/** Lucid reads a small part of HTML; a line of text is a paragraph. */
function html({ text, size, bold, tone }: TextLine, colour: GroupColour, align: "left" | "center"): string {
  const ink = tone === "group" ? groupColours[colour].line : toneColours[tone];
  // Its letters are counted in points, of which three are four pixels.
  const style = `color:${ink};font-family:Liberation Sans;font-size:${rounded(size * 0.75)}pt;text-align:${align}`;
  return `<p style="${style}">${bold ? `<b>${escaped(text)}</b>` : escaped(text)}</p>`;
}

function textShape(id: string, line: TextLine, colour: GroupColour, zIndex: number) {
  return { id, type: "text", boundingBox: boxOf({ ...line, width: line.width + 8 }), text: html(line, colour, "left"), zIndex };
}

function frameShapes(group: DiagramGroup, index: number) {
  const { line, ground } = groupColours[group.colour];
  const style = { fill: { type: "color", color: ground }, stroke: { color: line, width: 1, style: "solid" }, rounding: 24 };
  return [
    { id: `group-${index + 1}`, type: "rectangle", boundingBox: boxOf(group), style, text: "", zIndex: 0 },
    textShape(`group-${index + 1}-title`, group.title, group.colour, 1),
  ];
}

function cardShapes(node: DiagramNode, number: number, colour: GroupColour, image: string) {
  const border = node.marked ? paper.alert : node.described ? paper.describedLine : paper.cardLine;
  const style = {
    fill: { type: "color", color: paper.card },
    stroke: { color: border, width: node.marked ? 2 : 1, style: node.described ? "dashed" : "solid" },
    rounding: 18,
  };
  const [first] = node.lines;
  const text = { x: first?.x ?? node.x, y: node.y, width: node.x + node.width - (first?.x ?? node.x), height: node.height };
  const picture = { fill: { type: "image", ref: image, imageScale: "fit" }, stroke: { color: paper.card, width: 0, style: "solid" } };
  const badge = {
    fill: { type: "color", color: paper.alert },
    stroke: { color: paper.alert, width: 1, style: "solid" },
    textColor: paper.ground,
  };
  return [
    { id: `card-${number}`, type: "rectangle", boundingBox: boxOf(node), style, text: "", zIndex: 2 },
    { id: `card-${number}-icon`, type: "rectangle", boundingBox: boxOf(node.iconBox), style: picture, text: "", zIndex: 3 },
    {
      id: `card-${number}-text`,
      type: "text",
      boundingBox: boxOf(text),
      text: node.lines.map((line) => html(line, colour, "left")).join(""),
      zIndex: 3,
    },
    ...(node.marked
      ? [
          {
            id: `card-${number}-mark`,
            type: "circle",
            boundingBox: boxOf(badgeBox(node)),
            style: badge,
            text: '<p style="font-size:7pt"><b>!</b></p>',
            zIndex: 4,
          },
        ]
      : []),
  ];
}

function lineOf(
  { id, from, to, kind, points, label }: DiagramRoute,
  cards: ReadonlyMap<string, { readonly node: DiagramNode; readonly id: string }>,
) {
  const [source, target] = [cards.get(from), cards.get(to)];
  if (source === undefined || target === undefined) return [];
  const { colour, width, dashes } = linkStyles[kind];
  const style = dashes.length === 0 ? "solid" : (dashes[0] ?? 0) < 4 ? "dotted" : "dashed";
  const at = label === null ? null : along(points, label);
  return [
    {
      id,
      lineType: "elbow",
      endpoint1: { type: "shapeEndpoint", style: "none", shapeId: source.id, position: position(points[0], source.node) },
      endpoint2: { type: "shapeEndpoint", style: "arrow", shapeId: target.id, position: position(points.at(-1), target.node) },
      stroke: { color: colour, width: Math.round(width), style },
      elbowControlPoints: points.slice(1, -1),
      text:
        label === null || at === null
          ? []
          : [
              {
                text: html(label, "grey", "center"),
                position: rounded(at.share),
                side: at.off.y < 0 ? "top" : at.off.y > 0 ? "bottom" : "middle",
              },
            ],
      zIndex: 1,
    },
  ];
}

function position(point: { readonly x: number; readonly y: number } | undefined, card: Box): { readonly x: number; readonly y: number } {
  const { x, y } = portOf(point, card);
  return { x: rounded(x), y: rounded(y) };
}
