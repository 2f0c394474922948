import { setTimeout as sleep } from "node:timers/promises";
import { MillwrightError } from "../../error.ts";
import type { TaskEnd } from "../roles.ts";
import { KubernetesRefused, type KubernetesClient } from "./client.ts";
import { afterAnnotation, ours } from "./manifest.ts";
import { indexOf, jobCondition, newestOf, parseIndexes, podOutcome, stuckReason, usageOf, type JobObject, type Pod } from "./state.ts";

/** Looks at all Jobs of a launcher at once. */
export interface Watch {
  /** When and how each task of a Job ends. */
  ends(name: string, tasks: number, nodes: number): readonly Promise<TaskEnd>[];
  /** Deletes the Job; resolves when it and its pods are gone. */
  cancel(name: string): Promise<void>;
  /** Looks no more; ends that have not come will not. */
  close(): void;
}

interface Watched {
  readonly name: string;
  readonly nodes: number;
  readonly ends: readonly PromiseWithResolvers<TaskEnd>[];
  readonly settled: Set<number>;
  /** Why it was deleted by us; null while it was not. */
  deleted: string | null;
  /** Since when a pod's container cannot begin. */
  stuckSince: number | null;
}

/** Milliseconds without an answer of the cluster after which it is given up. */
const silence = 15 * 60_000;
/** Milliseconds for which a container may fail to begin: images come late, and Secrets too. */
const stuckPatience = 5 * 60_000;

export function openWatch(client: KubernetesClient, wait: number): Watch {
  const jobs = `/apis/batch/v1/namespaces/${client.namespace}/jobs`;
  const pods = `/api/v1/namespaces/${client.namespace}/pods`;
  const watched = new Map<string, Watched>();
  const stopping = new AbortController();
  let looking = false;

  const settle = (each: Watched, task: number, end: TaskEnd): void => {
    if (each.settled.has(task)) return;
    each.settled.add(task);
    each.ends[task]?.resolve(end);
    if (each.settled.size === each.ends.length) watched.delete(each.name);
  };
  const settleAll = (each: Watched, end: TaskEnd): void => each.ends.forEach((_, task) => settle(each, task, end));
  const remove = async (each: Watched, reason: string): Promise<void> => {
    each.deleted ??= reason;
    await client.remove(`${jobs}/${each.name}`, "Foreground");
  };

  const look = async (): Promise<void> => {
    const list = await client.get<{ items: JobObject[] }>(jobs, { labelSelector: selectorOf(ours) });
    const found = new Map((list?.items ?? []).map((job) => [job.metadata.name, job]));
    const all = [...watched.values()];
    for (const each of all.filter(({ name }) => !found.has(name))) {
      // It may have been made after the list was.
      const job = await client.get<JobObject>(`${jobs}/${each.name}`);
      if (job === null) settleAll(each, gone(each.deleted ?? "somebody has deleted its Job"));
    }
    const alive = all.flatMap((each) => {
      const job = found.get(each.name);
      return job === undefined || job.metadata.deletionTimestamp !== undefined ? [] : [{ each, job }];
    });
    for (const { each, job } of alive.filter(({ job }) => job.spec.suspend === true)) await resume(each, job, found);
    const begun = alive.filter(({ job }) => job.status?.startTime !== undefined);
    if (begun.length === 0) return;
    const names = begun.map(({ each }) => each.name).join(",");
    const held = await client.get<{ items: Pod[] }>(pods, { labelSelector: `batch.kubernetes.io/job-name in (${names})` });
    for (const { each, job } of begun) {
      const own = (held?.items ?? []).filter(({ metadata }) => metadata.labels?.["batch.kubernetes.io/job-name"] === each.name);
      judge(each, job, own);
      await lookForStuck(each, own);
    }
  };

  /** Lets a Job begin when what it comes after has succeeded; deletes it when that has not. */
  const resume = async (each: Watched, job: JobObject, found: ReadonlyMap<string, JobObject>): Promise<void> => {
    const before = afterOf(job);
    const states = before.map((name) => {
      const condition = found.get(name) === undefined ? null : jobCondition(found.get(name) ?? job);
      return !found.has(name) || condition?.type === "Failed" ? "failed" : condition?.type === "Complete" ? "succeeded" : "open";
    });
    if (states.includes("failed")) await remove(each, "a job that had to succeed before it did not");
    else if (before.length > 0 && states.every((state) => state === "succeeded")) await begin(client, each.name);
  };

  const judge = (each: Watched, job: JobObject, own: readonly Pod[]): void => {
    const [succeeded, failed] = [parseIndexes(job.status?.completedIndexes), parseIndexes(job.status?.failedIndexes)];
    const condition = jobCondition(job);
    each.ends.forEach((_, task) => {
      const indexes = Array.from({ length: each.nodes }, (_unused, node) => task * each.nodes + node);
      const members = own.filter((pod) => indexes.includes(indexOf(pod) ?? -1));
      const usage = usageOf(members);
      if (indexes.every((index) => succeeded.has(index))) settle(each, task, { outcome: "succeeded", exitCode: 0, reason: null, usage });
      else if (indexes.some((index) => failed.has(index)) || condition?.type === "Failed") {
        const ended = members.filter((pod) => pod.status?.phase === "Failed");
        // Of several nodes, the one that failed first took the others with it.
        const cause = each.nodes === 1 ? newestOf(ended) : ended.toSorted((a, b) => endOf(a).localeCompare(endOf(b)))[0];
        if (cause !== undefined) settle(each, task, { ...podOutcome(cause), usage });
        else if (condition !== null) settle(each, task, { ...withoutPod(condition.reason, condition.message), usage });
        else if (members.every((pod) => pod.status?.phase !== "Running"))
          settle(each, task, { ...withoutPod("that the index has failed", "its pod is gone"), usage });
      }
    });
  };

  const lookForStuck = async (each: Watched, own: readonly Pod[]): Promise<void> => {
    const reason = own.map(stuckReason).find((text) => text !== null) ?? null;
    each.stuckSince = reason === null ? null : (each.stuckSince ?? Date.now());
    if (reason === null || each.stuckSince === null || Date.now() - each.stuckSince < stuckPatience) return;
    settleAll(each, { ...gone(reason), outcome: "failed" });
    await remove(each, reason);
  };

  const loop = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    let answered = Date.now();
    // What ends soon is seen soon.
    for (let pause = Math.min(wait, 100); watched.size > 0 && !stopping.signal.aborted; pause = Math.min(wait, pause * 1.5)) {
      try {
        await look();
        answered = Date.now();
      } catch (error) {
        if (!isPassing(error) || Date.now() - answered > silence) {
          for (const each of watched.values()) for (const end of each.ends) end.reject(error);
          watched.clear();
        }
      }
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
    looking = false;
  };

  const watch = (name: string, tasks: number, nodes: number): Watched => {
    const known = watched.get(name);
    if (known !== undefined) return known;
    const ends = Array.from({ length: tasks }, () => Promise.withResolvers<TaskEnd>());
    // Whoever asks for the end is told; nobody may have asked.
    for (const { promise } of ends) promise.catch(() => undefined);
    const each: Watched = { name, nodes, ends, settled: new Set(), deleted: null, stuckSince: null };
    watched.set(name, each);
    void loop();
    return each;
  };

  return {
    ends: (name, tasks, nodes) => watch(name, tasks, nodes).ends.map(({ promise }) => promise),
    async cancel(name) {
      const each = watched.get(name);
      if (each !== undefined) await remove(each, "it was cancelled");
      // What is over is kept, with its lines.
      while (each !== undefined && (await client.get(`${jobs}/${name}`)) !== null) await sleep(Math.min(wait, 500));
    },
    close: () => stopping.abort(),
  };
}

