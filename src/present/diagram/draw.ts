import { deepFreeze } from "../../define/freeze.ts";
import { cardHeight, groupAt, linesOf, nodeAt } from "./card.ts";
import { labels, type Line } from "./label.ts";
import { latticeOf } from "./lattice.ts";
import { legendOf } from "./legend.ts";
import { margin, sizes, spacingOf } from "./measure.ts";
import { place, type Placed } from "./place.ts";
import { routed } from "./route.ts";
import { fitted, textLine } from "./text.ts";
import type { Box, Diagram, DiagramForm, DiagramRoute, Point, Sketch, SketchLink, TextLine } from "./vocabulary.ts";

const widths = Object.freeze({ architecture: 204, deployment: 216, "data-flow": 192 });

/** How often more room is given when a line or a label found none. */
const attempts = 6;

/** Gives everything in a sketch its place: the same sketch gets the same picture. */
export function draw(sketch: Sketch, form: DiagramForm = "page"): Diagram {
  let best: Diagram | null = null;
  let missing = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < attempts && missing > 0; attempt++) {
    const drawn = attempted(sketch, form, attempt);
    if (drawn.missing < missing) [best, missing] = [drawn.diagram, drawn.missing];
  }
  if (best === null) throw new Error(`nothing was drawn of ${sketch.name}`);
  return deepFreeze(best);
}

function attempted(sketch: Sketch, form: DiagramForm, attempt: number): { readonly diagram: Diagram; readonly missing: number } {
  const width = widths[sketch.view];
  const lines = Math.max(0, ...sketch.nodes.map((node) => linesOf(node, width).length - 1));
  const card = { width, height: cardHeight(lines) };
  const top = sizes.heading + (sketch.subtitle === "" ? 24 : 44);
  const placed = place(sketch, card, form, spacingOf(attempt), top);
  const heading = headingOf(sketch, placed.width);
  const groups = sketch.groups.flatMap((group) => {
    const box = placed.groups.get(group.id);
    return box === undefined ? [] : [groupAt(group, box)];
  });
  const nodes = sketch.nodes.flatMap((node) => {
    const box = placed.nodes.get(node.id);
    return box === undefined ? [] : [nodeAt(node, box)];
  });
  const titles = [...heading, ...groups.map(({ title }) => title)];
  const { routes, omitted } = routesOf(sketch, placed, titles, sketch.view === "data-flow" && attempt === 0 ? 6 : 2);
  const legend = legendOf(routes, nodes, omitted, sketch.removed ?? [], placed.width, placed.height - margin + 14);
  const height = Math.max(placed.height, ...legend.map(({ y, height: tall }) => y + tall + 16));
  const { view, name } = sketch;
  return { diagram: { view, name, width: placed.width, height, heading, groups, nodes, routes, legend }, missing: omitted.length };
}

function headingOf({ title, subtitle }: Sketch, width: number): TextLine[] {
  const room = width - 2 * margin;
  const first = textLine(fitted(title, sizes.heading, true, room), margin, 22, sizes.heading, true, "strong");
  if (subtitle === "") return [first];
  return [first, textLine(fitted(subtitle, sizes.subheading, false, room), margin, 22 + first.height + 2, sizes.subheading, false, "soft")];
}

/** @param least how many lines run together: where there is room, each input of a table has its own */
function routesOf(
  sketch: Sketch,
  placed: Placed,
  titles: readonly Box[],
  least: number,
): { readonly routes: DiagramRoute[]; readonly omitted: readonly string[] } {
  const cards = [...placed.nodes.values()];
  const numbers = new Map([...placed.nodes.keys()].map((id, index) => [id, index + 1]));
  const frames = [...placed.groups.values()];
  const frameNumbers = new Map([...placed.groups.keys()].map((id, index) => [id, index + 1]));
  const groupOf = new Map(sketch.nodes.map(({ id, group }) => [id, frameNumbers.get(group) ?? 0]));
  const free = titles.map(({ x, y, width, height }) => ({ x: x - 6, y: y - 2, width: width + 12, height: height + 4 }));
  const links = sketch.links.filter(({ from, to }) => from !== to && numbers.has(from) && numbers.has(to));
  const nets = netsOf(links, least);
  const netNumbers = new Map([...new Set(nets)].map((net, index) => [net, index + 1]));
  const wires = links.map(({ from, to }, index) => ({
    from: numbers.get(from) ?? 0,
    to: numbers.get(to) ?? 0,
    net: netNumbers.get(nets[index] ?? "") ?? 0,
    frames: [groupOf.get(from) ?? 0, groupOf.get(to) ?? 0],
  }));
  const ways = routed(latticeOf(placed.width, placed.height, cards, frames, free), wires);
  const lines = ways.flatMap((points, index): Line[] => (points === null ? [] : [{ points, net: nets[index] ?? "" }]));
  const page = { x: 4, y: 0, width: placed.width - 8, height: placed.height - 16 };
  const wanted = links.flatMap(({ label }, index) => {
    const [points, net] = [ways[index], nets[index] ?? ""];
    // A net says what it carries once.
    return label === null || points === null || points === undefined || nets.indexOf(net) !== index
      ? []
      : [{ index, text: label, points, net }];
  });
  const found = labels(wanted, lines, [...cards, ...free], frames, page);
  const labelOf = new Map(wanted.map(({ index }, at) => [index, found[at] ?? null]));
  const routes = links.flatMap((link, index): DiagramRoute[] => {
    const points: readonly Point[] | null = ways[index] ?? null;
    if (points === null) return [];
    const { from, to, kind } = link;
    return [{ id: `link-${index + 1}`, from, to, kind, points, net: nets[index] ?? "", label: labelOf.get(index) ?? null }];
  });
  const drawn = new Set(routes.map(({ id }) => id));
  const omitted = [
    ...links.filter((_, index) => !drawn.has(`link-${index + 1}`)).map(({ from, to }) => `the line from ${from} to ${to}`),
    ...wanted.filter((_, at) => found[at] === null).map(({ index, text }) => `'${text}' from ${links[index]?.from} to ${links[index]?.to}`),
  ];
  return { routes, omitted };
}

/** Links of one kind into one card run together when there are at least so many, and so do those out of one card; those with words of their own do not. */
function netsOf(links: readonly SketchLink[], least: number): readonly string[] {
  const into = (link: SketchLink) => `${link.kind} into ${link.to}: ${link.label ?? ""}`;
  const outOf = (link: SketchLink) => `${link.kind} out of ${link.from}: ${link.label ?? ""}`;
  const counts = new Map<string, number>();
  for (const link of links) for (const net of [into(link), outOf(link)]) counts.set(net, (counts.get(net) ?? 0) + 1);
  return links.map((link, index) => [into(link), outOf(link)].find((net) => (counts.get(net) ?? 0) >= least) ?? `link ${index + 1}`);
}
