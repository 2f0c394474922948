import type { AssetNode, BindingNode, Definition, EnvironmentNode } from "../define/node.ts";
import type { PartRole } from "../systems/catalogue/facts.ts";
import { systemFacts } from "../systems/catalogue/index.ts";
import { systems } from "../systems/index.ts";
import type { Group, Link, Part } from "./vocabulary.ts";

/** Where a role stands in diagrams and documents. */
export const groupOfRole: Readonly<Record<PartRole, Group>> = {
  source: "sources",
  broker: "preprocessing",
  engine: "preprocessing",
  orchestrator: "preprocessing",
  lake: "storage",
  catalog: "storage",
  warehouse: "storage",
  launcher: "training",
  tracker: "training",
  registry: "training",
  server: "serving",
  proxy: "serving",
  cache: "serving",
  bi: "serving",
  monitor: "monitoring",
  alerts: "monitoring",
  dashboard: "monitoring",
  identity: "governance",
  journal: "governance",
};

/** What stands in for a role that is not bound; the other roles are then not there at all. */
const embedded: Readonly<Partial<Record<PartRole, string>>> = {
  engine: "duckdb",
  lake: "local",
  catalog: "millwright-catalog",
  warehouse: "duckdb",
  launcher: "process",
  registry: "millwright-registry",
  server: "embedded",
  monitor: "millwright-monitor",
  journal: "millwright-journal",
};

/** Every part of a platform in an environment, bound or embedded, in the order in which data flows. */
export function partsOf(definition: Definition, environment: EnvironmentNode): readonly Part[] {
  return [...sourceParts(definition, environment), ...roleParts(definition, environment)];
}

function sourceParts({ assets }: Definition, environment: EnvironmentNode): Part[] {
  const sources = new Map<string, string[]>();
  for (const asset of assets) if (asset.kind === "source") sources.set(asset.source, [...(sources.get(asset.source) ?? []), asset.name]);
  return [...sources].flatMap(([id, tables]) => {
    const binding = environment.bindings[id];
    return binding === undefined ? [] : [part(id, "source", binding, tables, environment, counted(tables, "table"))];
  });
}

function roleParts({ assets }: Definition, environment: EnvironmentNode): Part[] {
  const named = (...kinds: readonly AssetNode["kind"][]) => assets.flatMap(({ kind, name }) => (kinds.includes(kind) ? [name] : []));
  const [tables, models, endpoints] = [named("source", "table"), named("model", "imported-model"), named("endpoint")];
  const loaded = assets.flatMap((asset) => (asset.kind === "table" && asset.load ? [asset.name] : []));
  /** What each role has to do here; one that has nothing to do is there only when it is bound. */
  const work: readonly (readonly [PartRole, readonly string[], string])[] = [
    ["broker", [], "events"],
    ["orchestrator", [], "schedules"],
    ["engine", named("table"), counted(named("table"), "table")],
    ["lake", tables, counted(tables, "Iceberg table")],
    ["catalog", tables, "commits"],
    ["warehouse", loaded, counted(loaded, "table")],
    ["bi", [], "reports"],
    ["launcher", named("model"), models.join(", ")],
    ["tracker", [], "runs and metrics"],
    ["registry", models, counted(models, "model")],
    ["server", endpoints, endpoints.join(", ")],
    ["proxy", [], "TLS and limits"],
    ["cache", [], "what may be cached"],
    ["monitor", endpoints, "drift, quality, performance"],
    ["alerts", [], "escalation"],
    ["dashboard", [], "dashboards"],
    ["identity", [], "sign-on and roles"],
    ["journal", ["journal"], "lineage and audit"],
  ];
  return work.flatMap(([role, does, detail]) => {
    const binding = environment.bindings[role];
    if (binding === undefined && (does.length === 0 || embedded[role] === undefined)) return [];
    return [part(role, role, binding, does, environment, detail)];
  });
}

function part(
  id: string,
  role: PartRole,
  binding: BindingNode | undefined,
  assets: readonly string[],
  environment: EnvironmentNode,
  detail: string,
): Part {
  const system = binding?.system ?? embedded[role] ?? role;
  return Object.freeze<Part>({
    id,
    role,
    group: groupOfRole[role],
    system,
    title: systemFacts.get(system)?.title ?? system,
    detail,
    status: binding === undefined || systems[system] !== undefined ? "works" : "described",
    embedded: binding === undefined,
    assets: role === "journal" ? [] : assets,
    origin: binding?.origin ?? environment.origin,
  });
}

/** What flows between the parts that are there. */
export function linksOf(parts: readonly Part[]): readonly Link[] {
  const has = new Set(parts.map(({ role }) => role));
  const sources = parts.filter(({ role }) => role === "source").map(({ id }) => id);
  const entry = has.has("broker") ? "broker" : "engine";
  const front = has.has("proxy") ? "proxy" : has.has("cache") ? "cache" : null;
  const links: Link[] = [
    ...sources.map((from) => link(from, has.has(entry) ? entry : "lake", "data")),
    link("broker", has.has("engine") ? "engine" : "lake", "data", "micro-batches"),
    link("orchestrator", "engine", "control", "starts"),
    link("engine", "lake", "data", "tables"),
    link("catalog", "lake", "control", "commits"),
    link("lake", "warehouse", "data", "loads"),
    link("warehouse", "bi", "data", "queries"),
    link("lake", "launcher", "data", "features"),
    link("launcher", "tracker", "metrics", "runs"),
    link("launcher", "registry", "models", "accepted"),
    link("registry", "server", "models", "champion"),
    ...(front === null ? [] : [link(front, "server", "requests")]),
    ...(has.has("proxy") ? [link("cache", "proxy", "requests")] : []),
    link("identity", front ?? "server", "control", "sign-on"),
    link("server", "monitor", "metrics", "predictions"),
    link("monitor", "alerts", "metrics", "alerts"),
    link("monitor", "dashboard", "metrics"),
    link("engine", "journal", "control", "events"),
  ];
  const there = new Set(parts.map(({ id }) => id));
  return links.filter(({ from, to }) => there.has(from) && there.has(to));
}

function link(from: string, to: string, kind: Link["kind"], label: string | null = null): Link {
  return Object.freeze({ from, to, kind, label });
}

function counted(names: readonly string[], noun: string): string {
  return `${names.length} ${noun}${names.length === 1 ? "" : "s"}`;
}
