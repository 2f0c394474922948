import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { anyResources } from "../../src/define/resources.ts";
import { isFullForNow } from "../../src/systems/kubernetes/launcher.ts";
import { deviceRequest, offersOf, refusals } from "../../src/systems/kubernetes/offer.ts";
import { parseQuantity } from "../../src/systems/kubernetes/quantity.ts";
import { literal, podScript, variablesFiles, variablesFolder } from "../../src/systems/kubernetes/script.ts";
import { parseIndexes, podOutcome, type Pod } from "../../src/systems/kubernetes/state.ts";
import type { Job } from "../../src/systems/roles.ts";

function pod(status: Pod["status"] & object): Pod {
  return { metadata: { name: "training-0", uid: "1" }, spec: { nodeName: "one" }, status };
}

const ended = (exitCode: number, reason: string) => [{ state: { terminated: { exitCode, reason } } }];

/** As kubelet, scheduler and controllers of Kubernetes 1.34 write them. */
test.each([
  ["succeeded", 0, pod({ phase: "Succeeded", containerStatuses: ended(0, "Completed") })],
  ["failed", 7, pod({ phase: "Failed", containerStatuses: ended(7, "Error") })],
  ["failed", 139, pod({ phase: "Failed", containerStatuses: ended(139, "Error") })],
  ["failed", 128, pod({ phase: "Failed", containerStatuses: ended(128, "StartError") })],
  ["out-of-memory", 137, pod({ phase: "Failed", containerStatuses: ended(137, "OOMKilled") })],
  ["timed-out", 143, pod({ phase: "Failed", reason: "DeadlineExceeded", containerStatuses: ended(143, "Error") })],
  ["lost", null, pod({ phase: "Failed", reason: "Evicted", message: "The node was low on resource: memory." })],
  ["lost", null, pod({ phase: "Failed", reason: "NodeLost" })],
  ["lost", null, pod({ phase: "Failed", reason: "Terminated", message: "Pod was terminated in response to imminent node shutdown." })],
  ["lost", null, pod({ phase: "Failed", reason: "OutOfcpu", message: "Node didn't have enough resource" })],
  ...["PreemptionByScheduler", "DeletionByTaintManager", "EvictionByEvictionAPI", "DeletionByPodGC", "TerminationByKubelet"].map(
    (reason) =>
      [
        "lost",
        null,
        pod({
          phase: "Failed",
          conditions: [{ type: "DisruptionTarget", status: "True", reason, message: "why" }],
          containerStatuses: ended(143, "Error"),
        }),
      ] as const,
  ),
] as const)("a pod that Kubernetes says so of is %s, with exit code %s", (outcome, exitCode, given) => {
  const end = podOutcome(given);
  expect(end).toMatchObject({ outcome, exitCode });
  expect(end.reason === null).toBe(outcome === "succeeded");
});

test("a signal is named, and what the kubelet says of a program that it cannot start", () => {
  expect(podOutcome(pod({ phase: "Failed", containerStatuses: ended(139, "Error") })).reason).toContain("SIGSEGV");
  expect(podOutcome(pod({ phase: "Failed", containerStatuses: ended(128, "StartError") })).reason).toContain("StartError");
});

test("quantities and lists of indexes are read as Kubernetes writes them", () => {
  expect(["7910m", "8", "32Gi", "131072Ki", "1e3", "1.5G", "4k", "", undefined].map(parseQuantity)).toEqual([
    7.91,
    8,
    32 * 2 ** 30,
    2 ** 27,
    1000,
    1.5e9,
    4000,
    0,
    0,
  ]);
  expect([...parseIndexes("1,3-5,9")]).toEqual([1, 3, 4, 5, 9]);
  expect([...parseIndexes(undefined)]).toEqual([]);
});

