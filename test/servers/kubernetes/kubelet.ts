import { readFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesClient } from "../../../src/systems/kubernetes/client.ts";
import { parseQuantity } from "../../../src/systems/kubernetes/quantity.ts";
import { processes } from "../../../src/systems/process/session.ts";
import { startTask, type LocalTask } from "../../../src/systems/process/task.ts";
import type { TaskEnd } from "../../../src/systems/roles.ts";
import { openLineLog } from "../../../src/train/launch/lines.ts";

/** What is read of a pod. */
interface Assigned {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly activeDeadlineSeconds?: number;
    readonly terminationGracePeriodSeconds?: number;
    readonly volumes?: readonly { readonly name: string; readonly secret?: { readonly secretName: string } }[];
    readonly containers: readonly [
      {
        readonly name: string;
        readonly image: string;
        readonly command: readonly string[];
        readonly args: readonly string[];
        readonly workingDir: string;
        readonly env?: readonly { readonly name: string; readonly value?: string }[];
        readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
        readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
      },
    ];
  };
}

/** A pod that was begun. */
interface Begun {
  readonly lines: string[];
  readonly ended: Promise<TaskEnd>;
  over: boolean;
  readonly task: LocalTask;
}

export interface Kubelet {
  /** Breaks off all lines that are being read, as a kubelet does that starts again. */
  breakOff(): void;
  stop(): Promise<void>;
}

/**
 * Plays a node whose pods run: a stand-in of a kubelet, which runs a pod's only container as processes of this machine, in no container. It does what the launcher's contract needs:
 * variables and Secrets, deadline, memory limit, lines through the API server, SIGTERM and SIGKILL. A folder mounted from a Secret is another one here, whose path
 * takes the place of the mount's in the command; other volumes must be there already. Only pods that tolerate the taint `stand-in` come.
 */
