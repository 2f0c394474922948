import { badgeBox } from "./card.ts";
import { iconSvg, rounded } from "./icon.ts";
import { fontFamily, groupColours, linkStyles, paper, toneColours } from "./palette.ts";
import { baseline } from "./text.ts";
import { unshared } from "./trunk.ts";
import type {
  Box,
  Diagram,
  DiagramGroup,
  DiagramNode,
  DiagramRoute,
  GroupColour,
  LegendEntry,
  Point,
  RouteKind,
  TextLine,
} from "./vocabulary.ts";

/** How texts are written: as text, or as the shapes of its letters, which look the same where no font is at hand. */
export type Lettering = (line: TextLine, colour: string) => string;

/**
 * The picture as SVG: text is text, in a family whose letters are as wide as was reckoned with on every system (Arimo, Liberation Sans, Arial, Helvetica).
 * Give `outlines` of outline.ts for a file that needs no font at all.
 */
export function svgOf(diagram: Diagram, lettering: Lettering = written): string {
  const { width, height, name, view } = diagram;
  const colours = new Map(diagram.groups.map(({ id, colour }) => [id, colour]));
  const text = (line: TextLine, colour: GroupColour | null = null) =>
    lettering(line, line.tone === "group" ? groupColours[colour ?? "grey"].line : toneColours[line.tone]);
  const kinds = [
    ...new Set(
      [...diagram.routes, ...diagram.legend].flatMap((one) => ("kind" in one ? [one.kind] : isKind(one.sample) ? [one.sample] : [])),
    ),
  ];
  const drawn = unshared(diagram.routes);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${fontFamily}" role="img" aria-label="${escaped(`${name}: ${view}`)}">`,
    `<title>${escaped(diagram.heading[0]?.text ?? name)}</title>`,
    `<defs>${kinds.map(arrowHead).join("")}</defs>`,
    `<rect width="${width}" height="${height}" fill="${paper.ground}"/>`,
    ...diagram.heading.map((line) => text(line)),
    ...diagram.groups.map(frameSvg),
    ...diagram.nodes.flatMap(pileSvg),
    ...drawn.map(routeSvg),
    ...drawn.flatMap(({ meets, kind }) =>
      meets === null ? [] : [`<circle cx="${meets.x}" cy="${meets.y}" r="2.8" fill="${linkStyles[kind].colour}"/>`],
    ),
    ...diagram.groups.map((group) => text(group.title, group.colour)),
    ...diagram.routes.flatMap(({ label }) => (label === null ? [] : [labelGround(label), text(label)])),
    ...diagram.nodes.map((node) => nodeSvg(node, colours.get(node.group) ?? "grey", text)),
    ...diagram.legend.flatMap((entry) => [sampleSvg(entry), text(entry.text)]),
    "</svg>",
    "",
  ].join("\n");
}

const written: Lettering = ({ text, x, y, size, bold }, colour) =>
  `<text x="${rounded(x)}" y="${rounded(y + baseline(size))}" font-size="${size}"${bold ? ' font-weight="700"' : ""} fill="${colour}">${escaped(text)}</text>`;

export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function isKind(sample: LegendEntry["sample"]): sample is RouteKind {
  return sample !== "described" && sample !== "marked" && sample !== "change" && sample !== "removed";
}

function arrowHead(kind: RouteKind): string {
  return `<marker id="arrow-${kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 .8L10 5 0 9.2z" fill="${linkStyles[kind].colour}"/></marker>`;
}

