import { setTimeout as sleep } from "node:timers/promises";
import type { LineLog } from "../../train/launch/lines.ts";
import { KubernetesRefused, type KubernetesClient } from "./client.ts";
import { containerName } from "./manifest.ts";
import { indexLabel, type Pod } from "./state.ts";

/** How often the lines of a container that has ended are asked for, where they cannot be read. */
const attempts = 5;

/**
 * Brings the lines of one index of a Job to a log, from its first pod to its last, until `ended` has settled and all are read. Kubernetes keeps a pod's lines as long as the
 * pod, and of a container that writes more than the nodes keep (10 MiB, unless they are told another), the newest.
 */
export async function followIndex(
  client: KubernetesClient,
  { job, index, wait }: { readonly job: string; readonly index: number; readonly wait: number },
  ended: Promise<unknown>,
  log: LineLog,
  signal: AbortSignal,
): Promise<void> {
  const stream = log.stream();
  const read = new Set<string>();
  let over = false;
  const mark = (): void => {
    over = true;
  };
  ended.then(mark, mark);
  for (let last = false; !signal.aborted;) {
    const found = await client.get<{ items: Pod[] }>(`/api/v1/namespaces/${client.namespace}/pods`, {
      labelSelector: `batch.kubernetes.io/job-name=${job},${indexLabel}=${index}`,
    });
    const next = (found?.items ?? [])
      .toSorted((a, b) => (a.metadata.creationTimestamp ?? "").localeCompare(b.metadata.creationTimestamp ?? ""))
      .find((pod) => !read.has(pod.metadata.uid) && hasBegun(pod));
    if (next !== undefined) {
      read.add(next.metadata.uid);
      await followPod(client, next, (line) => stream.write(`${line}\n`), { wait, signal });
      last = false;
      continue;
    }
    if (last) break;
    last = over;
    await Promise.race([
      sleep(Math.min(wait, 500), undefined, { signal }).catch(() => undefined),
      over ? undefined : ended.catch(() => undefined),
    ]);
  }
  stream.end();
}

function hasBegun(pod: Pod): boolean {
  const state = pod.status?.containerStatuses?.[0]?.state;
  return state?.running !== undefined || state?.terminated !== undefined;
}

/** All lines of a pod, once each: when the connection breaks, from the second of the last one on, without those of it that were there. */
async function followPod(
  client: KubernetesClient,
  pod: Pod,
  take: (line: string) => void,
  { wait, signal }: { readonly wait: number; readonly signal: AbortSignal },
): Promise<void> {
  const path = `/api/v1/namespaces/${client.namespace}/pods/${pod.metadata.name}`;
  const pause = (): Promise<void> => sleep(Math.min(wait, 1000), undefined, { signal }).catch(() => undefined);
  let over = false;
  let last = { stamp: "", count: 0 };
  for (let failures = 0; !signal.aborted;) {
    let skip = last.count;
    const since = last.stamp === "" ? {} : { sinceTime: `${last.stamp.slice(0, 19)}Z` };
    try {
      const query = { container: containerName, follow: "true", timestamps: "true", ...since };
      for await (const line of client.lines(`${path}/log`, query, signal)) {
        const [, time = "", text = ""] = /^(\S+) ?(.*)$/s.exec(line) ?? [];
        const stamp = comparable(time);
        if (stamp < last.stamp || (stamp === last.stamp && skip-- > 0)) continue;
        last = { stamp, count: stamp === last.stamp ? last.count + 1 : 1 };
        take(text);
      }
      // A node or an API server that restarts ends them in silence too: only what was asked for after the container's end is all.
      if (over || signal.aborted) return;
      over = !(await isRunning(client, path));
      if (!over) await pause();
    } catch (error) {
      if (signal.aborted || (error instanceof KubernetesRefused && error.status === 404)) return;
      if (!(await isRunning(client, path))) failures += 1;
      if (failures >= attempts) {
        take(
          `millwright: the lines of the pod ${pod.metadata.name} cannot be read: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`,
        );
        return;
      }
      await pause();
    }
  }
}

/** Whether lines may still come. */
async function isRunning(client: KubernetesClient, path: string): Promise<boolean> {
  const pod = await client.get<Pod>(path);
  return pod?.status?.phase === "Running" && pod.status.containerStatuses?.[0]?.state?.terminated === undefined;
}

/** `2026-01-02T03:04:05.6+01:00` in UTC with all nine digits, so that times can be compared as texts. */
function comparable(time: string): string {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? "";
  const instant = Date.parse(time);
  return `${Number.isNaN(instant) ? "" : new Date(instant).toISOString().slice(0, 19)}.${fraction.padEnd(9, "0")}`;
}
