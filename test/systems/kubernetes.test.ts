import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { JobObject } from "../../src/systems/kubernetes/state.ts";
import type { Job, Launcher, Options, RunningJob } from "../../src/systems/roles.ts";
import { launcherContract } from "../contracts/launcher.ts";
import { kubeconfig, startKubernetes, type Kubernetes } from "../servers/kubernetes.ts";
import type { Kubelet } from "../servers/kubernetes/kubelet.ts";
import { evict, jobIn, lineMatching, linesOf, openLauncher, podsOf, runningPod, type Asked } from "./kubernetes-jobs.ts";

/**
 * The control plane is real. Of its nodes, kwok plays three, which run no program: they show how trainings are submitted, validated, scheduled, ended and cancelled. On the
 * fourth, `local`, a stand-in of a kubelet runs pods as processes of this machine, in no container: it shows what programs need.
 */
let cluster: Kubernetes;
let kubelet: Kubelet;
let launcher: Launcher;

const built = 1_500_000;

beforeAll(async () => {
  cluster = await startKubernetes();
  console.log(`Kubernetes ${cluster.version}`);
  await cluster.node(
    "one",
    { cpu: "8", memory: "32Gi", "nvidia.com/gpu": "4" },
    { "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB", zone: "a" },
  );
  await cluster.node("two", { cpu: "8", memory: "8Gi" }, { zone: "b" });
  await cluster.node(
    "three",
    { cpu: "8", memory: "8Gi", "google.com/tpu": "4" },
    { "cloud.google.com/gke-tpu-accelerator": "tpu-v5-lite-podslice" },
  );
  await namespace("training");
  kubelet = await cluster.kubelet("local", { cpu: "64", memory: "32Gi" });
  launcher = await open();
}, built);
afterAll(async () => {
  await launcher?.close();
  await kubelet?.stop();
  await cluster?.stop();
});

async function namespace(name: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
  await cluster.namespace(name, labels);
  await cluster.claim(name, "platform");
}

const open = (more: Options = {}): Promise<Launcher> => openLauncher(cluster, more);
const played = (how: readonly string[], more: Asked = {}): Promise<Job> => jobIn(cluster, ["played", ...how], more);
const submit = async (how: readonly string[], more: Asked = {}): Promise<RunningJob> => launcher.submit(await played(how, more));
/** Its trainings run. */
const openRunner = (): Promise<Launcher> =>
  open({
    nodeSelector: { "kubernetes.io/hostname": "local" },
    tolerations: [{ key: "stand-in", operator: "Exists", effect: "NoSchedule" }],
  });
const jobPath = (name: string): string => `/apis/batch/v1/namespaces/training/jobs/${name}`;

test.concurrent("a task whose pod is evicted begins again as often as the job allows, and no more", async () => {
  const job = await submit(["evicted-once"], { requeues: 1 });
  expect(await job.end(0)).toMatchObject({ outcome: "succeeded" });
  expect(await podsOf(cluster, job.id)).toHaveLength(2);
});

test.concurrent("a quota that is too small refuses a training, one that is full for now lets it wait", async () => {
  await namespace("small");
  const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "team" }, spec: { hard: { "requests.cpu": "2" } } };
  await cluster.client.create("/api/v1/namespaces/small/resourcequotas", quota);
  await cluster.until("the quota is counted", async () => {
    const counted = await cluster.client.get<{ status?: { hard?: object } }>("/api/v1/namespaces/small/resourcequotas/team");
    return counted?.status?.hard !== undefined;
  });
  const small = await open({ namespace: "small" });
  const large = await played(["run"], { resources: { threads: 4 } });
  await expect(small.submit(large)).rejects.toMatchObject({ problem: { what: expect.stringContaining("exceeded quota: team") } });
  const first = await small.submit(await played(["run"], { resources: { threads: 2 } }));
  await cluster.until("the first has its pod", async () => (await podsOf(cluster, first.id, "small")).length === 1);
  const second = await small.submit(await played(["succeed"], { resources: { threads: 2 } }));
  await first.cancel();
  expect(await second.end(0)).toMatchObject({ outcome: "succeeded" });
  await small.close();
});

