import { along, portOf } from "./along.ts";
import { badgeBox } from "./card.ts";
import { iconFile, rounded } from "./icon.ts";
import { groupColours, linkStyles, paper, toneColours } from "./palette.ts";
import { escaped } from "./svg.ts";
import type { Box, Diagram, DiagramGroup, DiagramNode, DiagramRoute, GroupColour, TextLine } from "./vocabulary.ts";

/** As draw.io writes it: `a=1;b=2;`. */
type Style = Readonly<Record<string, string | number>>;

/**
 * The picture as a draw.io file (mxGraph's XML, not packed): frames are containers that keep their cards when they are moved, lines are bound to cards and
 * keep the bends of the picture.
 */
export function drawioOf(diagram: Diagram): string {
  const frames = new Map(diagram.groups.map((group) => [group.id, group]));
  const cards = new Map(diagram.nodes.map((node) => [node.id, node]));
  const cells = [
    ...diagram.heading.map((line, index) => textCell(`heading-${index + 1}`, line, "1", { x: 0, y: 0 }, toneColours.strong)),
    ...diagram.groups.map(frameCell),
    ...diagram.nodes.flatMap((node) => cardCells(node, frames.get(node.group))),
    ...diagram.routes.flatMap((route) => routeCells(route, cards)),
  ];
  const { width, height, name, view } = diagram;
  return [
    `<mxfile host="millwright" type="device">`,
    `  <diagram id="${view}" name="${escaped(`${name} ${view}`)}">`,
    `    <mxGraphModel grid="1" gridSize="12" guides="1" tooltips="1" connect="1" arrows="1" fold="1" page="1" pageScale="1" pageWidth="${width}" pageHeight="${height}" math="0" shadow="0">`,
    `      <root>`,
    `        <mxCell id="0"/>`,
    `        <mxCell id="1" parent="0"/>`,
    ...cells.map((cell) => `        ${cell}`),
    `      </root>`,
    `    </mxGraphModel>`,
    `  </diagram>`,
    `</mxfile>`,
    "",
  ].join("\n");
}

function styled(style: Style): string {
  return escaped(
    Object.entries(style)
      // A style's name stands alone: `text;`.
      .map(([key, value]) => (value === "" ? `${key};` : `${key}=${value};`))
      .join(""),
  );
}

function vertex(
  id: string,
  value: string,
  style: Style,
  box: Box,
  parent: string,
  from: { readonly x: number; readonly y: number },
  connectable = true,
): string {
  const geometry = `<mxGeometry x="${rounded(box.x - from.x)}" y="${rounded(box.y - from.y)}" width="${rounded(box.width)}" height="${rounded(box.height)}" as="geometry"/>`;
  return `<mxCell id="${escaped(id)}" value="${escaped(value)}" style="${styled(style)}" vertex="1"${connectable ? "" : ' connectable="0"'} parent="${escaped(parent)}">${geometry}</mxCell>`;
}

function textCell(id: string, line: TextLine, parent: string, from: { readonly x: number; readonly y: number }, colour: string): string {
  const style = {
    text: "",
    html: 1,
    align: "left",
    verticalAlign: "middle",
    fontFamily: "Helvetica",
    fontSize: line.size,
    fontStyle: line.bold ? 1 : 0,
    fontColor: colour,
    strokeColor: "none",
    fillColor: "none",
  };
  // A little wider than its letters: fonts differ by less than this.
  return vertex(id, escaped(line.text), style, { ...line, width: line.width + 4 }, parent, from, false);
}

function frameCell(group: DiagramGroup): string {
  const { line, ground } = groupColours[group.colour];
  const style = {
    rounded: 1,
    absoluteArcSize: 1,
    arcSize: 24,
    container: 1,
    collapsible: 0,
    html: 1,
    align: "left",
    verticalAlign: "top",
    spacingLeft: group.title.x - group.x - 4,
    spacingTop: group.title.y - group.y - 5,
    fontFamily: "Helvetica",
    fontSize: group.title.size,
    fontStyle: 1,
    fontColor: line,
    strokeColor: line,
    fillColor: ground,
  };
  return vertex(frameId(group.id), escaped(group.title.text), style, group, "1", { x: 0, y: 0 });
}

function frameId(id: string): string {
  return `group ${id}`;
}

function cardId(id: string): string {
  return `part ${id}`;
}

