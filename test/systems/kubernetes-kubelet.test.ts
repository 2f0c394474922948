import { readFile, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { anyResources } from "../../src/define/resources.ts";
import { system } from "../../src/systems/kubernetes.ts";
import type { Pod } from "../../src/systems/kubernetes/state.ts";
import type { Job, Launcher, RunningJob } from "../../src/systems/roles.ts";
import { launcherContract } from "../contracts/launcher.ts";
import { startKubernetes, type Kubernetes } from "../servers/kubernetes.ts";

let cluster: Kubernetes;
let kubelet: { stop(): Promise<void> };

beforeAll(async () => {
  cluster = await startKubernetes();
  await cluster.namespace("training");
  await cluster.claim("training", "platform");
  kubelet = await cluster.kubelet("local", { cpu: "64", memory: "32Gi" });
}, 1_500_000);
afterAll(async () => {
  await kubelet?.stop();
  await cluster?.stop();
});

async function open(): Promise<Launcher> {
  const launcher = await system.roles.launcher?.(
    {
      url: cluster.url,
      token: cluster.token,
      certificateAuthority: cluster.authority,
      namespace: "training",
      image: "none",
      volumes: [{ claim: "platform", path: cluster.directory }],
      poll: 0.2,
      grace: "3 seconds",
    },
    { directory: cluster.directory },
  );
  if (launcher === undefined) throw new Error("Kubernetes is no launcher");
  return launcher;
}

launcherContract({
  name: "Kubernetes (a real control plane, and a stand-in of a kubelet that runs pods as processes of this machine)",
  outlives: true,
  // A kernel would; the stand-in is not one, and Kubernetes keeps no account of what was used.
  endsForMemory: false,
  endsInSeconds: true,
  refused: [
    { resources: { nodes: 2 }, says: /asks for 2 nodes, and the cluster has 1/ },
    { resources: { memory: 1e12 }, says: /asks for 1 TB of memory of a node, and the largest has 34.4 GB/ },
    { resources: { accelerators: { type: "H100", count: 1 } }, says: /asks for 1 x H100 of a node, and the cluster has no accelerator/ },
    { resources: { threads: 128 }, says: /asks for 128 cores of a node, and the largest has 64/ },
  ],
  start: async () => ({ directory: await mkdtemp(join(cluster.directory, "contract-")), open, stop: async () => undefined }),
});

async function jobOf(command: Job["command"], more: Partial<Job> = {}): Promise<Job> {
  const directory = await mkdtemp(join(cluster.directory, "beyond-"));
  const resources = { ...anyResources, threads: 1 };
  return { name: "training", command, directory, variables: {}, resources, tasks: [{}], after: [], requeues: 0, ...more };
}

async function lineMatching(running: RunningJob, pattern: RegExp): Promise<string> {
  for await (const line of running.lines(0)) if (pattern.test(line)) return line;
  throw new Error(`no line matches ${pattern.source}`);
}

test("a training that is evicted in the middle, run by a stand-in of a kubelet, begins again, goes on from its checkpoint, and ends with the same model", async () => {
  const launcher = await open();
  const script = new URL("checkpointing.py", import.meta.url).pathname;
  const undisturbed = await jobOf(["python3", script, "60", "0"]);
  expect(await (await launcher.submit(undisturbed)).end(0)).toMatchObject({ outcome: "succeeded" });
  const disturbed = await jobOf(["python3", script, "60", "0.1"], { requeues: 1 });
  const running = await launcher.submit(disturbed);
  await lineMatching(running, /^step 10$/);
  const pods = await cluster.client.get<{ items: Pod[] }>("/api/v1/namespaces/training/pods", {
    labelSelector: `batch.kubernetes.io/job-name=${running.id}`,
  });
  const name = pods?.items[0]?.metadata.name;
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name } };
  await cluster.client.create(`/api/v1/namespaces/training/pods/${name}/eviction`, eviction);
  const lines: string[] = [];
  for await (const line of running.lines(0)) lines.push(line);
  expect(await running.end(0)).toMatchObject({ outcome: "succeeded", exitCode: 0 });
  const begun = lines.filter((line) => line.startsWith("from step"));
  expect(begun).toHaveLength(2);
  const resumed = Number(/^from step (\d+)/.exec(begun[1] ?? "")?.[1]);
  expect(resumed).toBeGreaterThanOrEqual(10);
  expect(resumed).toBeLessThan(60);
  expect(await readFile(join(disturbed.directory, "model.json"), "utf8")).toBe(
    await readFile(join(undisturbed.directory, "model.json"), "utf8"),
  );
  await launcher.close();
});

test("the processes of one training in a pod, run by a stand-in of a kubelet, know their rank and where to meet", async () => {
  const launcher = await open();
  const shell: Job["command"] = [
    "/bin/sh",
    "-c",
    "echo $RANK of $WORLD_SIZE, $LOCAL_RANK with $OMP_NUM_THREADS at $MASTER_ADDR:$MASTER_PORT",
  ];
  const running = await launcher.submit(await jobOf(shell, { resources: { ...anyResources, processesPerNode: 2, threads: 2 } }));
  const lines: string[] = [];
  for await (const line of running.lines(0)) lines.push(line);
  expect(lines.toSorted()).toEqual(["0 of 2, 0 with 2 at 127.0.0.1:29500", "1 of 2, 1 with 2 at 127.0.0.1:29500"]);
  expect(await running.end(0)).toMatchObject({ outcome: "succeeded", usage: { nodes: ["local"] } });
  await launcher.close();
});
