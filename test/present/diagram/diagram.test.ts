import { randomNumbers } from "../../../src/random.ts";
import { expect, test } from "vitest";
import { draw } from "../../../src/present/diagram/draw.ts";
import { drawPlatform } from "../../../src/present/diagram/platform.ts";
import { svgOf } from "../../../src/present/diagram/svg.ts";
import { textWidth } from "../../../src/present/diagram/text.ts";
import type { DiagramForm, DiagramView, Sketch } from "../../../src/present/diagram/vocabulary.ts";
import { faults } from "./clear.ts";
import { definition, flightsPlan } from "./flights.ts";
import { madeUpPlan } from "./made-up.ts";

const views: readonly DiagramView[] = ["architecture", "deployment", "data-flow"];
const forms: readonly DiagramForm[] = ["page", "slide"];

/** The smallest letters, in points, on A4 upright inside margins of a centimetre. */
function smallest({ width, nodes, routes, legend }: ReturnType<typeof draw>): number {
  const lines = [...nodes.flatMap((node) => node.lines), ...routes.flatMap(({ label }) => label ?? []), ...legend.map(({ text }) => text)];
  return (Math.min(...lines.map(({ size }) => size)) * 538) / width;
}

test.for(Object.keys(definition.environments).flatMap((environment) => views.map((view) => [environment, view] as const)))(
  "flights in %s, %s: nothing lies on anything, every link is there, and it can be read on A4",
  ([environment, view]) => {
    const plan = flightsPlan(environment);
    for (const form of forms) {
      const diagram = drawPlatform(definition, plan, view, form);
      expect(faults(diagram)).toEqual([]);
      if (view !== "data-flow") {
        expect(diagram.nodes.map(({ id }) => id).toSorted()).toEqual(plan.parts.map(({ id }) => id).toSorted());
        expect(diagram.routes.map(({ from, to }) => `${from} ${to}`)).toEqual(plan.links.map(({ from, to }) => `${from} ${to}`));
        expect(diagram.routes.filter(({ label }) => label !== null).length).toBe(
          new Set(plan.links.flatMap(({ label }) => label ?? [])).size,
        );
      }
      if (form === "page") expect(smallest(diagram)).toBeGreaterThanOrEqual(6);
    }
  },
);

test(
  "platforms of 3 to 40 parts, made up: nothing lies on anything, every link and label is there, and a page can be read on A4",
  { timeout: 120_000 },
  () => {
    for (let count = 3; count <= 40; count++) {
      const plan = madeUpPlan(count * 7919, count);
      const [view, form] = [
        count % 2 === 0 ? ("deployment" as const) : ("architecture" as const),
        count % 3 === 0 ? ("slide" as const) : ("page" as const),
      ];
      const diagram = drawPlatform(madeUpPlace, plan, view, form);
      const name = `${count} parts, ${view}, ${form}`;
      expect(faults(diagram), name).toEqual([]);
      expect(diagram.nodes.length, name).toBe(plan.parts.length);
      expect(
        diagram.routes.map(({ from, to }) => `${from} ${to}`),
        name,
      ).toEqual(plan.links.map(({ from, to }) => `${from} ${to}`));
      for (const { label } of plan.links)
        if (label !== null)
          expect(
            diagram.routes.some((route) => route.label?.text === label),
            `${name}: ${label}`,
          ).toBe(true);
      if (form === "page") expect(smallest(diagram), name).toBeGreaterThanOrEqual(6);
    }
  },
);

const madeUpPlace = {
  ...definition,
  environments: {
    prod: {
      kind: "environment" as const,
      name: "prod",
      origin: definition.origin,
      bindings: {},
      helpers: [],
      place: { provider: "aws" as const, region: "eu-central-1", zones: 3, purchase: "reserved" as const, encryptedDisks: false },
    },
  },
};

test(
  "tables of 5 to 40 in layers, made up, with many inputs each: nothing lies on anything and every input is drawn",
  { timeout: 120_000 },
  () => {
    for (let count = 5; count <= 40; count += 5) {
      const diagram = draw(layered(count));
      expect(faults(diagram), `${count} tables`).toEqual([]);
      expect(diagram.routes.length).toBe(layered(count).links.length);
    }
  },
);

function layered(count: number): Sketch {
  const next = randomNumbers(count);
  const ids = Array.from({ length: count }, (_, index) => `table_${index + 1}`);
  const nodes = ids.map((id, index) => ({
    id,
    group: index < count / 3 ? "sources" : "tables",
    icon: "shape:table",
    title: id,
    lines: [],
    described: false,
    pile: false,
    marked: false,
  }));
  const links = ids.flatMap((to, index) =>
    index < count / 3
      ? []
      : [...new Set([0, 0, 0].map(() => ids[Math.floor(next() * index)] ?? to))].map((from) => ({
          from,
          to,
          kind: "data" as const,
          label: null,
        })),
  );
  const groups = [
    { id: "sources", title: "Sources", colour: "blue" as const, order: "grid" as const },
    { id: "tables", title: "Tables", colour: "green" as const, order: "layers" as const },
  ];
  return {
    view: "data-flow",
    name: "layers",
    title: "Layers",
    subtitle: "",
    groups,
    nodes,
    links,
    arrangements: [[["sources"], ["tables"]]],
  };
}