function cardCells(node: DiagramNode, frame: DiagramGroup | undefined): string[] {
  const colour: GroupColour = frame?.colour ?? "grey";
  const style = {
    rounded: 1,
    absoluteArcSize: 1,
    arcSize: 18,
    html: 1,
    whiteSpace: "wrap",
    overflow: "hidden",
    align: "left",
    verticalAlign: "middle",
    spacingLeft: (node.lines[0]?.x ?? node.x) - node.x - 3,
    fontFamily: "Helvetica",
    fontColor: toneColours.strong,
    fillColor: paper.card,
    strokeColor: node.marked ? paper.alert : node.described ? paper.describedLine : paper.cardLine,
    ...(node.marked ? { strokeWidth: 2 } : {}),
    ...(node.described ? { dashed: 1 } : {}),
    ...(node.pile ? { shadow: 1 } : {}),
  };
  const text = node.lines
    .map(
      (line) =>
        `<div style="font-size:${line.size}px;line-height:1.25;white-space:nowrap;color:${lineColour(line, colour)};${line.bold ? "font-weight:bold" : ""}">${escaped(line.text)}</div>`,
    )
    .join("");
  const icon = Buffer.from(iconFile(node.icon, groupColours[colour].line)).toString("base64");
  const image = { shape: "image", imageAspect: 1, aspect: "fixed", editable: 0, image: `data:image/svg+xml,${icon}` };
  const badge = {
    shape: "ellipse",
    html: 1,
    fillColor: paper.alert,
    strokeColor: "none",
    fontColor: "#ffffff",
    fontStyle: 1,
    fontSize: 10,
    fontFamily: "Helvetica",
  };
  return [
    vertex(cardId(node.id), text, style, node, frame === undefined ? "1" : frameId(frame.id), frame ?? { x: 0, y: 0 }),
    vertex(`icon ${node.id}`, "", image, node.iconBox, cardId(node.id), node, false),
    ...(node.marked ? [vertex(`mark ${node.id}`, "!", badge, badgeBox(node), cardId(node.id), node, false)] : []),
  ];
}

function lineColour({ tone }: TextLine, colour: GroupColour): string {
  return tone === "group" ? groupColours[colour].line : toneColours[tone];
}

function routeCells({ id, from, to, kind, points, label }: DiagramRoute, cards: ReadonlyMap<string, DiagramNode>): string[] {
  const [source, target] = [cards.get(from), cards.get(to)];
  if (source === undefined || target === undefined) return [];
  const { colour, width, dashes } = linkStyles[kind];
  const [exit, entry] = [portOf(points[0], source), portOf(points.at(-1), target)];
  const style = {
    edgeStyle: "orthogonalEdgeStyle",
    rounded: 1,
    html: 1,
    endArrow: "block",
    endFill: 1,
    endSize: 5,
    strokeColor: colour,
    strokeWidth: width,
    ...(dashes.length === 0 ? {} : { dashed: 1, dashPattern: dashes.join(" ") }),
    exitX: rounded(exit.x),
    exitY: rounded(exit.y),
    exitDx: 0,
    exitDy: 0,
    entryX: rounded(entry.x),
    entryY: rounded(entry.y),
    entryDx: 0,
    entryDy: 0,
  };
  const bends = points.slice(1, -1).map(({ x, y }) => `<mxPoint x="${x}" y="${y}"/>`);
  const inside = bends.length === 0 ? "" : `<Array as="points">${bends.join("")}</Array>`;
  const edge = `<mxCell id="${id}" style="${styled(style)}" edge="1" parent="1" source="${escaped(cardId(from))}" target="${escaped(cardId(to))}"><mxGeometry relative="1" as="geometry">${inside}</mxGeometry></mxCell>`;
  if (label === null) return [edge];
  const { share, off } = along(points, label);
  const words = {
    edgeLabel: "",
    html: 1,
    align: "center",
    verticalAlign: "middle",
    resizable: 0,
    fontFamily: "Helvetica",
    fontSize: label.size,
    fontColor: toneColours.soft,
    labelBackgroundColor: paper.ground,
  };
  const geometry = `<mxGeometry x="${rounded(share * 2 - 1)}" relative="1" as="geometry"><mxPoint x="${rounded(off.x)}" y="${rounded(off.y)}" as="offset"/></mxGeometry>`;
  return [
    edge,
    `<mxCell id="${id}-label" value="${escaped(escaped(label.text))}" style="${styled(words)}" vertex="1" connectable="0" parent="${id}">${geometry}</mxCell>`,
  ];
}
