import { deepFreeze } from "../define/freeze.ts";
import type { BindingNode } from "../define/node.ts";
import type { Option } from "../define/option.ts";
import { callerOrigin } from "../define/origin.ts";

/** What a system's user-facing function returns: the options as given, frozen, with the place of the call. Options that are undefined are left out. */
export function binding(system: string, options: object): BindingNode {
  return deepFreeze({ kind: "binding", system, options: plain(options), origin: callerOrigin() });
}

function plain(options: object): Readonly<Record<string, Option>> {
  const copy: Record<string, Option> = {};
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    copy[name] = Array.isArray(value) ? value.map((item: Option) => item) : isObject(value) ? plain(value) : value;
  }
  return copy;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
