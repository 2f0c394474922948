import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { anyResources } from "../../src/define/resources.ts";
import { system } from "../../src/systems/kubernetes.ts";
import type { Pod } from "../../src/systems/kubernetes/state.ts";
import type { Job, Launcher, Options, RunningJob } from "../../src/systems/roles.ts";
import type { Kubernetes } from "../servers/kubernetes.ts";

export type Asked = Partial<Omit<Job, "resources">> & { readonly resources?: Partial<Job["resources"]> };
export type SeenPod = Pod & { readonly spec: Readonly<Record<string, unknown>> };

/** A launcher of a cluster in the namespace `training`; an option that is null is left out. */
export async function openLauncher(cluster: Kubernetes, more: Options = {}): Promise<Launcher> {
  const options: Options = {
    url: cluster.url,
    token: cluster.token,
    certificateAuthority: cluster.authority,
    namespace: "training",
    image: "training:1",
    volumes: [{ claim: "platform", path: cluster.directory }],
    poll: 0.2,
    grace: "3 seconds",
    ...more,
  };
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
  const opened = await system.roles.launcher?.(given, { directory: cluster.directory });
  if (opened === undefined) throw new Error("Kubernetes is no launcher");
  return opened;
}

/** A job in a folder of its own. */
export async function jobIn(cluster: Kubernetes, command: Job["command"], more: Asked = {}): Promise<Job> {
  const directory = await mkdtemp(join(cluster.directory, "job-"));
  const resources = { ...anyResources, threads: 1, ...more.resources };
  return { name: "training", command, directory, variables: {}, tasks: [{}], after: [], requeues: 0, ...more, resources };
}

export async function podsOf(cluster: Kubernetes, name: string, namespace: string = "training"): Promise<readonly SeenPod[]> {
  const query = { labelSelector: `batch.kubernetes.io/job-name=${name}` };
  return (await cluster.client.get<{ items: SeenPod[] }>(`/api/v1/namespaces/${namespace}/pods`, query))?.items ?? [];
}

export async function runningPod(cluster: Kubernetes, name: string): Promise<SeenPod> {
  await cluster.until(`the pod of ${name} runs`, async () =>
    (await podsOf(cluster, name)).some(({ status }) => status?.phase === "Running"),
  );
  const [pod] = await podsOf(cluster, name);
  if (pod === undefined) throw new Error(`${name} has no pod`);
  return pod;
}

/** As `kubectl drain` does it. */
export async function evict(cluster: Kubernetes, { metadata: { name } }: Pod): Promise<void> {
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name } };
  await cluster.client.create(`/api/v1/namespaces/training/pods/${name}/eviction`, eviction);
}

export async function linesOf(running: RunningJob): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of running.lines(0)) lines.push(line);
  return lines;
}

export async function lineMatching(running: RunningJob, pattern: RegExp): Promise<string> {
  for await (const line of running.lines(0)) if (pattern.test(line)) return line;
  throw new Error(`no line matches ${pattern.source}`);
}
