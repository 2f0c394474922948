import { findPackageJSON } from "node:module";
import { MillwrightError } from "../../error.ts";
import { isDescribed, loadSystem } from "../../run/bind.ts";
import { systemFacts } from "../../systems/catalogue/index.ts";
import type { System } from "../../systems/roles.ts";
import { nearestNames } from "../nearest.ts";
import type { BindingNode, Definition, EnvironmentNode } from "../node.ts";
import type { Option } from "../option.ts";
import type { Findings } from "./diagnostic.ts";

/** What an environment may bind besides sources; unbound, each is embedded. */
const roles = [
  "lake",
  "catalog",
  "engine",
  "warehouse",
  "broker",
  "launcher",
  "tracker",
  "server",
  "orchestrator",
  "monitor",
  "proxy",
  "cache",
  "bi",
  "alerts",
  "dashboard",
  "identity",
];

/** Every environment binds every source that the platform needs, to a system that exists and can be a source, and nothing else. */
export async function checkEnvironments(definition: Definition, findings: Findings): Promise<void> {
  const needed = neededSources(definition);
  for (const environment of Object.values(definition.environments)) {
    const unused = Object.keys(environment.bindings).filter((role) => !needed.has(role) && !roles.includes(role));
    for (const [source, tables] of needed) {
      if (source in environment.bindings) continue;
      const [meant] = nearestNames(source, unused);
      findings.error({
        code: "unbound-role",
        what: `environment '${environment.name}' does not bind the source '${source}', which ${tables.length === 1 ? "the table" : "the tables"} ${listed(tables)} ${tables.length === 1 ? "needs" : "need"}`,
        where: environment.origin,
        fix:
          meant === undefined
            ? `bind it, e.g. ${source}: sqlite({ file: "data/${source}.sqlite" })`
            : `rename '${meant}', which nothing needs, to '${source}'`,
      });
    }
    const imported = definition.assets.find((asset) => asset.kind === "imported-model");
    if (imported !== undefined && environment.bindings["tracker"] === undefined)
      findings.error({
        code: "unbound-role",
        what: `environment '${environment.name}' does not bind a tracker, whose registry has the model '${imported.name}'`,
        where: environment.origin,
        fix: 'bind it, e.g. tracker: mlflow({ url: "http://127.0.0.1:5000" })',
      });
    for (const role of unused) {
      findings.warning({
        code: "unused-binding",
        what: `environment '${environment.name}' binds '${role}', which is neither a source of this platform nor a role`,
        where: environment.bindings[role]?.origin ?? environment.origin,
        fix: `remove it, or use one of the sources (${[...needed.keys()].join(", ")}) or roles (${roles.join(", ")})`,
      });
    }
    for (const [role, binding] of Object.entries(environment.bindings))
      await checkSystem(role, needed.has(role) ? "source" : role, binding, findings);
    const described = Object.values(environment.bindings).filter(isDescribed);
    if (described.length > 0)
      findings.warning({
        code: "described-system",
        what: `environment '${environment.name}' can be planned and presented, not run: ${listed([...new Set(described.map(titleOf))])} ${described.length === 1 ? "is" : "are"} described only`,
        where: environment.origin,
        fix: "run another environment, or bind systems that run",
      });
  }
}

async function checkSystem(role: string, kind: string, binding: BindingNode, findings: Findings): Promise<void> {
  if (isDescribed(binding)) return checkDescribed(role, kind, binding, findings);
  let system: System;
  try {
    system = await loadSystem(binding);
  } catch (error) {
    findings.thrown(error);
    return;
  }
  const filled = [...new Set([...Object.keys(system.roles), ...(system.rendered ?? [])])];
  if (filled.includes(kind) || (kind !== "source" && !roles.includes(kind))) return;
  findings.error({
    code: "wrong-role",
    what: `${system.title} cannot be the ${kind}${kind === "source" ? ` '${role}'` : ""}: it can be ${filled.length === 0 ? "nothing yet" : listed(filled)}`,
    where: binding.origin,
    fix: kind === "source" ? "bind a system that can be a source" : `remove the binding: without it the ${kind} is embedded`,
  });
}

/** A system that does not run here must still be able to fill its role. */
function checkDescribed(role: string, kind: string, binding: BindingNode, findings: Findings): void {
  const filled: readonly string[] = systemFacts.get(binding.system)?.roles ?? [];
  if (filled.includes(kind)) return;
  findings.error({
    code: "wrong-role",
    what: `${titleOf(binding)} cannot be the ${kind}${kind === "source" ? ` '${role}'` : ""}: it can be ${listed(filled)}`,
    where: binding.origin,
    fix: kind === "source" ? "bind a system that can be a source" : "remove the binding, or bind another system",
  });
}

function titleOf({ system }: BindingNode): string {
  return systemFacts.get(system)?.title ?? system;
}

/** What must be there on this machine before the environment can be used: secrets, and the packages of its systems. */
export async function checkSurroundings(environment: EnvironmentNode, findings: Findings): Promise<void> {
  for (const [role, binding] of Object.entries(environment.bindings)) {
    const system = await systemOf(binding);
    for (const name of system?.rendered?.includes(role) === true ? [] : secretsOf(binding.options)) {
      if (process.env[name]) continue;
      findings.warning({
        code: "missing-secret",
        what: `the environment variable ${name} is not set; '${role}' of environment '${environment.name}' needs it`,
        where: binding.origin,
        fix: `set ${name} before millwright run`,
      });
    }
    for (const peer of system?.peers ?? []) {
      if (isInstalled(peer.package)) continue;
      findings.warning({
        code: "missing-package",
        what: `'${role}' of environment '${environment.name}' needs the package ${peer.package}`,
        where: binding.origin,
        fix: `npm install ${peer.package}@"${peer.range}"`,
      });
    }
  }
}

async function systemOf(binding: BindingNode): Promise<System | null> {
  try {
    return await loadSystem(binding);
  } catch (error) {
    // A system that does not exist was reported where bindings are checked.
    if (error instanceof MillwrightError) return null;
    throw error;
  }
}

function isInstalled(name: string): boolean {
  try {
    return findPackageJSON(name, import.meta.url) !== undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND") return false;
    throw error;
  }
}

/** Names of the environment variables that options refer to. */
export function secretsOf(option: Option): readonly string[] {
  if (typeof option !== "object" || option === null) return [];
  if ("secret" in option && option["secret"] === "env" && "name" in option && typeof option["name"] === "string") return [option["name"]];
  return [...new Set(Object.values<Option>({ ...option }).flatMap(secretsOf))];
}

/** Each source with the tables that are read from it. */
export function neededSources(definition: Definition): ReadonlyMap<string, readonly string[]> {
  const needed = new Map<string, string[]>();
  for (const asset of definition.assets) {
    if (asset.kind === "source") needed.set(asset.source, [...(needed.get(asset.source) ?? []), asset.name]);
  }
  return needed;
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
