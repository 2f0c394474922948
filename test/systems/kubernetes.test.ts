import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { anyResources } from "../../src/define/resources.ts";
import { system } from "../../src/systems/kubernetes.ts";
import type { JobObject, Pod } from "../../src/systems/kubernetes/state.ts";
import type { Job, Launcher, Options, RunningJob } from "../../src/systems/roles.ts";
import { kubeconfig, startKubernetes, type Kubernetes } from "../servers/kubernetes.ts";

/**
 * The control plane is real. Its nodes and pods are played by kwok, which runs no program: what is shown here is how trainings are submitted, validated, scheduled, ended and
 * cancelled, and test/systems/kubernetes-kubelet.test.ts runs programs.
 */
let cluster: Kubernetes;
let launcher: Launcher;
let jobs = 0;

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
  launcher = await open();
}, built);
afterAll(async () => {
  await launcher?.close();
  await cluster?.stop();
});

async function namespace(name: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
  await cluster.namespace(name, labels);
  await cluster.claim(name, "platform");
}

async function open(more: Options = {}): Promise<Launcher> {
  const options: Options = {
    url: cluster.url,
    token: cluster.token,
    certificateAuthority: cluster.authority,
    namespace: "training",
    image: "training:1",
    volumes: [{ claim: "platform", path: cluster.directory }],
    poll: 0.2,
    grace: "1 second",
    ...more,
  };
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
  const opened = await system.roles.launcher?.(given, { directory: cluster.directory });
  if (opened === undefined) throw new Error("Kubernetes is no launcher");
  return opened;
}

async function jobOf(
  command: Job["command"],
  more: Partial<Omit<Job, "resources">> & { resources?: Partial<Job["resources"]> } = {},
): Promise<Job> {
  const directory = await mkdtemp(join(cluster.directory, "job-"));
  const resources = { ...anyResources, threads: 1, ...more.resources };
  return { name: `played-${++jobs}`, command, directory, variables: {}, tasks: [{}], after: [], requeues: 0, ...more, resources };
}

async function submit(how: readonly string[], more: Parameters<typeof jobOf>[1] = {}): Promise<RunningJob> {
  return launcher.submit(await jobOf(["played", ...how], more));
}

const jobPath = (name: string, namespace: string = "training"): string => `/apis/batch/v1/namespaces/${namespace}/jobs/${name}`;

async function podsOf(
  name: string,
  namespace: string = "training",
): Promise<(Pod & { readonly spec: Readonly<Record<string, unknown>> })[]> {
  const query = { labelSelector: `batch.kubernetes.io/job-name=${name}` };
  return (
    (await cluster.client.get<{ items: (Pod & { spec: Record<string, unknown> })[] }>(`/api/v1/namespaces/${namespace}/pods`, query))
      ?.items ?? []
  );
}

async function runningPod(name: string): Promise<Pod> {
  await cluster.until(`the pod of ${name} runs`, async () => (await podsOf(name)).some(({ status }) => status?.phase === "Running"));
  const [pod] = await podsOf(name);
  if (pod === undefined) throw new Error(`${name} has no pod`);
  return pod;
}

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

test.concurrent("a task whose pod is evicted begins again as often as the job allows, and no more", async () => {
  const job = await submit(["evicted-once"], { requeues: 1 });
  expect(await job.end(0)).toMatchObject({ outcome: "succeeded" });
  expect(await podsOf(job.id)).toHaveLength(2);
});

test.concurrent("a failed program is not tried again, whatever may be done about lost nodes", async () => {
  const job = await submit(["fail", "3"], { requeues: 3 });
  expect(await job.end(0)).toMatchObject({ outcome: "failed", exitCode: 3 });
  expect(await podsOf(job.id)).toHaveLength(1);
});

test.concurrent("an array is one indexed Job, whose tasks end each for itself", async () => {
  const job = await submit(["succeed"], { tasks: [{ N: "0" }, { N: "1" }, { N: "2" }] });
  expect(await Promise.all([0, 1, 2].map(async (task) => (await job.end(task)).outcome))).toEqual(["succeeded", "succeeded", "succeeded"]);
  expect(
    (await podsOf(job.id)).map(({ metadata }) => metadata.annotations?.["batch.kubernetes.io/job-completion-index"]).toSorted(),
  ).toEqual(["0", "1", "2"]);
  expect((await cluster.client.get<JobObject>(jobPath(job.id)))?.status?.completedIndexes).toBe("0-2");
});