test.concurrent("the rules that the documentation names are enough, and without them the error says what is missing", async () => {
  await namespace("narrow");
  const narrow = { namespace: "narrow", token: cluster.userToken };
  const without = await open(narrow);
  await expect(without.submit(await played(["succeed"]))).rejects.toMatchObject({
    problem: {
      code: "kubernetes-refused",
      what: expect.stringMatching(/User "millwright" cannot create resource "jobs"/),
      fix: expect.stringContaining("Role"),
    },
  });
  await without.close();
  const api = "/apis/rbac.authorization.k8s.io/v1/namespaces/narrow";
  await cluster.client.create(`${api}/roles`, {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name: "millwright" },
    rules: [
      { apiGroups: ["batch"], resources: ["jobs"], verbs: ["get", "list", "create", "patch", "delete"] },
      { apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get", "list"] },
      { apiGroups: [""], resources: ["secrets", "services"], verbs: ["create"] },
    ],
  });
  await cluster.client.create(`${api}/rolebindings`, {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "millwright" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "millwright" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "millwright" }],
  });
  const enough = await open(narrow);
  const job = await played(["succeed"], { resources: { nodes: 2 } });
  expect(await (await enough.submit(job)).end(0)).toMatchObject({ outcome: "succeeded" });
  // It may not list the nodes, so that only the resource's own name can be asked for.
  const asked = await played(["succeed"], { resources: { accelerators: { type: "A100", count: 1 } } });
  await expect(enough.submit(asked)).rejects.toMatchObject({ problem: { what: expect.stringContaining("may not list nodes") } });
  await enough.close();
  const stated = await open({ ...narrow, accelerators: { A100: { resource: "nvidia.com/gpu", nodeSelector: { zone: "a" } } } });
  expect(await (await stated.submit(asked)).end(0)).toMatchObject({ outcome: "succeeded", usage: { nodes: ["one"] } });
  await stated.close();
});

test.concurrent("a training that is evicted in the middle, run by a stand-in of a kubelet, begins again, goes on from its checkpoint, and ends with the same model", async () => {
  const runner = await openRunner();
  const script = new URL("checkpointing.py", import.meta.url).pathname;
  const disturbed = await jobIn(cluster, ["python3", script, "60", "0.05"], { requeues: 1 });
  const undisturbed = await jobIn(cluster, ["python3", script, "60", "0"]);
  const running = await runner.submit(disturbed);
  const other = await runner.submit(undisturbed);
  await lineMatching(running, /^step 10$/);
  await evict(cluster, await runningPod(cluster, running.id));
  const lines = await linesOf(running);
  expect(await running.end(0)).toMatchObject({ outcome: "succeeded", exitCode: 0 });
  expect(await other.end(0)).toMatchObject({ outcome: "succeeded" });
  const begun = lines.flatMap((line) => /^from step (\d+)/.exec(line)?.[1] ?? []).map(Number);
  expect(begun).toEqual([0, expect.any(Number)]);
  expect(begun[1]).toBeGreaterThanOrEqual(10);
  expect(begun[1]).toBeLessThan(60);
  expect(await readFile(join(disturbed.directory, "model.json"), "utf8")).toBe(
    await readFile(join(undisturbed.directory, "model.json"), "utf8"),
  );
  await runner.close();
});

test.concurrent.each([
  [["succeed"], { outcome: "succeeded", exitCode: 0, reason: null }],
  [["fail", "7"], { outcome: "failed", exitCode: 7, reason: expect.stringContaining("exit code 7") }],
  [["fail", "139"], { outcome: "failed", exitCode: 139, reason: expect.stringContaining("SIGSEGV") }],
  [["out-of-memory"], { outcome: "out-of-memory", exitCode: 137, reason: expect.stringContaining("OOMKilled") }],
  [["too-long"], { outcome: "timed-out", reason: expect.stringContaining("DeadlineExceeded") }],
  [["evicted"], { outcome: "lost", exitCode: null, reason: expect.stringContaining("Evicted") }],
] as const)("a training that kwok plays %s: the job controller counts it, and its end says so", async (how, expected) => {
  const job = await submit(how);
  const end = await job.end(0);
  expect(end).toMatchObject(expected);
  expect(end.usage.nodes).toHaveLength(1);
});

