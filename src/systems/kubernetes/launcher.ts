import { randomBytes } from "node:crypto";
import { relative } from "node:path";
import { openLineLog, type LineLog } from "../../train/launch/lines.ts";
import { launchRefused } from "../../train/launch/refusal.ts";
import type { Job, Launcher, RunningJob } from "../roles.ts";
import { KubernetesRefused, type KubernetesClient } from "./client.ts";
import { followIndex } from "./logs.ts";
import { jobManifest, ours, podTemplate, secretManifest, serviceManifest, type PodSettings } from "./manifest.ts";
import { arrayOfMany, deviceRequest, offersOf, refusals, type ClusterNode, type DeviceRequest, type Offer } from "./offer.ts";
import { parseQuantity } from "./quantity.ts";
import type { JobObject } from "./state.ts";
import { begin, openWatch } from "./watch.ts";

export interface KubernetesLauncherOptions extends PodSettings {
  /** By the type that trainings ask for; others are found by the nodes' labels. */
  readonly accelerators: Readonly<Record<string, DeviceRequest>>;
  /** Nodes come when they are needed: what no node has now is asked for all the same. */
  readonly autoscaled: boolean;
  /** Milliseconds. */
  readonly poll: number;
}

const fix = "ask for less, or say in kubernetes({ ... }) where it is: nodeSelector, accelerators, autoscaled";

