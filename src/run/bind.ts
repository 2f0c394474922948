import { MillwrightError } from "../error.ts";
import type { BindingNode, Definition, EnvironmentNode, SourceTableNode } from "../define/node.ts";
import type { Option } from "../define/option.ts";
import { systemFacts } from "../systems/catalogue/index.ts";
import { systems } from "../systems/index.ts";
import type { Options, Source, System } from "../systems/roles.ts";

/** The environment of that name. @throws MillwrightError `unknown-environment` listing those there are. */
export function environmentOf(definition: Definition, name: string): EnvironmentNode {
  const environment = definition.environments[name];
  if (environment === undefined) {
    throw new MillwrightError({
      code: "unknown-environment",
      what: `the platform '${definition.name}' has no environment '${name}'`,
      where: definition.origin,
      fix: `use one of: ${Object.keys(definition.environments).join(", ")}`,
    });
  }
  return environment;
}

/** The binding of a source. @throws MillwrightError `unbound-role` when the environment names none. */
export function bindingOf(environment: EnvironmentNode, table: SourceTableNode): BindingNode {
  const binding = environment.bindings[table.source];
  if (binding === undefined) {
    throw new MillwrightError({
      code: "unbound-role",
      what: `environment '${environment.name}' does not bind the source '${table.source}', which the table '${table.name}' needs`,
      where: environment.origin,
      fix: `bind it, e.g. ${table.source}: files({ directory: "data" })`,
    });
  }
  return binding;
}

/** Whether a system is known, but cannot run here yet. */
export function isDescribed({ system }: BindingNode): boolean {
  return systems[system] === undefined && systemFacts.has(system);
}

/** The module of a system, loaded now. @throws MillwrightError `described-system`, `unknown-system` */
export async function loadSystem(binding: BindingNode): Promise<System> {
  const load = systems[binding.system];
  if (load === undefined && isDescribed(binding)) {
    const title = systemFacts.get(binding.system)?.title ?? binding.system;
    throw new MillwrightError({
      code: "described-system",
      what: `${title} is described only: it can be planned and presented, not run`,
      where: binding.origin,
      fix: `run another environment, or bind one of: ${Object.keys(systems).join(", ")}`,
    });
  }
  if (load === undefined) {
    throw new MillwrightError({
      code: "unknown-system",
      what: `there is no system '${binding.system}'`,
      where: binding.origin,
      fix: `use one of: ${Object.keys(systems).join(", ")}`,
    });
  }
  return load();
}

/** What a bound system does in a role. @throws MillwrightError `wrong-role` when it cannot fill it. */
export function connectRole<Arguments extends readonly unknown[], Result>(
  binding: BindingNode,
  role: string,
  pick: (roles: System["roles"]) => ((...values: Arguments) => Promise<Result>) | undefined,
): (...values: Arguments) => Promise<Result> {
  return async (...values) => {
    const system = await loadSystem(binding);
    const connect = pick(system.roles);
    if (connect !== undefined) return connect(...values);
    throw new MillwrightError({
      code: "wrong-role",
      what: `${system.title} cannot be the ${role}`,
      where: binding.origin,
      fix: `bind a system that can, or remove the binding: without it the ${role} is embedded`,
    });
  };
}

/** Connects to a bound source. Secrets are read here and nowhere else. */
export async function connectSource(binding: BindingNode, directory: string): Promise<Source> {
  const system = await loadSystem(binding);
  if (system.roles.source === undefined) {
    throw new MillwrightError({
      code: "wrong-role",
      what: `${system.title} cannot be a source`,
      where: binding.origin,
      fix: "bind a system that can, or remove the binding",
    });
  }
  return system.roles.source(resolveOptions(binding), { directory });
}

/** The options of a binding, with the values of its secrets. @throws MillwrightError `missing-secret` naming the variable. */
export function resolveOptions(binding: BindingNode): Options {
  const resolve = (option: Option): Option => {
    if (option === null || typeof option !== "object") return option;
    if (isList(option)) return option.map(resolve);
    if (isSecret(option)) return readSecret(option.name, binding);
    return Object.fromEntries(Object.entries(option).map(([name, part]) => [name, resolve(part)]));
  };
  return Object.fromEntries(Object.entries(binding.options).map(([name, option]) => [name, resolve(option)]));
}

function isList(option: Option & object): option is readonly Option[] {
  return Array.isArray(option);
}

function isSecret(option: object): option is { readonly secret: "env"; readonly name: string } {
  return "secret" in option && option.secret === "env" && "name" in option && typeof option.name === "string";
}

function readSecret(name: string, binding: BindingNode): string {
  const value = process.env[name];
  if (value === undefined || value === "") {
    throw new MillwrightError({
      code: "missing-secret",
      what: `the environment variable ${name} is not set`,
      where: binding.origin,
      fix: `set ${name} before the command`,
    });
  }
  return value;
}
