import type { Group, Part, PlatformPlan } from "../../plan/vocabulary.ts";
import { figureText } from "../../plan/figure-text.ts";
import { systemFacts } from "../../systems/catalogue/index.ts";
import { marksOf } from "./marks.ts";
import { partFigures } from "./part-figures.ts";
import type { GroupColour, Sketch, SketchNode } from "./vocabulary.ts";

/** Each group's title and colour, in the order in which data flows. */
export const groupFaces: Readonly<Record<Group, { readonly title: string; readonly colour: GroupColour }>> = Object.freeze({
  sources: { title: "Sources", colour: "blue" },
  preprocessing: { title: "Preprocessing", colour: "violet" },
  storage: { title: "Storage", colour: "green" },
  training: { title: "Training", colour: "orange" },
  serving: { title: "Serving and APIs", colour: "red" },
  monitoring: { title: "Monitoring", colour: "teal" },
  governance: { title: "Governance", colour: "grey" },
});

/** Ways to stand: the first row in the direction of the data, the second under it. */
const arrangements: readonly (readonly (readonly Group[])[])[] = [
  [["sources"], ["preprocessing", "storage", "training"], ["governance", "monitoring", "serving"]],
  [["sources"], ["preprocessing", "storage"], ["serving", "training"], ["monitoring", "governance"]],
  [["sources", "preprocessing", "storage"], ["monitoring", "serving", "training"], ["governance"]],
  [
    ["sources", "preprocessing", "storage"],
    ["serving", "training"],
    ["monitoring", "governance"],
  ],
  [
    ["sources", "preprocessing"],
    ["training", "storage"],
    ["serving", "monitoring", "governance"],
  ],
  [["sources", "preprocessing"], ["training", "storage"], ["serving", "monitoring"], ["governance"]],
  [
    ["sources", "preprocessing", "storage", "training"],
    ["governance", "monitoring", "serving"],
  ],
  [
    ["sources", "preprocessing", "storage"],
    ["governance", "monitoring", "serving", "training"],
  ],
];

/** The parts of a platform in their groups, with their sizes and costs, and what flows between them. */
export function architecture(plan: PlatformPlan): Sketch {
  const marks = marksOf(plan);
  const present = new Set(plan.parts.map(({ group }) => group));
  const order = Object.keys(groupFaces);
  return {
    view: "architecture",
    name: plan.platform,
    title: `${plan.platform}: architecture`,
    subtitle: subtitleOf(plan),
    groups: (Object.entries(groupFaces) satisfies [string, unknown][])
      .filter(([id]) => [...present].some((group) => group === id))
      .map(([id, face]) => ({ id, ...face, order: "grid" as const })),
    nodes: plan.parts
      .toSorted((one, other) => order.indexOf(one.group) - order.indexOf(other.group))
      .map((part) => node(plan, part, marks)),
    links: plan.links,
    arrangements: arrangements.map((bands) => bands.map((band) => band.filter((id) => present.has(id))).filter((band) => band.length > 0)),
  };
}

/** The environment, the domain and the figures that everybody asks for first. */
export function subtitleOf(plan: PlatformPlan): string {
  const missed = plan.requirements.filter(({ outcome }) => outcome === "missed").length;
  const { monthly } = plan.cost.chosen;
  const { uptime } = plan.service;
  return [
    `environment ${plan.environment}`,
    plan.domain,
    monthly.value === null ? null : figureText(monthly),
    uptime.value === null ? null : `uptime ${figureText(uptime)}`,
    missed === 0 ? null : `${missed} requirement${missed === 1 ? "" : "s"} missed`,
  ]
    .filter((text) => text !== null)
    .join(" · ");
}

function node(plan: PlatformPlan, part: Part, marks: ReadonlyMap<string, string>): SketchNode {
  const figures = partFigures(plan, part);
  const mark = marks.get(part.id);
  const detail = [part.status === "described" ? "described" : "", part.detail].filter((text) => text !== "").join(" · ");
  const lines: SketchNode["lines"] = [
    { text: detail, tone: "soft" },
    { text: figures.size ?? "", tone: "figure" },
    { text: figures.accelerators ?? "", tone: "figure" },
    { text: figures.cost ?? "", tone: "figure" },
    { text: mark ?? "", tone: "alert" },
  ];
  return {
    id: part.id,
    group: part.group,
    icon: systemFacts.get(part.system)?.icon ?? "shape:part",
    title: part.title,
    lines: lines.filter(({ text }) => text !== ""),
    described: part.status === "described",
    pile: figures.replicas > 1,
    marked: mark !== undefined,
  };
}