test.concurrent("a failed program is not tried again, whatever may be done about lost nodes", async () => {
  const job = await submit(["fail", "3"], { requeues: 3 });
  expect(await job.end(0)).toMatchObject({ outcome: "failed", exitCode: 3 });
  expect(await podsOf(cluster, job.id)).toHaveLength(1);
});

test.concurrent("what it asks for stands in the Job, and no variable's value does", async () => {
  const resources = { threads: 4, memory: 2 ** 30, accelerators: { type: "A100", count: 2 }, seconds: 3600 };
  const secret = `secret-${crypto.randomUUID()}`;
  const job = await submit(["run"], { resources, variables: { TOKEN: secret }, tasks: [{ OTHER: secret }] });
  const pod = await runningPod(cluster, job.id);
  expect(pod.spec.nodeName).toBe("one");
  expect(pod.spec).toMatchObject({
    activeDeadlineSeconds: 3600,
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    nodeSelector: { "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB" },
    containers: [
      {
        workingDir: expect.stringContaining(cluster.directory),
        resources: {
          limits: { cpu: "4", memory: "1073741824", "nvidia.com/gpu": "2" },
          requests: { cpu: "4", memory: "1073741824", "nvidia.com/gpu": "2" },
        },
      },
    ],
  });
  const manifest = await cluster.client.get(jobPath(job.id));
  expect(JSON.stringify([manifest, await podsOf(cluster, job.id)])).not.toContain(secret);
  expect(manifest).toMatchObject({ spec: { backoffLimitPerIndex: 0, podReplacementPolicy: "Failed" } });
  const held = `/api/v1/namespaces/training/secrets/${job.id}`;
  const kept = await cluster.client.get<{ data: Record<string, string> }>(held);
  expect(Buffer.from(kept?.data["job"] ?? "", "base64").toString()).toContain(secret);
  await job.cancel();
  await cluster.until("the variables are gone with the Job", async () => (await cluster.client.get(held)) === null);
});

test.concurrent("TPUs are asked for as the device plugin names them", async () => {
  const job = await submit(["run"], { resources: { accelerators: { type: "TPU", count: 4 } } });
  expect((await runningPod(cluster, job.id)).spec).toMatchObject({
    nodeName: "three",
    containers: [{ resources: { limits: { "google.com/tpu": "4" } } }],
  });
  await job.cancel();
});

test.concurrent("a training on two nodes has a pod on each, which find each other by name, and ends when one of them fails", async () => {
  const job = await submit(["run"], { resources: { nodes: 2, processesPerNode: 2 } });
  await cluster.until(
    "both pods run",
    async () => (await podsOf(cluster, job.id)).filter(({ status }) => status?.phase === "Running").length === 2,
  );
  const pods = await podsOf(cluster, job.id);
  expect(new Set(pods.map(({ spec }) => spec.nodeName)).size).toBe(2);
  expect(pods.map(({ spec }) => [spec["hostname"], spec["subdomain"]]).toSorted()).toEqual([
    [`${job.id}-0`, job.id],
    [`${job.id}-1`, job.id],
  ]);
  expect(await cluster.client.get(`/api/v1/namespaces/training/services/${job.id}`)).toMatchObject({ spec: { clusterIP: "None" } });
  for (const pod of pods.slice(0, 1)) await evict(cluster, pod);
  expect(await job.end(0)).toMatchObject({ outcome: "lost", reason: expect.stringContaining("DisruptionTarget") });
});

test.concurrent("a cancelled job is deleted with its pods, also before they could begin", async () => {
  const job = await submit(["run"]);
  await runningPod(cluster, job.id);
  await job.cancel();
  expect(await job.end(0)).toMatchObject({ outcome: "cancelled", exitCode: null, reason: "it was cancelled" });
  expect(await cluster.client.get(jobPath(job.id))).toBeNull();
  expect(await podsOf(cluster, job.id)).toEqual([]);
  await job.cancel();
  const waiting = await submit(["run"], { resources: { accelerators: { type: "A100", count: 4 } } });
  const behind = await submit(["run"], { resources: { accelerators: { type: "A100", count: 4 } } });
  await behind.cancel();
  expect(await behind.end(0)).toMatchObject({ outcome: "cancelled" });
  await waiting.cancel();
});