/** Runs jobs as Jobs of a namespace. All that is known of one is in the cluster, so that it is found after a restart. */
export function openKubernetesLauncher(client: KubernetesClient, options: KubernetesLauncherOptions): Launcher {
  const api = { jobs: `/apis/batch/v1/namespaces/${client.namespace}/jobs`, core: `/api/v1/namespaces/${client.namespace}` };
  const watch = openWatch(client, options.poll);
  const closing = new AbortController();
  const logs = new Map<string, { readonly log: LineLog; readonly whole: Promise<unknown> }>();

  const running = (name: string, job: Job): RunningJob => {
    const { nodes } = job.resources;
    const ends = watch.ends(name, job.tasks.length, nodes);
    const end = (task: number): (typeof ends)[number] =>
      ends[task] ?? Promise.reject(new RangeError(`the job ${name} has no task ${task}`));
    const linesOf = (task: number): { readonly log: LineLog; readonly whole: Promise<unknown> } => {
      const key = `${name}/${task}`;
      const known = logs.get(key);
      if (known !== undefined) return known;
      const log = openLineLog();
      const parts = Array.from({ length: nodes }, (_, node) =>
        followIndex(client, { job: name, index: task * nodes + node, wait: options.poll }, end(task), log, closing.signal),
      );
      const whole = Promise.all(parts).finally(() => log.end());
      // Whoever reads is told; nobody may read to the end.
      whole.catch(() => undefined);
      const started = { log, whole };
      logs.set(key, started);
      return started;
    };
    return {
      id: name,
      async *lines(task) {
        const { log, whole } = linesOf(task);
        yield* log.read();
        if (!closing.signal.aborted) await whole;
      },
      end,
      async cancel() {
        await watch.cancel(name);
        await Promise.all(ends);
      },
    };
  };

  return {
    async submit(job) {
      const device = await suited(job);
      const name = nameOf(job);
      const manifest = jobManifest(job, name, options, device);
      await tryOut(job, name, manifest, device);
      const made = await client.create<JobObject>(api.jobs, manifest);
      try {
        await client.create(`${api.core}/secrets`, secretManifest(job, name, made.metadata.uid));
        if (job.resources.nodes > 1) await client.create(`${api.core}/services`, serviceManifest(job, name, made.metadata.uid));
        if (job.after.length === 0) await begin(client, name);
      } catch (error) {
        await client.remove(`${api.jobs}/${name}`, "Background");
        throw error instanceof KubernetesRefused ? launchRefused("Kubernetes", job, [error.said], fix) : error;
      }
      return running(name, job);
    },
    async find(id, job) {
      const found = /^[a-z0-9][-a-z0-9]*$/.test(id) ? await client.get<JobObject>(`${api.jobs}/${id}`) : null;
      const mine = Object.entries(ours).every(([name, value]) => found?.metadata.labels?.[name] === value);
      return found === null || !mine || found.metadata.deletionTimestamp !== undefined ? null : running(id, job);
    },
    async close() {
      closing.abort();
      watch.close();
      for (const { log } of logs.values()) log.close();
      client.close();
    },
  };

  /** What it asks for accelerators by. @throws MillwrightError `launch-refused` for what the cluster cannot give. */
  async function suited(job: Job): Promise<DeviceRequest | null> {
    const offers = await offersNow();
    const device = deviceOf(job, offers);
    const reasons =
      offers === null || options.autoscaled ? arrayOfMany(job.resources.nodes, job.tasks.length) : refusals(job, offers, device);
    if (job.resources.accelerators !== null && device === null && reasons.length === 0)
      reasons.push(
        `it asks for ${job.resources.accelerators.type}, and ${offers === null ? "the account may not list nodes" : "no node has one now"}: say in kubernetes({ accelerators }) how it is asked for`,
      );
    if (!options.volumes.some(({ path }) => isWithin(job.directory, path)))
      reasons.push(
        `its folder ${job.directory} lies on no disk that pods see${options.volumes.length === 0 ? "" : ` (${options.volumes.map(({ path }) => path).join(", ")})`}: name it in kubernetes({ volumes })`,
      );
    for (const claim of await missingClaims()) reasons.push(`the namespace ${client.namespace} has no claim ${claim}`);
    for (const id of job.after)
      if ((await client.get(`${api.jobs}/${id}`)) === null)
        reasons.push(`it comes after ${id}, which the namespace ${client.namespace} has not`);
    if (reasons.length > 0) throw launchRefused("Kubernetes", job, reasons, fix);
    return device;
  }

  /** Null where the account may not see the nodes, as in a cluster of several teams. */
  async function offersNow(): Promise<readonly Offer[] | null> {
    try {
      const nodes = await client.get<{ items: ClusterNode[] }>("/api/v1/nodes");
      return offersOf(nodes?.items ?? [], options.nodeSelector);
    } catch (error) {
      if (error instanceof KubernetesRefused && error.status === 403) return null;
      throw error;
    }
  }

  /** Pods of a claim that is not there would wait for it, and nobody would know why. */
  async function missingClaims(): Promise<readonly string[]> {
    const found = await Promise.all(
      [...new Set(options.volumes.flatMap(({ claim }) => claim ?? []))].map(async (claim) => {
        const there = await client.get(`${api.core}/persistentvolumeclaims/${claim}`).catch((error: unknown) => {
          if (error instanceof KubernetesRefused && error.status === 403) return {};
          throw error;
        });
        return there === null ? [claim] : [];
      }),
    );
    return found.flat();
  }

  function deviceOf({ resources: { accelerators: wanted } }: Job, offers: readonly Offer[] | null): DeviceRequest | null {
    if (wanted === null) return null;
    const stated = Object.entries(options.accelerators).find(([type]) => type.toLowerCase() === wanted.type.toLowerCase())?.[1];
    if (stated !== undefined) return stated;
    const any: Readonly<Record<string, string>> = { gpu: "nvidia.com/gpu", tpu: "google.com/tpu" };
    const resource = any[wanted.type.toLowerCase()];
    return (
      (offers === null ? null : deviceRequest(offers, wanted)) ??
      (resource !== undefined && (offers === null || options.autoscaled) ? { resource, labels: {} } : null)
    );
  }

  /** The API server validates and admits the Job and a pod of it, and makes neither. */
  async function tryOut(job: Job, name: string, manifest: object, device: DeviceRequest | null): Promise<void> {
    const dry = { dryRun: "All", fieldValidation: "Strict" };
    const { metadata, spec } = podTemplate(job, name, options, device);
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, generateName: `${name}-` }, spec };
    try {
      await client.create(api.jobs, manifest, dry);
      await client.create(`${api.core}/pods`, pod, dry);
    } catch (error) {
      if (!(error instanceof KubernetesRefused) || error.status === 401) throw error;
      // An account that may make Jobs need not be one that may make pods.
      if (error.status === 403 && /cannot create resource "pods"/.test(error.said)) return;
      if (error.status === 403 && /cannot create resource/.test(error.said)) throw error;
      if (isFullForNow(error.said)) return;
      throw launchRefused("Kubernetes", job, [error.said], fix);
    }
  }
}

/** Whether a quota has no room now, though it is large enough: the Job waits then, as in a queue. */
export function isFullForNow(said: string): boolean {
  const [, asked, limited] = /exceeded quota: [^,]+, requested: (.*?), used: .*?, limited: (.*)$/.exec(said) ?? [];
  if (asked === undefined || limited === undefined) return false;
  const amounts = (text: string): Map<string, number> =>
    new Map(text.split(",").map((part) => [part.split("=")[0] ?? "", parseQuantity(part.split("=")[1])]));
  const limits = amounts(limited);
  return [...amounts(asked)].every(([name, amount]) => amount <= (limits.get(name) ?? 0));
}

/** As long as a name of a pod and of a host may be, when its index and its own part follow. */
function nameOf(job: Job): string {
  const own = job.name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replaceAll(/^[-0-9]+|-+$/g, "");
  return `${own || "training"}-${randomBytes(4).toString("hex")}`;
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(path, folder);
  return way === "" || !(way === ".." || way.startsWith("../"));
}
