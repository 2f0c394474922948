import { isAbsolute } from "node:path";
import { parseDuration, type Duration } from "../define/duration.ts";
import type { BindingNode } from "../define/node.ts";
import type { Option } from "../define/option.ts";
import { booleanOr, numberOr, objectOr, optionError, textOption, textOr, textsOr } from "../extract/options.ts";
import { binding } from "./binding.ts";
import type { ClusterOptions } from "./kubernetes/connection.ts";
import type { SharedVolume } from "./kubernetes/manifest.ts";
import type { DeviceRequest } from "./kubernetes/offer.ts";
import type { ConnectContext, Launcher, Options, System } from "./roles.ts";

export interface KubernetesOptions extends ClusterOptions {
  /** Of every training: it needs `/bin/sh`, and what the training's own environment does not bring (a C library like this machine's; CUDA's). */
  readonly image: string;
  /**
   * Disks that pods and this machine see under the same path, by the claim that pods mount, or without one where every node has it at that path. The platform's
   * folder, and the cache (MILLWRIGHT_CACHE) with the environments of Python, must lie on them.
   */
  readonly volumes: readonly { readonly path: string; readonly claim?: string; readonly subPath?: string }[];
  /** The pods' account; its token is not given to them. @default the namespace's default */
  readonly serviceAccount?: string;
  /** Labels of the nodes that trainings may go to. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** As pods have them: `{ key: "pool", operator: "Equal", value: "training", effect: "NoSchedule" }`. */
  readonly tolerations?: readonly Readonly<Record<string, string | number>>[];
  readonly priorityClass?: string;
  /** Names of the Secrets by which the image is pulled. */
  readonly pullSecrets?: readonly string[];
  /** How to ask for a type of accelerator that the nodes' labels do not tell: `{ H100: { resource: "nvidia.com/gpu", nodeSelector: { pool: "h100" } } }`. */
  readonly accelerators?: Readonly<Record<string, { readonly resource: string; readonly nodeSelector?: Readonly<Record<string, string>> }>>;
  /** Nodes come when they are needed: what no node has now is asked for, and waits. @default false */
  readonly autoscaled?: boolean;
  /** The user and group of the processes, `"1000:1000"`, or `"image"` for the image's own. @default this process's, so that it may read what they write */
  readonly user?: string;
  /** How long a training that is cancelled may take to end by itself. @default "30 seconds" */
  readonly grace?: Duration;
  /** How long a node may be silent before its pods are given up. @default the cluster's own, mostly 5 minutes */
  readonly silence?: Duration;
  /** How long a Job that is over is kept, with its lines. @default "1 day" */
  readonly keep?: Duration;
  /** Seconds between two looks at the Jobs. @default 2 */
  readonly poll?: number;
}

/**
 * Trainings as Jobs of Kubernetes, 1.29 or newer, by its REST interface; no package is needed.
 *
 * @example
 * environment({
 *   launcher: kubernetes({ namespace: "training", image: "python:3.13", volumes: [{ claim: "platform", path: "/mnt/platform" }] }),
 * })
 */
export function kubernetes(options: KubernetesOptions): BindingNode {
  return binding("kubernetes", options);
}

export const system: System = {
  name: "kubernetes",
  title: "Kubernetes",
  peers: [],
  roles: { launcher: open },
};

async function open(options: Options, context: ConnectContext): Promise<Launcher> {
  const [{ connectionOf }, { openKubernetes }, { openKubernetesLauncher }] = await Promise.all([
    import("./kubernetes/connection.ts"),
    import("./kubernetes/client.ts"),
    import("./kubernetes/launcher.ts"),
  ]);
  const text = (name: string): string | null => textOr("kubernetes", options, name, "") || null;
  const seconds = (name: string, otherwise: string): number => Math.ceil(parseDuration(textOr("kubernetes", options, name, otherwise)));
  const settings = {
    image: textOption("kubernetes", options, "image"),
    volumes: volumesOf(options),
    serviceAccount: text("serviceAccount"),
    nodeSelector: labelsOf("nodeSelector", objectOr("kubernetes", options, "nodeSelector")),
    tolerations: objectsOf(options, "tolerations"),
    priorityClass: text("priorityClass"),
    pullSecrets: textsOr("kubernetes", options, "pullSecrets", []),
    user: userOf(textOr("kubernetes", options, "user", "")),
    grace: seconds("grace", "30 seconds"),
    silence: options["silence"] === undefined ? null : seconds("silence", ""),
    keep: seconds("keep", "1 day"),
    accelerators: acceleratorsOf(options),
    autoscaled: booleanOr("kubernetes", options, "autoscaled", false),
    poll: Math.max(0.1, numberOr("kubernetes", options, "poll", 2)) * 1000,
  };
  return openKubernetesLauncher(openKubernetes(await connectionOf("kubernetes", options, context)), settings);
}

function objectsOf(options: Options, name: string): readonly Options[] {
  const value: Option = options[name] ?? [];
  const list: readonly Option[] = Array.isArray(value) ? value : [null];
  return list.map((item) => {
    if (typeof item !== "object" || item === null || Array.isArray(item)) throw optionError("kubernetes", name, "a list of objects");
    return objectOr("kubernetes", { [name]: item }, name);
  });
}

function volumesOf(options: Options): readonly SharedVolume[] {
  const volumes = objectsOf(options, "volumes").map((each) => ({
    path: textOption("kubernetes", each, "path").replace(/(?<=.)\/+$/, ""),
    claim: textOr("kubernetes", each, "claim", "") || null,
    subPath: textOr("kubernetes", each, "subPath", ""),
  }));
  if (volumes.length === 0 || !volumes.every(({ path }) => isAbsolute(path)))
    throw optionError(
      "kubernetes",
      "volumes",
      'a list of disks, each with an absolute path: [{ claim: "platform", path: "/mnt/platform" }]',
    );
  return volumes;
}

function labelsOf(name: string, labels: Options): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(labels).map(([key, value]) => {
      if (typeof value !== "string") throw optionError("kubernetes", name, "labels, each with a text");
      return [key, value];
    }),
  );
}

function acceleratorsOf(options: Options): Readonly<Record<string, DeviceRequest>> {
  const all = objectOr("kubernetes", options, "accelerators");
  return Object.fromEntries(
    Object.keys(all).map((type) => {
      const each = objectOr("kubernetes", all, type);
      const labels = labelsOf(`accelerators.${type}.nodeSelector`, objectOr("kubernetes", each, "nodeSelector"));
      const lists = Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, [value]]));
      return [type, { resource: textOption("kubernetes", each, "resource"), labels: lists }];
    }),
  );
}

function userOf(text: string): { readonly id: number; readonly group: number } | null {
  const [, id, group] = /^(\d+):(\d+)$/.exec(text) ?? [];
  if (id !== undefined && group !== undefined) return { id: Number(id), group: Number(group) };
  if (text === "image") return null;
  if (text !== "") throw optionError("kubernetes", "user", '"1000:1000", a user and a group by their numbers, or "image"');
  // Windows has no such numbers.
  return process.getuid === undefined || process.getgid === undefined ? null : { id: process.getuid(), group: process.getgid() };
}
