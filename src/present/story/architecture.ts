import type { Group, Part, PlatformPlan } from "../../plan/vocabulary.ts";
import { partTitle } from "./names.ts";
import { declared, status, table } from "./say.ts";
import type { DraftSection, DraftText } from "./vocabulary.ts";
import { capital, counted, listed } from "./words.ts";

/** The groups in the order in which data flows, as people call them. */
export const groupTitles: Readonly<Record<Group, string>> = {
  sources: "Sources",
  preprocessing: "Preprocessing",
  storage: "Storage",
  training: "Training",
  serving: "Serving and APIs",
  monitoring: "Monitoring",
  governance: "Governance",
};

/** The diagram, how data flows through it, and every part. */
export function architectureSection(plan: PlatformPlan, limit: number): DraftSection {
  return {
    title: "Architecture",
    blocks: [
      { kind: "picture", caption: `${plan.platform} in the environment ${plan.environment}: parts by group, and what flows between them.` },
      { kind: "paragraph", text: [[...flowSentences(plan), ...standingSentences(plan)].join(" ")] },
      table(
        [
          { title: "Group", width: 16 },
          { title: "Part", width: 26 },
          { title: "What it holds or does here", width: 34 },
          { title: "Declared", width: 24 },
        ],
        plan.parts.map((part) => [[groupTitles[part.group]], [partTitle(part)], [part.detail], standing(part)]),
        limit,
        "part",
      ),
    ],
  };
}

function standing(part: Part): DraftText {
  if (part.embedded) return ["embedded"];
  const place = declared(part.system, part.origin);
  return part.status === "described" ? [...place, " ", status("open", "described")] : place;
}

/** The way of the data, a sentence for each stretch that is there. */
export function flowSentences({ parts, links }: PlatformPlan): readonly string[] {
  const by = (role: Part["role"]) => parts.find((part) => part.role === role);
  const linked = (from: string, to: string) => links.some((link) => link.from === from && link.to === to);
  const sources = parts.filter(({ role }) => role === "source");
  const entry = by("broker") ?? by("engine") ?? by("lake");
  const [engine, lake, warehouse, launcher, registry, server] = [
    by("engine"),
    by("lake"),
    by("warehouse"),
    by("launcher"),
    by("registry"),
    by("server"),
  ];
  const [monitor, journal, catalog, bi] = [by("monitor"), by("journal"), by("catalog"), by("bi")];
  const front = by("proxy") ?? by("cache");
  const said: string[] = [];
  if (sources.length > 0 && entry !== undefined)
    said.push(`${listed(sources.map(partTitle))} ${sources.length === 1 ? "feeds" : "feed"} ${entry.title}.`);
  if (entry?.role === "broker" && engine !== undefined)
    said.push(`${engine.title} takes micro-batches from it, offsets committed with the data.`);
  if (engine !== undefined && lake !== undefined) {
    const commits = catalog === undefined ? "" : `; each commit goes through ${catalog.title}, so that readers see whole tables only`;
    said.push(`${engine.title} writes Iceberg tables to ${lake.title}${commits}.`);
  }
  if (warehouse !== undefined)
    said.push(`${warehouse.title} is loaded from the lake for queries${bi === undefined ? "" : `, which ${bi.title} asks`}.`);
  if (launcher !== undefined && registry !== undefined)
    said.push(
      `${launcher.title} ${launcher.title.startsWith("Processes") ? "train" : "trains"} on the feature tables; a version that passes its gate enters ${registry.title}.`,
    );
  if (server !== undefined && (registry === undefined || linked(registry.id, server.id)))
    said.push(`${server.title} answers requests with the champion${front === undefined ? "" : ` behind ${front.title}`}.`);
  if (monitor !== undefined) said.push(`${monitor.title} compares what it predicts with what it was trained on.`);
  if (journal !== undefined) said.push(`${journal.title} keeps every event in a chain of hashes.`);
  return said.map(capital);
}

/** What of it runs today, and what within Millwright. */
export function standingSentences({ parts }: PlatformPlan): readonly string[] {
  const described = parts.filter((part) => part.status === "described");
  const embedded = parts.filter((part) => part.embedded);
  return [
    described.length === 0
      ? "Every part runs today from the same platform file."
      : `${capital(counted(described.length, "part"))} of ${counted(parts.length, "part")} cannot be run by Millwright yet: ${listed(described.map(({ title }) => title))} ${described.length === 1 ? "is" : "are"} planned and drawn, no more.`,
    ...(embedded.length === 0
      ? []
      : [
          `${capital(counted(embedded.length, "part"))} ${embedded.length === 1 ? "is" : "are"} embedded: nothing to install, and bound to one machine.`,
        ]),
  ];
}