export async function startKubelet(
  client: KubernetesClient,
  name: string,
  { folder, capacity }: { readonly folder: string; readonly capacity: Readonly<Record<string, string>> },
): Promise<Kubelet> {
  const pods = new Map<string, Begun>();
  const stopping = new AbortController();
  const secrets = await mkdtemp(join(folder, "kubelet-"));
  const [key, cert] = await Promise.all(["key", "crt"].map((end) => readFile(join(folder, `certificates/apiserver.${end}`))));
  const server = createServer({ key, cert }, (request, response) => {
    sendLines(pods, request, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : new Error(String(error))),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the system lent no port");
  await register(client, name, address.port, capacity);

  const begin = async (pod: Assigned): Promise<void> => {
    const [container] = pod.spec.containers;
    const own = join(secrets, pod.metadata.uid);
    const places = new Map<string, string>();
    for (const { name: volume, secret } of pod.spec.volumes ?? []) {
      const path = container.volumeMounts?.find((mount) => mount.name === volume)?.mountPath;
      if (secret === undefined || path === undefined) continue;
      const held = await client.get<{ data?: Record<string, string> }>(
        `/api/v1/namespaces/${pod.metadata.namespace}/secrets/${secret.secretName}`,
      );
      // A kubelet waits for it.
      if (held === null) return;
      places.set(path, await mkdtemp(`${own}-`));
      for (const [file, data] of Object.entries(held.data ?? {}))
        await writeFile(join(places.get(path) ?? own, file), Buffer.from(data, "base64"), { mode: 0o600 });
    }
    const index = pod.metadata.labels?.["batch.kubernetes.io/job-completion-index"] ?? "0";
    const variables = Object.fromEntries((container.env ?? []).map((each) => [each.name, each.value ?? index]));
    const text = (word: string): string =>
      [...places].reduce((result, [path, place]) => result.replaceAll(path, place), expand(word, variables));
    const [program = "", ...rest] = [...container.command, ...container.args].map(text);
    const log = openLineLog();
    const memory = container.resources?.limits?.["memory"];
    const task = startTask({
      command: [program, ...rest],
      directory: container.workingDir,
      variables: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...variables },
      memory: memory === undefined ? null : parseQuantity(memory),
      seconds: pod.spec.activeDeadlineSeconds ?? null,
      grace: pod.spec.terminationGracePeriodSeconds ?? 30,
      log,
    });
    const begun: Begun = { lines: [], ended: task.ended, over: false, task };
    pods.set(pod.metadata.uid, begun);
    pods.set(`${pod.metadata.namespace}/${pod.metadata.name}`, begun);
    const startedAt = new Date().toISOString();
    await setStatus(client, pod, {
      phase: "Running",
      startTime: startedAt,
      containerStatuses: [statusOf(container, { running: { startedAt } })],
    });
    const read = (async () => {
      for await (const line of log.read()) begun.lines.push(`${new Date().toISOString().replace("Z", "000000Z")} ${line}\n`);
    })();
    void task.ended.then(async (end) => {
      await read;
      begun.over = true;
      log.close();
      await setStatus(client, pod, endedStatus(container, end, startedAt));
    });
  };

  const look = async (): Promise<void> => {
    const list = await client.get<{ items: Assigned[] }>("/api/v1/pods", { fieldSelector: `spec.nodeName=${name}` });
    for (const pod of list?.items ?? []) {
      const begun = pods.get(pod.metadata.uid);
      const gone = pod.metadata.deletionTimestamp !== undefined;
      if (begun === undefined && !gone) await begin(pod);
      else if (gone && begun !== undefined && !begun.over) void begun.task.end("cancelled", "it was deleted");
      else if (gone) await client.remove(pathOf(pod), "Background", { gracePeriodSeconds: 0 });
    }
    const all = processes();
    for (const { over, task } of pods.values()) if (!over) task.look(all);
  };
  const beat = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const lease = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases`;
      const renewTime = new Date().toISOString().replace("Z", "000Z");
      await client.merge(`${lease}/${name}`, { spec: { renewTime } });
      await sleep(5000, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const loop = async (): Promise<void> => {
    for (; !stopping.signal.aborted; await sleep(50)) await look();
  };
  const working = Promise.all([beat(), loop()]);
  working.catch((error: unknown) => console.error("the played kubelet has failed:", error));
  return {
    breakOff: () => server.closeAllConnections(),
    async stop() {
      stopping.abort();
      await working;
      await Promise.all([...pods.values()].map(({ over, task }) => (over ? null : task.end("cancelled", "the node is gone"))));
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(secrets, { recursive: true, force: true });
    },
  };
}

async function register(client: KubernetesClient, name: string, port: number, capacity: Readonly<Record<string, string>>): Promise<void> {
  const now = new Date().toISOString();
  await client.create("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name },
    spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: now.replace("Z", "000Z") },
  });
  await client.create("/api/v1/nodes", {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "kubernetes.io/hostname": name } },
    spec: { taints: [{ key: "stand-in", effect: "NoSchedule" }] },
  });
  const condition = { type: "Ready", status: "True", reason: "Played", message: "", lastHeartbeatTime: now, lastTransitionTime: now };
  await client.merge(`/api/v1/nodes/${name}/status`, {
    status: {
      capacity: { pods: "110", ...capacity },
      allocatable: { pods: "110", ...capacity },
      conditions: [condition],
      addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
    },
  });
}

function pathOf({ metadata: { namespace, name } }: Assigned): string {
  return `/api/v1/namespaces/${namespace}/pods/${name}`;
}

async function setStatus(client: KubernetesClient, pod: Assigned, status: object): Promise<void> {
  await client.merge(`${pathOf(pod)}/status`, { status });
}

function statusOf({ name, image }: { readonly name: string; readonly image: string }, state: object): object {
  return { name, image, imageID: image, ready: "running" in state, restartCount: 0, state };
}

/** How a kubelet tells the end of a container. */
function endedStatus(container: { readonly name: string; readonly image: string }, end: TaskEnd, startedAt: string): object {
  const reasons: Readonly<Record<string, string>> = { succeeded: "Completed", "out-of-memory": "OOMKilled" };
  const exitCode = end.outcome === "out-of-memory" ? 137 : (end.exitCode ?? 143);
  const terminated = { exitCode, reason: reasons[end.outcome] ?? "Error", startedAt, finishedAt: new Date().toISOString() };
  return {
    // What is deleted has failed, also when it ended well.
    phase: end.outcome === "succeeded" ? "Succeeded" : "Failed",
    ...(end.outcome === "timed-out"
      ? { reason: "DeadlineExceeded", message: "Pod was active on the node longer than the specified deadline" }
      : {}),
    containerStatuses: [statusOf(container, { terminated })],
  };
}

/** `$(NAME)` by the variable's value, `$$` by `$`, as a kubelet does. */
function expand(word: string, variables: Readonly<Record<string, string>>): string {
  return word.replaceAll(/\$\$|\$\((\w+)\)/g, (match: string, name: string | undefined) =>
    name === undefined ? "$" : (variables[name] ?? match),
  );
}

/** `GET /containerLogs/NAMESPACE/POD/CONTAINER?follow=true&timestamps=true&sinceTime=...`, as the API server asks. */
async function sendLines(pods: ReadonlyMap<string, Begun>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "https://127.0.0.1");
  const [, kind, namespace, name] = url.pathname.split("/");
  const pod = kind === "containerLogs" ? pods.get(`${namespace}/${name}`) : undefined;
  if (pod === undefined) {
    response.writeHead(404).end("no such pod");
    return;
  }
  // In whole seconds, of which the lines have more.
  const since = (url.searchParams.get("sinceTime") ?? "").replace("Z", "");
  response.writeHead(200, { "content-type": "text/plain" });
  response.flushHeaders();
  let sent = 0;
  for (let last = false; !response.destroyed;) {
    const more = pod.lines.slice(sent);
    sent += more.length;
    const text = more.filter((line) => line >= since).join("");
    if (text !== "") response.write(text);
    if (more.length > 0) continue;
    if (last || url.searchParams.get("follow") !== "true") break;
    last = pod.over;
    await sleep(20);
  }
  response.end();
}