test("accelerators are found by the labels of the vendors and of the clouds", () => {
  const node = (name: string, labels: Readonly<Record<string, string>>, allocatable: Readonly<Record<string, string>>) => ({
    metadata: { name, labels },
    status: { allocatable: { cpu: "8", memory: "32Gi", ...allocatable } },
  });
  const nodes = [
    node("a", { "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB", pool: "x" }, { "nvidia.com/gpu": "8" }),
    node("b", { "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-40GB" }, { "nvidia.com/gpu": "4" }),
    node("c", { "cloud.google.com/gke-accelerator": "nvidia-tesla-t4" }, { "nvidia.com/gpu": "1" }),
    node("d", { "cloud.google.com/gke-tpu-accelerator": "tpu-v5-lite-podslice" }, { "google.com/tpu": "4" }),
    node("e", {}, { "nvidia.com/gpu": "0" }),
  ];
  const offers = offersOf(nodes, {});
  const product = "nvidia.com/gpu.product";
  expect(deviceRequest(offers, { type: "A100", count: 4 })).toEqual({
    resource: "nvidia.com/gpu",
    labels: { [product]: ["NVIDIA-A100-SXM4-40GB", "NVIDIA-A100-SXM4-80GB"] },
  });
  expect(deviceRequest(offers, { type: "A100", count: 8 })).toEqual({
    resource: "nvidia.com/gpu",
    labels: { [product]: ["NVIDIA-A100-SXM4-80GB"] },
  });
  expect(deviceRequest(offers, { type: "T4", count: 1 })?.labels).toEqual({ "cloud.google.com/gke-accelerator": ["nvidia-tesla-t4"] });
  expect(deviceRequest(offers, { type: "TPU", count: 4 })).toEqual({ resource: "google.com/tpu", labels: {} });
  expect(deviceRequest(offers, { type: "GPU", count: 1 })).toEqual({ resource: "nvidia.com/gpu", labels: {} });
  expect(deviceRequest(offers, { type: "H100", count: 1 })).toBeNull();
  expect(offersOf(nodes, { pool: "x" }).map(({ node: name }) => name)).toEqual(["a"]);
  const asked = jobOf({ resources: { ...anyResources, accelerators: { type: "H100", count: 1 }, threads: 16 } });
  expect(refusals(asked, offersOf(nodes.slice(0, 1), {}), null)).toEqual([
    "it asks for 16 cores of a node, and the largest has 8",
    "it asks for 1 x H100 of a node, and the cluster has 8 x NVIDIA-A100-SXM4-80GB on a",
  ]);
});

test("a quota that is full for now is no reason to refuse, one that is too small is", () => {
  const said = (requested: string, limited: string): string =>
    `pods "x" is forbidden: exceeded quota: team, requested: ${requested}, used: requests.cpu=6,requests.memory=1Gi, limited: ${limited}`;
  expect(isFullForNow(said("requests.cpu=4,requests.memory=1Gi", "requests.cpu=8,requests.memory=2Gi"))).toBe(true);
  expect(isFullForNow(said("requests.cpu=16,requests.memory=1Gi", "requests.cpu=8,requests.memory=2Gi"))).toBe(false);
  expect(isFullForNow("pods is forbidden: violates PodSecurity")).toBe(false);
});

function jobOf(more: Partial<Job> = {}): Job {
  return {
    name: "training",
    command: ["/bin/sh"],
    directory: "/mnt",
    variables: {},
    resources: anyResources,
    tasks: [{}],
    after: [],
    requeues: 0,
    ...more,
  };
}

/** Runs what a container would, with its variables in a folder of this machine: what it wrote until it ended, though others may still hold its outputs. */
async function runScript(job: Job, index: number, script: string): Promise<{ readonly stdout: string; readonly code: number }> {
  const folder = await mkdtemp(join(tmpdir(), "pod-script-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(variablesFiles(job))) await writeFile(join(folder, name), text);
  const text = podScript(job, "name").replaceAll(variablesFolder, folder);
  const env = { PATH: process.env["PATH"] ?? "", JOB_COMPLETION_INDEX: String(index), FOLDER: folder };
  const output = await open(join(folder, "output"), "w+");
  const child = spawn("/bin/sh", ["-c", text, "sh", "/bin/sh", "-c", script], { env, stdio: ["ignore", output.fd, "inherit"] });
  const [code]: unknown[] = await once(child, "exit");
  await output.close();
  return { stdout: await readFile(join(folder, "output"), "utf8"), code: Number(code) };
}

test("a container's script tells each process its variables and its rank, run here by this machine's shell", async () => {
  const job = jobOf({ tasks: [{ NUMBER: "0" }, { NUMBER: "it's $1" }], variables: { SHARED: "a\nb" } });
  expect(await runScript(job, 1, 'echo "$SHARED,$NUMBER"')).toEqual({ stdout: "a\nb,it's $1\n", code: 0 });
  const several = jobOf({ resources: { ...anyResources, nodes: 2, processesPerNode: 2 } });
  const said = await runScript(several, 1, "echo $RANK $LOCAL_RANK $WORLD_SIZE $MASTER_ADDR $MASTER_PORT");
  expect(said.stdout.trim().split("\n").toSorted()).toEqual(["2 0 4 name-0.name 29500", "3 1 4 name-0.name 29500"]);
});

test("when one of a pod's processes fails the pod ends with its exit code, though the others would go on", async () => {
  const job = jobOf({ resources: { ...anyResources, processesPerNode: 3 } });
  expect((await runScript(job, 0, '[ $RANK = 1 ] && exit 7; while [ -e "$FOLDER" ]; do sleep 0.1; done')).code).toBe(7);
  expect((await runScript(job, 0, "exit 0")).code).toBe(0);
});

test("what a kubelet would replace in a command is written so that it does not", () => {
  expect(["$(HOME)", "$$", "plain", "${X}"].map(literal)).toEqual(["$$(HOME)", "$$$$", "plain", "$${X}"]);
});