function frameSvg({ x, y, width, height, colour }: DiagramGroup): string {
  const { line, ground } = groupColours[colour];
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="12" fill="${ground}" stroke="${line}" stroke-opacity=".55" stroke-width="1.3"/>`;
}

function routeSvg({ kind, points, ends }: Pick<DiagramRoute, "kind" | "points"> & { readonly ends: boolean }): string {
  const { colour, width, dashes } = linkStyles[kind];
  const dash = dashes.length === 0 ? "" : ` stroke-dasharray="${dashes.join(" ")}"`;
  return `<path d="${roundedPath(points)}" fill="none" stroke="${colour}" stroke-width="${width}"${dash} stroke-linejoin="round"${ends ? ` marker-end="url(#arrow-${kind})"` : ""}/>`;
}

/** Straight pieces with corners that are rounded off. */
function roundedPath(points: readonly Point[]): string {
  return points
    .map((point, index) => {
      const [before, after] = [points[index - 1], points[index + 1]];
      if (before === undefined) return `M${point.x} ${point.y}`;
      if (after === undefined) return `L${point.x} ${point.y}`;
      const [into, out] = [towards(point, before, 5), towards(point, after, 5)];
      return `L${into.x} ${into.y}Q${point.x} ${point.y} ${out.x} ${out.y}`;
    })
    .join("");
}

function towards(from: Point, to: Point, length: number): Point {
  return { x: from.x + Math.sign(to.x - from.x) * length, y: from.y + Math.sign(to.y - from.y) * length };
}

function labelGround({ x, y, width, height }: TextLine): string {
  return `<rect x="${rounded(x - 3)}" y="${rounded(y)}" width="${rounded(width + 6)}" height="${height}" rx="3" fill="${paper.ground}" fill-opacity=".93"/>`;
}

function nodeSvg(node: DiagramNode, colour: GroupColour, text: (line: TextLine) => string): string {
  const { x, y, width, height, described, marked } = node;
  const { line } = groupColours[colour];
  const border = marked ? paper.alert : described ? paper.describedLine : paper.cardLine;
  const dash = described ? ' stroke-dasharray="5 3"' : "";
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="9" fill="${paper.card}" stroke="${border}" stroke-width="${marked ? 1.8 : 1.2}"${dash}/>`,
    `<rect x="${x}" y="${y + 10}" width="3.5" height="${height - 20}" rx="1.75" fill="${line}"/>`,
    iconSvg(node.icon, node.iconBox, line),
    ...node.lines.map((one) => (one.tone === "change" ? changeGround(one) : "") + text(one)),
    ...(marked ? [badge(badgeBox(node))] : []),
  ].join("");
}

/** Further sheets behind a card: they lie under the lines, so that arrows are seen. */
function pileSvg({ x, y, width, height, pile, described }: DiagramNode): string[] {
  const border = described ? paper.describedLine : paper.cardLine;
  const sheets = pile ? [5, 2.5] : [];
  return sheets.map(
    (by) =>
      `<rect x="${x + by}" y="${y - by}" width="${width}" height="${height}" rx="9" fill="${paper.card}" stroke="${border}" stroke-width="1.2"/>`,
  );
}

/** White on red, and a sign that is seen without its colour. */
function badge(box: Box): string {
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const sign = `<path d="M${x} ${y - 4}v4.6M${x} ${y + 3}v.8" stroke="#fff" stroke-width="2" stroke-linecap="round"/>`;
  return `<circle cx="${x}" cy="${y}" r="${box.width / 2}" fill="${paper.alert}"/>${sign}`;
}

/** What lies under the words that say what changed. */
function changeGround({ x, y, width, height }: Box): string {
  return `<rect x="${rounded(x - 4)}" y="${rounded(y)}" width="${rounded(width + 8)}" height="${rounded(height)}" rx="4" fill="${paper.change}"/>`;
}

function sampleSvg({ sample, x, y, width, height }: LegendEntry): string {
  const middle = y + height / 2;
  if (sample === "marked") return badge({ x: x + width - 16, y: middle - 7, width: 14, height: 14 });
  if (sample === "change") return changeGround({ x: x + 6, y, width: width - 10, height });
  if (sample === "removed")
    return `<path d="M${x + 10} ${middle - 4}l8 8m0-8l-8 8" fill="none" stroke="${paper.describedLine}" stroke-width="1.8" stroke-linecap="round"/>`;
  if (sample === "described")
    return `<rect x="${x + 4}" y="${y + 1}" width="${width - 6}" height="${height - 2}" rx="4" fill="#fff" stroke="${paper.describedLine}" stroke-width="1.2" stroke-dasharray="5 3"/>`;
  return routeSvg({
    kind: sample,
    points: [
      { x, y: middle },
      { x: x + width, y: middle },
    ],
    ends: true,
  });
}
