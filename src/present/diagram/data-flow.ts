import type { AssetNode, Definition } from "../../define/node.ts";
import { figureText } from "../../plan/figure-text.ts";
import type { Part, PlatformPlan } from "../../plan/vocabulary.ts";
import type { Sketch, SketchGroup, SketchLink, SketchNode } from "./vocabulary.ts";

/** Every table, model and endpoint from the sources to the answer, as the platform declares them. */
export function dataFlow({ assets }: Definition, plan: PlatformPlan): Sketch {
  const nodes = assets.flatMap((asset) => nodeOf(asset, plan) ?? []);
  const used = new Set(nodes.map(({ group }) => group));
  const partOf = (id: string): Part | undefined => plan.parts.find((part) => part.id === id);
  const sources = [...used].filter((id) => id.startsWith("source "));
  const groups: SketchGroup[] = [
    ...sources.map((id): SketchGroup => {
      const part = partOf(id.slice("source ".length));
      return { id, title: `${id.slice("source ".length)}${part === undefined ? "" : `: ${part.title}`}`, colour: "blue", order: "grid" };
    }),
    { id: "tables", title: `Tables made by ${partOf("engine")?.title ?? "the engine"}`, colour: "green", order: "layers" },
    { id: "models", title: "Models", colour: "orange", order: "grid" },
    { id: "endpoints", title: "Endpoints", colour: "red", order: "grid" },
    { id: "metrics", title: "Figures kept", colour: "teal", order: "grid" },
  ];
  const present = groups.filter(({ id }) => used.has(id));
  const answers = ["models", "endpoints", "metrics"].filter((id) => used.has(id));
  const bands = [sources, used.has("tables") ? ["tables"] : []];
  return {
    view: "data-flow",
    name: plan.platform,
    title: `${plan.platform}: from source to answer`,
    subtitle: [
      `environment ${plan.environment}`,
      counted(assets, "source", "source table"),
      counted(assets, "table", "table"),
      counted(assets, "model", "model"),
      counted(assets, "endpoint", "endpoint"),
    ]
      .filter((text) => text !== null)
      .join(" · "),
    groups: present,
    nodes,
    links: assets.flatMap(linksOf),
    arrangements: [
      [...bands, answers],
      [...bands.slice(0, 1), [...(used.has("tables") ? ["tables"] : []), ...answers]],
      [...bands, ...answers.map((id) => [id])],
    ].map((one) => one.filter((band) => band.length > 0)),
  };
}

function nodeOf(asset: AssetNode, plan: PlatformPlan): SketchNode | null {
  const plain = { described: false, pile: false, marked: false, title: asset.name, id: asset.name };
  const rows = tableText(asset.name, plan);
  switch (asset.kind) {
    case "source":
      return {
        ...plain,
        group: `source ${asset.source}`,
        icon: "shape:table",
        lines: lines((rows ?? asset.key.length === 0) ? "every row" : `key ${asset.key.join(", ")}`),
      };
    case "table": {
      const how = asset.sql === null ? "computed" : "by SQL";
      return { ...plain, group: "tables", icon: "shape:table", lines: lines(rows ?? how, asset.load ? "in the warehouse" : null) };
    }
    case "model":
      return { ...plain, group: "models", icon: "shape:model", lines: lines(`predicts ${asset.target}`, qualityText(asset.name, plan)) };
    case "imported-model":
      return { ...plain, group: "models", icon: "shape:model", lines: lines(`from the tracker: ${asset.model}`) };
    case "endpoint":
      return {
        ...plain,
        id: endpointId(asset.name),
        group: "endpoints",
        icon: "shape:endpoint",
        lines: lines("answers requests", latencyText(asset.name, plan)),
      };
    case "metric":
      return { ...plain, group: "metrics", icon: "shape:metric", lines: lines("kept in the journal") };
    case "maintenance":
      return null;
  }
}

/** An endpoint may have the name of a table. */
function endpointId(name: string): string {
  return `endpoint ${name}`;
}

function lines(detail: string, figure: string | null = null): SketchNode["lines"] {
  return [{ text: detail, tone: "soft" }, ...(figure === null ? [] : [{ text: figure, tone: "figure" as const }])];
}

function tableText(name: string, { measurements }: PlatformPlan): string | null {
  const measured = measurements.tables[name];
  if (measured === undefined) return null;
  const { rows, bytes } = measured;
  return [rows.value === null ? null : `${figureText(rows)} rows`, bytes.value === null ? null : figureText(bytes)]
    .filter((text) => text !== null)
    .join(" · ");
}

function qualityText(name: string, { measurements }: PlatformPlan): string | null {
  const [metric, figure] = Object.entries(measurements.models[name]?.quality ?? {})[0] ?? [];
  return metric === undefined || figure === undefined || figure.value === null ? null : `${metric} ${figureText(figure)}`;
}

function latencyText(name: string, { measurements }: PlatformPlan): string | null {
  const p99 = measurements.endpoints[name]?.p99;
  return p99 === undefined || p99.value === null ? null : `p99 ${figureText(p99)}`;
}

function linksOf(asset: AssetNode): SketchLink[] {
  switch (asset.kind) {
    case "table":
      return asset.inputs.map((from) => ({ from, to: asset.name, kind: "data" as const, label: null }));
    case "model":
      return [{ from: asset.from, to: asset.name, kind: "data", label: "trains" }];
    case "endpoint":
      return [{ from: asset.model, to: endpointId(asset.name), kind: "models", label: "champion" }];
    case "metric":
      return [{ from: asset.of, to: asset.name, kind: "metrics", label: null }];
    case "source":
    case "imported-model":
    case "maintenance":
      return [];
  }
}

function counted(assets: readonly AssetNode[], kind: AssetNode["kind"], noun: string): string | null {
  const count = assets.filter((asset) => asset.kind === kind).length;
  return count === 0 ? null : `${count} ${noun}${count === 1 ? "" : "s"}`;
}
