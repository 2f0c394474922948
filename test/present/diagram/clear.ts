import { badgeBox } from "../../../src/present/diagram/card.ts";
import { segments, touches } from "../../../src/present/diagram/label.ts";
import type { Box, Diagram } from "../../../src/present/diagram/vocabulary.ts";

/** What is wrong with a picture: what lies on what, and what is missing; nothing when it can be read. */
export function faults(diagram: Diagram): readonly string[] {
  const { nodes, groups, routes, heading, legend } = diagram;
  const labels = routes.flatMap(({ id, net, label }) =>
    label === null ? [] : [{ name: `label ${id} '${label.text}'`, net, box: label as Box }],
  );
  const cards = nodes.map((node) => ({ name: `card ${node.id}`, box: node as Box }));
  const titles = [...heading, ...groups.map(({ title }) => title), ...legend.map(({ text }) => text)].map((title) => ({
    name: `title '${title.text}'`,
    box: title as Box,
  }));
  const lines = routes.flatMap(({ id, net, from, to, points }) =>
    segments(points).map((box) => ({ name: `line ${id}`, net, from, to, box })),
  );
  const found: string[] = [];
  const apart = (one: { readonly name: string; readonly box: Box }, other: { readonly name: string; readonly box: Box }) => {
    if (touches(one.box, other.box, 0)) found.push(`${one.name} lies on ${other.name}`);
  };
  const solid = [...cards, ...titles, ...labels];
  for (const [index, one] of solid.entries()) for (const other of solid.slice(index + 1)) apart(one, other);
  for (const label of labels) for (const line of lines) if (line.net !== label.net) apart(label, line);
  for (const line of lines) for (const title of titles) apart(line, title);
  for (const line of lines)
    for (const card of cards) if (touches(line.box, card.box, -1)) found.push(`${line.name} runs through ${card.name}`);
  for (const [index, one] of lines.entries()) {
    for (const other of lines.slice(index + 1)) {
      const parallel = (one.box.width === 0) === (other.box.width === 0);
      if (one.net !== other.net && parallel && touches(one.box, other.box, 1)) found.push(`${one.name} lies on ${other.name}`);
    }
  }
  for (const [index, one] of groups.entries())
    for (const other of groups.slice(index + 1)) apart({ name: one.id, box: one }, { name: other.id, box: other });
  for (const node of nodes) {
    const frame = groups.find(({ id }) => id === node.group);
    if (frame === undefined || !inside(node, frame)) found.push(`card ${node.id} is not in its frame`);
    for (const line of node.lines) if (!inside(line, node)) found.push(`'${line.text}' does not fit on its card`);
    if (node.marked) for (const line of node.lines) if (touches(line, badgeBox(node), 0)) found.push(`'${line.text}' lies on its mark`);
    for (const line of node.lines) if (touches(line, node.iconBox, 0)) found.push(`'${line.text}' lies on its icon`);
    for (const [index, line] of node.lines.entries())
      for (const other of node.lines.slice(index + 1)) if (touches(line, other, 0)) found.push(`'${line.text}' lies on '${other.text}'`);
  }
  const page = { x: 0, y: 0, width: diagram.width, height: diagram.height };
  for (const { name, box } of [...solid, ...lines, ...groups.map((group) => ({ name: group.id, box: group as Box }))])
    if (!inside(box, page)) found.push(`${name} lies outside`);
  return found;
}

function inside(box: Box, around: Box): boolean {
  return (
    box.x >= around.x && box.y >= around.y && box.x + box.width <= around.x + around.width && box.y + box.height <= around.y + around.height
  );
}
