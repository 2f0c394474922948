import type { BatchLimits } from "./deployment.ts";
import { Fault, shown } from "./fault.ts";

/** Which versions of a model are to be served, as a client asks for them. */
export type VersionPolicy =
  | { readonly kind: "default" }
  | { readonly kind: "latest"; readonly count: number }
  | { readonly kind: "all" }
  /** Numbers, or aliases such as `challenger`. */
  | { readonly kind: "specific"; readonly versions: readonly string[] };

/** What a client may set when it loads a model. */
export interface LoadConfiguration {
  readonly policy: VersionPolicy;
  readonly limits: Partial<BatchLimits>;
  /** Version, or alias, to percentage. */
  readonly percent: ReadonlyMap<string, number>;
  readonly shadow: ReadonlyMap<string, number>;
}

type Json = Readonly<Record<string, unknown>>;

const mostThreads = 64;
const mostRows = 65_536;
const mostDelay = 10_000_000;

/**
 * Reads the configuration of a load request, in Triton's words: `version_policy`, `max_batch_size`, `dynamic_batching`,
 * the `count` of `instance_group`; and in `parameters` of our own `percent` and `shadow`, each `{"string_value": "2:90,3:10"}`.
 * @param text JSON; undefined for none
 * @throws Fault 400 for what is not understood: nothing is ignored
 */
export function readLoadConfiguration(name: string, text: unknown): LoadConfiguration {
  const config = text === undefined ? {} : parse(text);
  let policy: VersionPolicy = { kind: "default" };
  const limits: { -readonly [Key in keyof BatchLimits]?: BatchLimits[Key] } = {};
  let percent: ReadonlyMap<string, number> = new Map();
  let shadow: ReadonlyMap<string, number> = new Map();
  for (const [key, value] of Object.entries(config)) {
    if (key === "name") expect(key, value, value === name || value === "");
    else if (key === "backend") expect(key, value, value === "onnxruntime");
    else if (key === "platform") expect(key, value, value === "onnxruntime_onnx");
    else if (key === "version_policy") policy = policyOf(value);
    else if (key === "max_batch_size") limits.maxBatch = whole(key, value, 1, mostRows);
    else if (key === "dynamic_batching") Object.assign(limits, batchingOf(value));
    else if (key === "instance_group") limits.workers = threadsOf(value);
    else if (key === "parameters") ({ percent, shadow } = partsOf(value));
    else throw wrong(`'${key}' cannot be set`);
  }
  return { policy, limits, percent, shadow };
}

function parse(text: unknown): Json {
  if (typeof text !== "string") throw wrong(`it must be a text of JSON, given ${shown(text)}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong(`it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return object("config", value);
}

function policyOf(value: unknown): VersionPolicy {
  const [[kind, details] = ["", null], ...more] = Object.entries(object("version_policy", value));
  if (more.length > 0) throw wrong("'version_policy' has more than one of latest, all, specific");
  const inner = object(`version_policy.${kind}`, details);
  if (kind === "all") return { kind };
  if (kind === "latest") {
    const count = inner["num_versions"] ?? inner["numVersions"] ?? 1;
    return { kind, count: whole("version_policy.latest.num_versions", count, 1, 1000) };
  }
  const versions = inner["versions"];
  if (kind !== "specific" || !Array.isArray(versions) || versions.length === 0)
    throw wrong(`'version_policy' is ${shown(value)}; give latest, all, or specific with its versions`);
  return { kind, versions: versions.map((version: unknown) => versionText(version)) };
}

function versionText(version: unknown): string {
  if (typeof version === "string" && version !== "") return version;
  return String(whole("version_policy.specific.versions", version, 1, Number.MAX_SAFE_INTEGER));
}

function batchingOf(value: unknown): Partial<BatchLimits> {
  const found: { -readonly [Key in keyof BatchLimits]?: BatchLimits[Key] } = {};
  for (const [key, detail] of Object.entries(object("dynamic_batching", value))) {
    if (key === "max_queue_delay_microseconds") found.maxDelayMicroseconds = whole(key, detail, 0, mostDelay);
    else if (key === "preferred_batch_size" && Array.isArray(detail))
      found.preferredBatches = detail.map((size: unknown) => whole(key, size, 1, mostRows));
    else throw wrong(`'dynamic_batching.${key}' cannot be set`);
  }
  return found;
}

function threadsOf(value: unknown): number {
  const [group, ...more]: unknown[] = Array.isArray(value) ? value : [];
  if (group === undefined || more.length > 0) throw wrong("'instance_group' must be one group");
  const { count, kind, name, ...others } = object("instance_group", group);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw wrong(`'instance_group.${unknown}' cannot be set`);
  if (name !== undefined && typeof name !== "string") throw wrong("'instance_group.name' must be a text");
  if (kind !== undefined && kind !== "KIND_CPU" && kind !== "KIND_AUTO")
    throw wrong(`'instance_group.kind' is ${shown(kind)}; models run on the processor`);
  return whole("instance_group.count", count ?? 1, 1, mostThreads);
}

function partsOf(value: unknown): Pick<LoadConfiguration, "percent" | "shadow"> {
  const found = { percent: new Map<string, number>(), shadow: new Map<string, number>() };
  for (const [key, detail] of Object.entries(object("parameters", value))) {
    if (key !== "percent" && key !== "shadow") throw wrong(`'parameters.${key}' cannot be set`);
    const text = object(`parameters.${key}`, detail)["string_value"];
    const parts = typeof text === "string" ? text.split(",").map((part) => /^\s*([^:\s]+)\s*:\s*(\d+(?:\.\d+)?)\s*$/.exec(part)) : [null];
    for (const part of parts) {
      const [, version, number] = part ?? [];
      if (version === undefined || Number(number) > 100) throw wrong(`'parameters.${key}' is ${shown(text)}; write "2:90,3:10"`);
      found[key].set(version, Number(number));
    }
  }
  return found;
}

function whole(key: string, value: unknown, least: number, most: number): number {
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isSafeInteger(number) && number >= least && number <= most) return number;
  throw wrong(`'${key}' is ${shown(value)}; it must be a whole number from ${least} to ${most}`);
}

function object(key: string, value: unknown): Json {
  if (!isObject(value)) throw wrong(`'${key}' must be an object`);
  return value;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function expect(key: string, value: unknown, right: boolean): void {
  if (!right) throw wrong(`'${key}' cannot be ${shown(value)}`);
}

function wrong(what: string): Fault {
  return new Fault(400, "bad-configuration", `the configuration of the model: ${what}`);
}
