import { expect, test } from "vitest";
import { readArchive } from "../../../src/present/archive.ts";
import { drawioOf } from "../../../src/present/diagram/drawio.ts";
import { icons } from "../../../src/present/diagram/icons.ts";
import { lucidOf } from "../../../src/present/diagram/lucid.ts";
import { outlined } from "../../../src/present/diagram/outline.ts";
import { drawPlatform } from "../../../src/present/diagram/platform.ts";
import { pngOf } from "../../../src/present/diagram/png.ts";
import { shapes } from "../../../src/present/diagram/shapes.ts";
import { svgOf } from "../../../src/present/diagram/svg.ts";
import { systemFacts } from "../../../src/systems/catalogue/index.ts";
import { definition, flightsPlan } from "./flights.ts";
import { lucidFaults } from "./lucid-import.ts";
import { madeUpPlan } from "./made-up.ts";
import { decoded } from "./mxgraph.ts";

const pictures = (["architecture", "deployment", "data-flow"] as const).map((view) =>
  drawPlatform(definition, flightsPlan("cluster"), view),
);
const large = drawPlatform(definition, madeUpPlan(40, 40), "architecture");

test.for([...pictures, large].map((diagram) => [`${diagram.name} ${diagram.view}`, diagram] as const))(
  "%s: mxGraph decodes the draw.io file, every line bound at both ends and drawn where the picture has it",
  ([, diagram]) => {
    const cells = decoded(drawioOf(diagram));
    const ids = new Set(cells.map(({ id }) => id));
    expect(cells.filter(({ id, parent }) => id !== "0" && (parent === null || !ids.has(parent)))).toEqual([]);
    const cards = cells.filter(({ id, vertex }) => vertex && id.startsWith("part "));
    expect(cards.map(({ id }) => id).toSorted()).toEqual(diagram.nodes.map(({ id }) => `part ${id}`).toSorted());
    expect(cells.filter(({ id, vertex }) => vertex && id.startsWith("group ")).length).toBe(diagram.groups.length);
    const edges = cells.filter(({ edge }) => edge);
    expect(edges.map(({ source, target }) => [source, target])).toEqual(
      diagram.routes.map(({ from, to }) => [`part ${from}`, `part ${to}`]),
    );
    for (const [index, { drawn }] of edges.entries()) {
      const points = diagram.routes[index]?.points ?? [];
      expect(corners(drawn.map(([x, y]) => ({ x, y })))).toEqual(corners(points));
    }
    for (const { label } of diagram.routes) if (label !== null) expect(cells.some(({ value }) => value === label.text)).toBe(true);
    for (const card of cards) {
      const frame = diagram.groups.find(({ id }) => `group ${id}` === card.parent);
      const node = diagram.nodes.find(({ id }) => `part ${id}` === card.id);
      expect([(card.geometry?.[0] ?? 0) + (frame?.x ?? 0), (card.geometry?.[1] ?? 0) + (frame?.y ?? 0)]).toEqual([node?.x, node?.y]);
    }
  },
);

/** The ends and the bends, to the pixel. */
function corners(points: readonly { readonly x: number; readonly y: number }[]): string[] {
  const whole = points.map(({ x, y }) => ({ x: Math.round(x), y: Math.round(y) }));
  const apart = whole.filter(({ x, y }, index) => x !== whole[index - 1]?.x || y !== whole[index - 1]?.y);
  return apart
    .filter(({ x, y }, index) => {
      const [before, after] = [apart[index - 1], apart[index + 1]];
      return before === undefined || after === undefined || !((before.x === x && after.x === x) || (before.y === y && after.y === y));
    })
    .map(({ x, y }) => `${x} ${y}`);
}

test.for([...pictures, large].map((diagram) => [`${diagram.name} ${diagram.view}`, diagram] as const))(
  "%s: the .lucid file keeps to Lucid's Standard Import as it is published",
  ([, diagram]) => {
    const entries = readArchive(lucidOf(diagram));
    expect(lucidFaults(entries)).toEqual([]);
    const document = JSON.parse(Buffer.from(entries[0]?.bytes ?? []).toString("utf8"));
    expect(document.pages[0].lines.length).toBe(diagram.routes.length);
    expect(document.pages[0].shapes.filter(({ id }: { readonly id: string }) => /^card-\d+$/.test(id)).length).toBe(diagram.nodes.length);
  },
);

test("the same plan gives the same bytes in every format", () => {
  const again = drawPlatform(definition, flightsPlan("cluster"), "architecture");
  const [first] = pictures;
  if (first === undefined) throw new Error("no picture");
  expect(again).toEqual(first);
  expect(svgOf(again)).toBe(svgOf(first));
  expect(drawioOf(again)).toBe(drawioOf(first));
  expect(Buffer.compare(pngOf(again), pngOf(first))).toBe(0);
  expect(Buffer.compare(lucidOf(again), lucidOf(first))).toBe(0);
});

test("a PNG has the form of its picture", () => {
  for (const diagram of pictures) {
    const bytes = Buffer.from(pngOf(diagram, 1200));
    expect(bytes.subarray(1, 4).toString("latin1")).toBe("PNG");
    expect(bytes.readUInt32BE(16)).toBe(1200);
    expect(Math.abs(bytes.readUInt32BE(20) - (1200 * diagram.height) / diagram.width)).toBeLessThan(2);
  }
});

test("an SVG of outlines has no text, so that it needs no font; one of text has every word", () => {
  const [diagram] = pictures;
  if (diagram === undefined) throw new Error("no picture");
  expect(svgOf(diagram, outlined)).not.toContain("<text");
  for (const { lines } of diagram.nodes) for (const { text } of lines) expect(svgOf(diagram)).toContain(text.replaceAll("&", "&amp;"));
});

test("every icon that the catalogue of systems names is there", () => {
  const missing = [...systemFacts.values()].filter(
    ({ icon }) => icons[icon] === undefined && shapes[icon.replace("shape:", "")] === undefined,
  );
  expect(missing.map(({ name, icon }) => `${name}: ${icon}`)).toEqual([]);
});
