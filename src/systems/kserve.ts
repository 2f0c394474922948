import { isAbsolute } from "node:path";
import type { BindingNode } from "../define/node.ts";
import { numberOr, objectOr, optionError, textOption, textOr } from "../extract/options.ts";
import { binding } from "./binding.ts";
import type { ClusterOptions } from "./kubernetes/connection.ts";
import type { ScaleSettings } from "./kserve/manifest.ts";
import type { ConnectContext, ModelServer, Options, System } from "./roles.ts";

export interface KserveOptions extends ClusterOptions {
  /** The disk of the models: a claim of the namespace, where this machine sees the disk, and a folder of it (`prefix`) when `path` is not the whole. */
  readonly storage: { readonly claim: string; readonly path: string; readonly prefix?: string };
  /** By Knative, which divides requests among two versions and can scale to zero; or by Deployments of Kubernetes alone, where all go to one version. @default "serverless" */
  readonly mode?: "serverless" | "raw";
  /** Where clients ask; `{endpoint}` and `{namespace}` stand for the names: `"https://{endpoint}.{namespace}.example.com"`. @default the address within the cluster */
  readonly address?: string;
  /** How many replicas there are, and by what they are counted. */
  readonly scale?: {
    /** 0 only in the mode serverless, counted by requests. @default 1 */
    readonly min?: number;
    /** @default KServe's own */
    readonly max?: number;
    /** Serverless: requests at once or requests a second of a replica; in both modes what it uses of its processors or memory. @default KServe's own */
    readonly metric?: "concurrency" | "rps" | "cpu" | "memory";
    /** Of the metric, of each replica; of cpu and memory in per cent of what it asks for. */
    readonly target?: number;
    /** Requests at once that a replica takes at most. @default as many as come */
    readonly concurrency?: number;
  };
  /** What a replica asks for: `{ cpu: "2", memory: "4Gi", "nvidia.com/gpu": "1" }`. @default the runtime's own */
  readonly resources?: Readonly<Record<string, string>>;
  /** Labels of the nodes that replicas may go to. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** A serving runtime that takes ONNX in a model repository of Triton's. @default KServe chooses: kserve-tritonserver */
  readonly runtime?: string;
  readonly serviceAccount?: string;
  /** Rows of a batch. @default 64 */
  readonly maxBatch?: number;
  /** How long a row waits for others. @default 0 */
  readonly maxDelayMicroseconds?: number;
  /** Seconds that a version may take until it answers. @default 900 */
  readonly patience?: number;
  /** Seconds between two looks. @default 2 */
  readonly poll?: number;
}

/**
 * KServe, 0.15 or newer: each endpoint is an InferenceService, and a new version a canary of it.
 *
 * @example
 * environment({
 *   server: kserve({ namespace: "models", storage: { claim: "models", path: "/mnt/models" }, scale: { min: 2, max: 10, metric: "rps", target: 200 } }),
 * })
 */
export function kserve(options: KserveOptions): BindingNode {
  return binding("kserve", options);
}

export const system: System = {
  name: "kserve",
  title: "KServe",
  peers: [],
  roles: { server: connect },
};

async function connect(options: Options, context: ConnectContext): Promise<ModelServer> {
  const mode = oneOf(options, "mode", "serverless", ["serverless", "raw"]);
  const storage = objectOr("kserve", options, "storage");
  const path = textOption("kserve", storage, "path");
  if (!isAbsolute(path)) throw optionError("kserve", "storage.path", "an absolute path");
  const text = (name: string): string | null => textOr("kserve", options, name, "") || null;
  const address = text("address")?.replace(/\/+$/, "") ?? null;
  if (address !== null && !/^https?:\/\/[^\s@]+$/.test(address))
    throw optionError("kserve", "address", 'an address such as "https://{endpoint}.{namespace}.example.com"');
  const [{ connectionOf }, { openKubernetes }, { kserveServer }] = await Promise.all([
    import("./kubernetes/connection.ts"),
    import("./kubernetes/client.ts"),
    import("./kserve/server.ts"),
  ]);
  const settings = {
    mode,
    storage: {
      claim: textOption("kserve", storage, "claim"),
      path,
      prefix: textOr("kserve", storage, "prefix", "").replaceAll(/^\/+|\/+$/g, ""),
    },
    address,
    scale: scaleOf(objectOr("kserve", options, "scale"), mode),
    resources: textsOf(options, "resources"),
    nodeSelector: textsOf(options, "nodeSelector"),
    runtime: text("runtime"),
    serviceAccount: text("serviceAccount"),
    maxBatch: numberOr("kserve", options, "maxBatch", 64),
    maxDelayMicroseconds: numberOr("kserve", options, "maxDelayMicroseconds", 0),
    patience: numberOr("kserve", options, "patience", 900) * 1000,
    poll: Math.max(0.1, numberOr("kserve", options, "poll", 2)) * 1000,
  };
  return kserveServer(openKubernetes(await connectionOf("kserve", options, context)), settings);
}

/** What KServe's own admission would refuse is refused here with the option's name. */
function scaleOf(options: Options, mode: "serverless" | "raw"): ScaleSettings {
  const whole = (name: string, least: number): number | null => {
    if (options[name] === undefined) return null;
    const value = numberOr("kserve", options, name, 0);
    if (!Number.isInteger(value) || value < least) throw optionError("kserve", `scale.${name}`, `a whole number from ${least}`);
    return value;
  };
  const metric = options["metric"] === undefined ? null : oneOf(options, "metric", "rps", ["concurrency", "rps", "cpu", "memory"]);
  const usage = metric === "cpu" || metric === "memory";
  if (mode === "raw" && metric !== null && !usage)
    throw optionError("kserve", "scale.metric", "cpu or memory in the mode raw: requests are counted by Knative");
  const min = whole("min", mode === "raw" || usage ? 1 : 0) ?? 1;
  const [max, target] = [whole("max", Math.max(1, min)), whole("target", 1)];
  if (usage && target !== null && target > 100) throw optionError("kserve", "scale.target", "a percentage for the metrics cpu and memory");
  return { min, max, metric, target, concurrency: whole("concurrency", 1) };
}

function oneOf<Word extends string>(options: Options, name: string, otherwise: Word, words: readonly Word[]): Word {
  const value = textOr("kserve", options, name, otherwise);
  const found = words.find((word) => word === value);
  if (found === undefined) throw optionError("kserve", name, `one of ${words.join(", ")}`);
  return found;
}

function textsOf(options: Options, name: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(objectOr("kserve", options, name)).map(([key, value]) => {
      if (typeof value !== "string") throw optionError("kserve", `${name}.${key}`, "a text");
      return [key, value];
    }),
  );
}