test.concurrent("a Job that somebody else deletes is cancelled", async () => {
  const job = await submit(["run"]);
  await runningPod(cluster, job.id);
  await cluster.client.remove(jobPath(job.id), "Background");
  expect(await job.end(0)).toMatchObject({ outcome: "cancelled", reason: expect.stringContaining("somebody") });
});

test.concurrent("a job that comes after others waits for them, suspended, and never begins when one has failed", async () => {
  const before = await submit(["run"]);
  const failing = await submit(["fail", "1"]);
  const after = await submit(["succeed"], { after: [before.id] });
  const never = await submit(["succeed"], { after: [failing.id, before.id] });
  expect(await never.end(0)).toMatchObject({ outcome: "cancelled", exitCode: null, reason: expect.stringContaining("had to succeed") });
  await runningPod(cluster, before.id);
  expect(await cluster.client.get(jobPath(after.id))).toMatchObject({ spec: { suspend: true } });
  expect(await podsOf(cluster, after.id)).toEqual([]);
  await before.cancel();
  expect(await after.end(0)).toMatchObject({ outcome: "cancelled" });
  const first = await submit(["succeed"]);
  const second = await submit(["succeed"], { after: [first.id] });
  expect(await second.end(0)).toMatchObject({ outcome: "succeeded" });
});

test.concurrent("what it cannot give is refused with the reason, before anything is made", async () => {
  const refused = async (how: Asked, says: RegExp, other: Launcher = launcher): Promise<void> => {
    const job = await played(["succeed"], { name: "refused", ...how });
    await expect(other.submit(job)).rejects.toMatchObject({ problem: { code: "launch-refused", what: expect.stringMatching(says) } });
  };
  await refused({ resources: { nodes: 5 } }, /asks for 5 nodes, and the cluster has 4/);
  await refused({ resources: { memory: 1e12 } }, /asks for 1 TB of memory of a node, and the largest has 34.4 GB/);
  await refused({ resources: { threads: 128 } }, /asks for 128 cores of a node, and the largest has 64/);
  await refused(
    { resources: { accelerators: { type: "H100", count: 1 } } },
    /1 x H100 of a node, and the cluster has 4 x NVIDIA-A100-SXM4-80GB on one/,
  );
  await refused({ resources: { accelerators: { type: "A100", count: 5 } } }, /asks for 5 x A100/);
  await refused({ resources: { nodes: 2 }, tasks: [{}, {}] }, /2 tasks of 2 nodes each/);
  await refused({ directory: "/elsewhere" }, /lies on no disk that pods see/);
  await refused({ after: ["nobody-knows-it"] }, /comes after nobody-knows-it/);
  const unclaimed = await open({ volumes: [{ claim: "nothing", path: cluster.directory }] });
  await refused({}, /the namespace training has no claim nothing/, unclaimed);
  await unclaimed.close();
  const strange = await open({ priorityClass: "no-such-class" });
  await refused({}, /no PriorityClass with name no-such-class was found/, strange);
  await strange.close();
  const jobsNow = await cluster.client.get<{ items: JobObject[] }>("/apis/batch/v1/namespaces/training/jobs");
  expect(jobsNow?.items.filter(({ metadata }) => metadata.name.startsWith("refused"))).toEqual([]);
});

test.concurrent("pods are such as the strictest of Pod Security's levels lets in", async () => {
  await namespace("restricted", { "pod-security.kubernetes.io/enforce": "restricted" });
  const strict = await open({ namespace: "restricted", user: "1000:1000" });
  const job = await strict.submit(await played(["succeed"]));
  expect(await job.end(0)).toMatchObject({ outcome: "succeeded" });
  await strict.close();
  const root = await open({ namespace: "restricted", user: "0:0" });
  await expect(root.submit(await played(["succeed"]))).rejects.toMatchObject({
    problem: { what: expect.stringContaining('violates PodSecurity "restricted:latest"') },
  });
  await root.close();
});

