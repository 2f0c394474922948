import type { Definition, Place } from "../../define/node.ts";
import { figureText } from "../../plan/figure-text.ts";
import type { Part, PlatformPlan } from "../../plan/vocabulary.ts";
import { systemFacts } from "../../systems/catalogue/index.ts";
import { subtitleOf } from "./architecture.ts";
import { marksOf } from "./marks.ts";
import { linesOf, partFigures } from "./part-figures.ts";
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
  const figures = partFigures(plan, part);
  const machine = linesOf(plan, part).find(({ price }) => price.unit === "USD/hour" && price.value !== null)?.item ?? null;
  const described = part.status === "described";
  const what = part.role === "source" ? `source ${part.id}` : [part.role, part.detail].filter((text) => text !== "").join(" · ");
  const several = figures.replicas > 1 ? `${figures.replicas} replicas` : "";
  const lines: SketchNode["lines"] = [
    { text: described ? `described · ${what}` : what, tone: "soft" },
    { text: machine === null ? several : `${figures.replicas} × ${machine}`, tone: "figure" },
    { text: eachText(plan, part, figures.replicas), tone: "figure" },
    { text: figures.accelerators ?? "", tone: "figure" },
    { text: storageText(plan, part), tone: "figure" },
    { text: part.role === "source" ? "" : (figures.cost ?? ""), tone: "figure" },
    { text: mark ?? "", tone: "alert" },
  ];
  return {
    id: part.id,
    group: siteOf(part),
    icon: figures.accelerators === null ? (systemFacts.get(part.system)?.icon ?? "shape:part") : "shape:gpu",
    title: part.title,
    lines: lines.filter(({ text }) => text !== ""),
    described,
    pile: figures.replicas > 1,
    marked: mark !== null,
  };
}

/** Cores and memory of one replica; nothing of what runs inside another process, and of sources, which others run. */
function eachText(plan: PlatformPlan, part: Part, replicas: number): string {
  const sized = plan.sizing.parts.find((one) => one.part === part.id);
  if (sized === undefined || part.role === "source") return "";
  const cores = sized.cores.value ?? 0;
  const texts = [
    cores === 0 ? "" : `${figureText(sized.cores)} core${cores === 1 ? "" : "s"}`,
    (sized.memory.value ?? 0) === 0 ? "" : figureText(sized.memory),
  ];
  const text = texts.filter((one) => one !== "").join(", ");
  return text === "" || replicas === 1 ? text : `${text} each`;
}

function storageText(plan: PlatformPlan, part: Part): string {
  const storage = plan.sizing.parts.find((one) => one.part === part.id)?.storage ?? null;
  return storage === null || storage.value === null ? "" : `${figureText(storage)} kept`;
}