test("what finds no room is said in the legend: more lines than the edge of a card has places for", () => {
  const sketch = layered(5);
  const [first, second] = sketch.nodes;
  if (first === undefined || second === undefined) throw new Error("no tables");
  const links = Array.from({ length: 60 }, (_, index) => ({
    from: first.id,
    to: second.id,
    kind: "data" as const,
    label: `part ${index + 1}`,
  }));
  const { routes, legend } = draw({ ...sketch, nodes: [first, second], links });
  expect(routes.length).toBeLessThan(60);
  const said = legend.filter(({ text }) => text.text.startsWith("no room for the line from table_1 to table_2"));
  expect(routes.length + said.length).toBe(60);
});

test("what is only described has a dashed border and says so", () => {
  const plan = madeUpPlan(3, 20);
  const described = plan.parts.filter(({ status }) => status === "described").map(({ id }) => id);
  expect(described.length).toBeGreaterThan(0);
  for (const view of ["architecture", "deployment"] as const) {
    const { nodes } = drawPlatform(madeUpPlace, plan, view);
    for (const node of nodes) {
      expect(node.described).toBe(described.includes(node.id));
      expect(node.lines.some(({ text }) => /\bdescribed\b/.test(text))).toBe(node.described);
    }
  }
});

test("figures on the cards are those of the plan, in its words", () => {
  const plan = madeUpPlan(11, 24);
  const { nodes, heading } = drawPlatform(madeUpPlace, plan, "architecture");
  expect(heading[1]?.text).toContain("$123,456.78/month");
  const [line] = plan.cost.chosen.lines.filter(({ monthly }) => monthly.value !== null);
  const card = nodes.find(({ id }) => id === line?.part);
  const amount = (line?.monthly.value ?? 0).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  expect(card?.lines.map(({ text }) => text)).toContain(`$${amount}/month`);
  const unknown = plan.cost.chosen.lines.find(({ monthly }) => monthly.value === null);
  expect(nodes.find(({ id }) => id === unknown?.part)?.lines.map(({ text }) => text)).toContain("cost unknown");
});

test("a missed requirement and an open control put a red mark on the part that they are of, and on no other", () => {
  const plan = flightsPlan("cluster");
  const control = { id: "SC-28", title: "Protection at rest", group: "SC", by: [] };
  const where = { file: "platform.ts", line: 1 };
  const latency = {
    kind: "requirement" as const,
    name: "latency.p99",
    text: "50 ms",
    bound: "atMost" as const,
    value: 0.05,
    unit: "seconds" as const,
    origin: where,
  };
  const missing = {
    ...plan,
    requirements: [{ requirement: latency, outcome: "missed" as const, figure: null, reason: "slow" }],
    compliance: [
      {
        standard: "FedRAMP Moderate" as const,
        controls: [{ ...control, status: "open" as const, remaining: "encrypt the disk under Amazon S3 (lake)" }],
      },
    ],
  };
  const { nodes, legend } = drawPlatform(definition, missing, "architecture");
  expect(nodes.filter(({ marked }) => marked).map(({ id, lines }) => [id, lines.at(-1)?.text])).toEqual([
    ["lake", "open: SC-28"],
    ["server", "misses latency p99"],
  ]);
  expect(legend.map(({ sample }) => sample)).toContain("marked");
  const met = {
    ...plan,
    requirements: [],
    compliance: [{ standard: "FedRAMP Moderate" as const, controls: [{ ...control, status: "claimed" as const, remaining: null }] }],
  };
  expect(drawPlatform(definition, met, "architecture").nodes.some(({ marked }) => marked)).toBe(false);
});

test("names that are too long are cut where they stop fitting; signs of XML are written as such", () => {
  const plan = madeUpPlan(5, 6);
  const [first, ...others] = plan.parts;
  if (first === undefined) throw new Error("no parts");
  const long = {
    ...first,
    title: "An <extremely> long & winding name of a system that fits nowhere",
    detail: "Wörter über Größe 数据 ".repeat(6),
  };
  const diagram = drawPlatform(madeUpPlace, { ...plan, parts: [long, ...others] }, "architecture");
  expect(faults(diagram)).toEqual([]);
  expect(svgOf(diagram)).toContain("&lt;extremely&gt;");
  expect(svgOf(diagram)).not.toContain("<extremely>");
});

test("letters are as wide as Arial's", () => {
  // Advance widths of Arial, in 1/2048 em: A 1366, i 455, W 1933; bold A 1479.
  expect(textWidth("A", 2048, false)).toBe(1366);
  expect(textWidth("iW", 2048, false)).toBe(455 + 1933);
  expect(textWidth("A", 2048, true)).toBe(1479);
});