test.concurrent("what it asks for stands in the Job, and no variable's value does", async () => {
  const resources = { threads: 4, memory: 2 ** 30, accelerators: { type: "A100", count: 2 }, seconds: 3600 };
  const secret = `secret-${crypto.randomUUID()}`;
  const job = await submit(["run"], { resources, variables: { TOKEN: secret }, tasks: [{ OTHER: secret }] });
  const pod = await runningPod(job.id);
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
  expect(JSON.stringify([manifest, await podsOf(job.id)])).not.toContain(secret);
  expect(manifest).toMatchObject({ spec: { backoffLimitPerIndex: 0, podReplacementPolicy: "Failed" } });
  const held = `/api/v1/namespaces/training/secrets/${job.id}`;
  const kept = await cluster.client.get<{ data: Record<string, string> }>(held);
  expect(Buffer.from(kept?.data["job"] ?? "", "base64").toString()).toContain(secret);
  await job.cancel();
  await cluster.until("the variables are gone with the Job", async () => (await cluster.client.get(held)) === null);
});

test.concurrent("TPUs are asked for as the device plugin names them", async () => {
  const job = await submit(["run"], { resources: { accelerators: { type: "TPU", count: 4 } } });
  expect((await runningPod(job.id)).spec).toMatchObject({
    nodeName: "three",
    containers: [{ resources: { limits: { "google.com/tpu": "4" } } }],
  });
  await job.cancel();
});

test.concurrent("a training on two nodes has a pod on each, which find each other by name, and ends when one of them fails", async () => {
  const job = await submit(["run"], { resources: { nodes: 2, processesPerNode: 2 } });
  await cluster.until("both pods run", async () => (await podsOf(job.id)).filter(({ status }) => status?.phase === "Running").length === 2);
  const pods = await podsOf(job.id);
  expect(new Set(pods.map(({ spec }) => spec.nodeName)).size).toBe(2);
  expect(pods.map(({ spec }) => [spec["hostname"], spec["subdomain"]]).toSorted()).toEqual([
    [`${job.id}-0`, job.id],
    [`${job.id}-1`, job.id],
  ]);
  expect(await cluster.client.get(`/api/v1/namespaces/training/services/${job.id}`)).toMatchObject({ spec: { clusterIP: "None" } });
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: pods[0]?.metadata.name } };
  await cluster.client.create(`/api/v1/namespaces/training/pods/${pods[0]?.metadata.name}/eviction`, eviction);
  expect(await job.end(0)).toMatchObject({ outcome: "lost", reason: expect.stringContaining("DisruptionTarget") });
});

test.concurrent("a cancelled job is deleted with its pods, also before they could begin", async () => {
  const job = await submit(["run"]);
  await runningPod(job.id);
  await job.cancel();
  expect(await job.end(0)).toMatchObject({ outcome: "cancelled", exitCode: null, reason: "it was cancelled" });
  expect(await cluster.client.get(jobPath(job.id))).toBeNull();
  expect(await podsOf(job.id)).toEqual([]);
  await job.cancel();
  const waiting = await submit(["run"], { resources: { accelerators: { type: "A100", count: 4 } } });
  const behind = await submit(["run"], { resources: { accelerators: { type: "A100", count: 4 } } });
  await behind.cancel();
  expect(await behind.end(0)).toMatchObject({ outcome: "cancelled" });
  await waiting.cancel();
});

test.concurrent("a Job that somebody else deletes is cancelled", async () => {
  const job = await submit(["run"]);
  await runningPod(job.id);
  await cluster.client.remove(jobPath(job.id), "Background");
  expect(await job.end(0)).toMatchObject({ outcome: "cancelled", reason: expect.stringContaining("somebody") });
});

test.concurrent("a job that comes after others waits for them, suspended, and never begins when one has failed", async () => {
  const before = await submit(["run"]);
  const failing = await submit(["fail", "1"]);
  const after = await submit(["succeed"], { after: [before.id] });
  const never = await submit(["succeed"], { after: [failing.id, before.id] });
  expect(await never.end(0)).toMatchObject({ outcome: "cancelled", exitCode: null, reason: expect.stringContaining("had to succeed") });
  await runningPod(before.id);
  expect(await cluster.client.get(jobPath(after.id))).toMatchObject({ spec: { suspend: true } });
  expect(await podsOf(after.id)).toEqual([]);
  await before.cancel();
  expect(await after.end(0)).toMatchObject({ outcome: "cancelled" });
  const first = await submit(["succeed"]);
  const second = await submit(["succeed"], { after: [first.id] });
  expect(await second.end(0)).toMatchObject({ outcome: "succeeded" });
});