/** Whether it is the silence of an API server that restarts, or of the network to it. */
function isPassing(error: unknown): boolean {
  if (error instanceof KubernetesRefused) return error.status === 429 || error.status >= 500;
  return error instanceof MillwrightError && error.problem.code === "kubernetes-unreachable";
}

/** Lets the pods of a suspended Job be made. */
export async function begin(client: KubernetesClient, name: string): Promise<void> {
  await client.merge(`/apis/batch/v1/namespaces/${client.namespace}/jobs/${name}`, { spec: { suspend: false } });
}

export function selectorOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");
}

function afterOf(job: JobObject): readonly string[] {
  const names: unknown = JSON.parse(job.metadata.annotations?.[afterAnnotation] ?? "[]");
  return Array.isArray(names) ? names.map(String) : [];
}

function endOf(pod: Pod): string {
  return pod.status?.containerStatuses?.[0]?.state?.terminated?.finishedAt ?? "9";
}

function gone(reason: string): TaskEnd {
  const usage = { seconds: 0, processorSeconds: null, peakMemory: null, nodes: [] };
  return { outcome: "cancelled", exitCode: null, reason, usage };
}

/** Of pods that are gone the Job says why it failed: which exit code a rule has matched, or which condition. */
function withoutPod(reason: string | undefined, message: string | undefined): Pick<TaskEnd, "outcome" | "exitCode" | "reason"> {
  const code = /failed with exit code (\d+)/.exec(message ?? "")?.[1];
  return {
    outcome: reason === "DeadlineExceeded" ? "timed-out" : code === undefined ? "lost" : "failed",
    exitCode: code === undefined ? null : Number(code),
    reason: `Kubernetes says ${reason ?? "that it has failed"}${message === undefined ? "" : ` (${message})`}`,
  };
}