test.concurrent("a job is found by its name after a restart, with its end", async () => {
  const job = await played(["run"]);
  const first = await open();
  const submitted = await first.submit(job);
  await runningPod(cluster, submitted.id);
  await first.close();
  const second = await open();
  const found = await second.find(submitted.id, job);
  expect(found?.id).toBe(submitted.id);
  expect(await second.find("no-such-job", job)).toBeNull();
  expect(await second.find("../pods/x", job)).toBeNull();
  await cluster.client.create("/apis/batch/v1/namespaces/training/jobs", {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "of-another" },
    spec: { suspend: true, template: { spec: { restartPolicy: "Never", containers: [{ name: "x", image: "x" }] } } },
  });
  expect(await second.find("of-another", job)).toBeNull();
  await found?.cancel();
  expect(await found?.end(0)).toMatchObject({ outcome: "cancelled" });
  await second.close();
});

test.concurrent("a cluster is reached by a kubeconfig too, and a wrong token or authority is told without naming it", async () => {
  const file = join(cluster.directory, "kubeconfig");
  await writeFile(file, kubeconfig(cluster.url, cluster.authority, cluster.token, "training"), { mode: 0o600 });
  const none = { url: null, token: null, certificateAuthority: null };
  const byFile = await open({ ...none, namespace: null, kubeconfig: "kubeconfig" });
  expect(await (await byFile.submit(await played(["succeed"]))).end(0)).toMatchObject({ outcome: "succeeded" });
  await byFile.close();
  const wrong = await open({ token: "not-the-token" });
  const told = await wrong.submit(await played(["succeed"])).catch((error: Error) => error.message);
  expect(told).toMatch(/the cluster of kubernetes\(\{ url \}\) refused .*Unauthorized/);
  expect(told).not.toContain("not-the-token");
  await wrong.close();
  const untrusted = await open({ certificateAuthority: null });
  await expect(untrusted.submit(await played(["succeed"]))).rejects.toMatchObject({
    problem: { code: "kubernetes-unreachable", what: expect.stringMatching(/certificate/) },
  });
  await untrusted.close();
});

test.concurrent("the processes of one training in a pod, run by a stand-in of a kubelet, know their rank and where to meet", async () => {
  const runner = await openRunner();
  const shell: Job["command"] = [
    "/bin/sh",
    "-c",
    "echo $RANK of $WORLD_SIZE, $LOCAL_RANK with $OMP_NUM_THREADS at $MASTER_ADDR:$MASTER_PORT",
  ];
  const running = await runner.submit(await jobIn(cluster, shell, { resources: { processesPerNode: 2, threads: 2 } }));
  expect((await linesOf(running)).toSorted()).toEqual(["0 of 2, 0 with 2 at 127.0.0.1:29500", "1 of 2, 1 with 2 at 127.0.0.1:29500"]);
  expect(await running.end(0)).toMatchObject({ outcome: "succeeded", usage: { nodes: ["local"] } });
  await runner.close();
});

test.concurrent("lines that break off, of a pod that a stand-in of a kubelet runs, go on where they were: none lost and none twice", async () => {
  const runner = await openRunner();
  const script = "i=0; while [ $i -lt 500 ]; do echo line $i; i=$((i + 1)); done; while [ ! -e go ]; do sleep 0.05; done; echo last";
  const job = await jobIn(cluster, ["/bin/sh", "-c", script]);
  const running = await runner.submit(job);
  await lineMatching(running, /^line 499$/);
  kubelet.breakOff();
  await writeFile(join(job.directory, "go"), "");
  expect(await linesOf(running)).toEqual([...Array.from({ length: 500 }, (_, index) => `line ${index}`), "last"]);
  await runner.close();
});

launcherContract({
  name: "Kubernetes (a real control plane, and a stand-in of a kubelet that runs pods as processes of this machine)",
  outlives: true,
  // A kernel would; the stand-in is not one, and Kubernetes keeps no account of what was used.
  endsForMemory: false,
  endsInSeconds: true,
  refused: [
    { resources: { nodes: 2 }, says: /asks for 2 nodes, and the cluster has 1 for it/ },
    { resources: { memory: 1e12 }, says: /asks for 1 TB of memory of a node, and the largest has 34.4 GB/ },
    { resources: { accelerators: { type: "H100", count: 1 } }, says: /asks for 1 x H100 of a node, and the cluster has no accelerator/ },
    { resources: { threads: 128 }, says: /asks for 128 cores of a node, and the largest has 64/ },
  ],
  start: async () => ({ directory: await mkdtemp(join(cluster.directory, "contract-")), open: openRunner, stop: async () => undefined }),
});