test.concurrent("what it cannot give is refused with the reason, before anything is made", async () => {
  const refused = async (how: Parameters<typeof jobOf>[1], says: RegExp, other: Launcher = launcher): Promise<void> => {
    const job = await jobOf(["played", "succeed"], { name: "refused", ...how });
    await expect(other.submit(job)).rejects.toMatchObject({ problem: { code: "launch-refused", what: expect.stringMatching(says) } });
  };
  await refused({ resources: { nodes: 4 } }, /asks for 4 nodes, and the cluster has 3/);
  await refused({ resources: { memory: 1e12 } }, /asks for 1 TB of memory of a node, and the largest has 34.4 GB/);
  await refused({ resources: { threads: 64 } }, /asks for 64 cores of a node, and the largest has 8/);
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

test.concurrent("a quota that is too small refuses a training, one that is full for now lets it wait", async () => {
  await namespace("small");
  const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "team" }, spec: { hard: { "requests.cpu": "2" } } };
  await cluster.client.create("/api/v1/namespaces/small/resourcequotas", quota);
  await cluster.until("the quota is counted", async () => {
    const counted = await cluster.client.get<{ status?: { hard?: object } }>("/api/v1/namespaces/small/resourcequotas/team");
    return counted?.status?.hard !== undefined;
  });
  const small = await open({ namespace: "small" });
  const large = await jobOf(["played", "run"], { resources: { threads: 4 } });
  await expect(small.submit(large)).rejects.toMatchObject({ problem: { what: expect.stringContaining("exceeded quota: team") } });
  const first = await small.submit(await jobOf(["played", "run"], { resources: { threads: 2 } }));
  await cluster.until("the first has its pod", async () => (await podsOf(first.id, "small")).length === 1);
  const second = await small.submit(await jobOf(["played", "succeed"], { resources: { threads: 2 } }));
  await first.cancel();
  expect(await second.end(0)).toMatchObject({ outcome: "succeeded" });
  await small.close();
});

test.concurrent("pods are such as the strictest of Pod Security's levels lets in", async () => {
  await namespace("restricted", { "pod-security.kubernetes.io/enforce": "restricted" });
  const strict = await open({ namespace: "restricted", user: "1000:1000" });
  const job = await strict.submit(await jobOf(["played", "succeed"]));
  expect(await job.end(0)).toMatchObject({ outcome: "succeeded" });
  await strict.close();
  const root = await open({ namespace: "restricted", user: "0:0" });
  await expect(root.submit(await jobOf(["played", "succeed"]))).rejects.toMatchObject({
    problem: { what: expect.stringContaining('violates PodSecurity "restricted:latest"') },
  });
  await root.close();
});

test.concurrent("a job is found by its name after a restart, with its end", async () => {
  const job = await jobOf(["played", "run"]);
  const first = await open();
  const submitted = await first.submit(job);
  await runningPod(submitted.id);
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

test.concurrent("the rules that the documentation names are enough, and without them the error says what is missing", async () => {
  await namespace("narrow");
  const narrow = { namespace: "narrow", token: cluster.userToken };
  const without = await open(narrow);
  await expect(without.submit(await jobOf(["played", "succeed"]))).rejects.toMatchObject({
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
  const job = await jobOf(["played", "succeed"], { resources: { nodes: 2 } });
  expect(await (await enough.submit(job)).end(0)).toMatchObject({ outcome: "succeeded" });
  // It may not list the nodes, so that only the resource's own name can be asked for.
  const asked = await jobOf(["played", "succeed"], { resources: { accelerators: { type: "A100", count: 1 } } });
  await expect(enough.submit(asked)).rejects.toMatchObject({ problem: { what: expect.stringContaining("may not list nodes") } });
  await enough.close();
  const stated = await open({ ...narrow, accelerators: { A100: { resource: "nvidia.com/gpu", nodeSelector: { zone: "a" } } } });
  expect(await (await stated.submit(asked)).end(0)).toMatchObject({ outcome: "succeeded", usage: { nodes: ["one"] } });
  await stated.close();
});

test.concurrent("a cluster is reached by a kubeconfig too, and a wrong token or authority is told without naming it", async () => {
  const file = join(cluster.directory, "kubeconfig");
  await mkdir(cluster.directory, { recursive: true });
  await writeFile(file, kubeconfig(cluster.url, cluster.authority, cluster.token, "training"), { mode: 0o600 });
  const none = { url: null, token: null, certificateAuthority: null };
  const byFile = await open({ ...none, namespace: null, kubeconfig: "kubeconfig" });
  expect(await (await byFile.submit(await jobOf(["played", "succeed"]))).end(0)).toMatchObject({ outcome: "succeeded" });
  await byFile.close();
  const wrong = await open({ token: "not-the-token" });
  const told = await wrong.submit(await jobOf(["played", "succeed"])).catch((error: Error) => error.message);
  expect(told).toMatch(/the cluster of kubernetes\(\{ url \}\) refused .*Unauthorized/);
  expect(told).not.toContain("not-the-token");
  await wrong.close();
  const untrusted = await open({ certificateAuthority: null });
  await expect(untrusted.submit(await jobOf(["played", "succeed"]))).rejects.toMatchObject({
    problem: { code: "kubernetes-unreachable", what: expect.stringMatching(/certificate/) },
  });
  await untrusted.close();
});
