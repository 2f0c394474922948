import type { Definition, Place } from "../../define/node.ts";
import { figureText } from "../../plan/figure-text.ts";
import type { Part, PlatformPlan } from "../../plan/vocabulary.ts";
import { systemFacts } from "../../systems/catalogue/index.ts";
import { groupFaces, subtitleOf } from "./architecture.ts";
import { marksOf } from "./marks.ts";
import { acceleratorText, linesOf, partFigures } from "./part-figures.ts";
import type { GroupColour, Sketch, SketchGroup, SketchNode } from "./vocabulary.ts";

type Site = "outside" | "process" | "machines" | "managed";

const colours: Readonly<Record<Site, GroupColour>> = { outside: "blue", process: "teal", machines: "violet", managed: "green" };

const providers: Readonly<Record<Place["provider"], string>> = {
  aws: "AWS",
  google: "Google Cloud",
  azure: "Azure",
  lambda: "Lambda",
  nebius: "Nebius",
  owned: "own machines",
};

const purchases: Readonly<Record<Place["purchase"], string>> = {
  "on-demand": "on demand",
  reserved: "reserved",
  spot: "spot",
  owned: "owned",
};

/** Where each part runs: which machines, how many of them, in which region and zones, and who looks after them. */
export function deployment({ environments }: Definition, plan: PlatformPlan): Sketch {
  const place = environments[plan.environment]?.place ?? null;
  const marks = marksOf(plan);
  const sites: readonly Site[] = ["outside", "process", "machines", "managed"];
  const present = sites.filter((site) => plan.parts.some((part) => siteOf(part) === site));
  return {
    view: "deployment",
    name: plan.platform,
    title: `${plan.platform}: deployment`,
    subtitle: [placeText(plan, place), subtitleOf(plan)].join(" · "),
    groups: present.map((site): SketchGroup => ({ id: site, title: siteTitle(site, plan, place), colour: colours[site], order: "grid" })),
    nodes: plan.parts.map((part) => node(plan, part, marks.get(part.id) ?? null)),
    links: plan.links,
    arrangements: [
      [present],
      [
        present.filter((site) => site === "outside" || site === "process"),
        present.filter((site) => site === "machines" || site === "managed"),
      ],
      [present.filter((site) => site === "outside"), present.filter((site) => site !== "outside")],
      present.map((site) => [site]),
    ].map((bands) => bands.filter((band) => band.length > 0)),
  };
}

function siteOf({ role, embedded, system }: Part): Site {
  if (role === "source") return "outside";
  if (embedded) return "process";
  return systemFacts.get(system)?.managed === true ? "managed" : "machines";
}

function placeText(plan: PlatformPlan, place: Place | null): string {
  if (place === null) return "on this machine";
  const region = place.region ?? plan.cost.chosen.region;
  const zones = `${place.zones} zone${place.zones === 1 ? "" : "s"}`;
  return [providers[place.provider], region, zones, purchases[place.purchase]].filter((text) => text !== "").join(", ");
}

function siteTitle(site: Site, plan: PlatformPlan, place: Place | null): string {
  const where =
    place === null
      ? "this machine"
      : [providers[place.provider], place.region ?? plan.cost.chosen.region].filter((text) => text !== "").join(" ");
  switch (site) {
    case "outside":
      return "Sources, where they are";
    case "process":
      return `Millwright's own process, ${where}`;
    case "machines":
      return place === null ? "Services beside it" : `Machines, ${where}${place.zones > 1 ? `, spread over ${place.zones} zones` : ""}`;
    case "managed":
      return "Run by their providers";
  }
}

function node(plan: PlatformPlan, part: Part, mark: string | null): SketchNode {
  const sized = plan.sizing.parts.find((one) => one.part === part.id);
  const { cost, replicas, accelerator } = partFigures(plan, part);
  const machine = linesOf(plan, part).find(({ price }) => price.unit === "USD/hour")?.item ?? null;
  const each = [
    sized === undefined || (sized.cores.value ?? 0) === 0 ? null : `${figureText(sized.cores)} cores`,
    sized === undefined || (sized.memory.value ?? 0) === 0 ? null : figureText(sized.memory),
  ].filter((text) => text !== null);
  const storage = sized?.storage ?? null;
  const figures = [
    machine === null ? (replicas > 1 ? `${replicas} replicas` : null) : `${replicas} × ${machine}`,
    each.length === 0 || part.role === "source" ? null : `${each.join(", ")}${replicas > 1 ? " each" : ""}`,
    [acceleratorText(sized), storage?.value === null || storage === null ? null : `${figureText(storage)} kept`]
      .filter((text) => text !== null)
      .join(" · "),
    part.role === "source" ? null : cost,
  ];
  const described = part.status === "described";
  return {
    id: part.id,
    group: siteOf(part),
    icon: accelerator ? "shape:gpu" : (systemFacts.get(part.system)?.icon ?? "shape:part"),
    title: part.title,
    lines: [
      { text: `${described ? "described · " : ""}${part.role === "source" ? `source ${part.id}` : roleText(part)}`, tone: "soft" },
      ...figures.flatMap((text) => (text === null || text === "" ? [] : [{ text, tone: "figure" as const }])),
      ...(mark === null ? [] : [{ text: mark, tone: "alert" as const }]),
    ],
    described,
    pile: replicas > 1,
    marked: mark !== null,
  };
}

function roleText({ role, group }: Part): string {
  return `${role} · ${groupFaces[group].title.toLowerCase()}`;
}
