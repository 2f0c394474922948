import { createHash } from "node:crypto";
import { mkdtemp, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { system } from "../../src/systems/kserve.ts";
import type { InferenceService } from "../../src/systems/kserve/manifest.ts";
import type { ModelPackage, ModelServer, Options } from "../../src/systems/roles.ts";
import { codeOf } from "../contracts/model-server.ts";
import { modelFolder, smallModel, type ModelFolder } from "../serve/model.ts";
import { startKubernetes, type Kubernetes } from "../servers/kubernetes.ts";

/**
 * The API server is real, and so are the custom resources of KServe, by which it takes or refuses what is sent. KServe's controller and Knative are not there: the test plays
 * what they write into the status, as their sources say, and nothing answers.
 */
let cluster: Kubernetes;
let folder: ModelFolder;
let packages: Readonly<Record<string, ModelPackage>>;
let server: ModelServer;
let path: string;
let player: Player;
const namespace = "models";
const api = `/apis/serving.kserve.io/v1beta1/namespaces/${namespace}/inferenceservices`;
/** How the played controller treats a version's model. */
let broken: ReadonlySet<string> = new Set();

beforeAll(async () => {
  cluster = await startKubernetes({ controllers: false });
  await cluster.namespace(namespace);
  folder = await modelFolder();
  const made = [1, 2, 3, 4].map(async (number): Promise<[string, ModelPackage]> => {
    const file = await folder.write(`${number}.onnx`, smallModel({ bias: number }));
    const sha256 = createHash("sha256")
      .update(await readFile(file))
      .digest("hex");
    return [String(number), { endpoint: "Flight_delay", version: String(number), file, sha256 }];
  });
  packages = Object.fromEntries(await Promise.all(made));
}, 1_500_000);
afterAll(async () => {
  await folder?.remove();
  await cluster?.stop();
});
beforeEach(async () => {
  path = await mkdtemp(join(cluster.directory, "models-"));
  broken = new Set();
  player = playController();
  server = await connect();
});
afterEach(async () => {
  await player.stop();
  await server.close();
  await cluster.client.remove(`${api}/flight-delay`, "Background");
});

async function connect(more: Options = {}): Promise<ModelServer> {
  const options: Options = {
    url: cluster.url,
    token: cluster.token,
    certificateAuthority: cluster.authority,
    namespace,
    storage: { claim: "models", path, prefix: "flights/prod" },
    poll: 0.1,
    patience: 60,
    ...more,
  };
  const opened = await system.roles.server?.(options, { directory: cluster.directory });
  if (opened === undefined) throw new Error("KServe is no server");
  return opened;
}

const service = async (): Promise<InferenceService & { readonly spec: { readonly predictor: Readonly<Record<string, unknown>> } }> => {
  const found = await cluster.client.get<InferenceService & { spec: { predictor: Record<string, unknown> } }>(`${api}/flight-delay`);
  if (found === null) throw new Error("there is no InferenceService");
  return found;
};
const deploy = async (...versions: readonly string[]): Promise<void> => {
  for (const version of versions) await server.deploy(packageOf(version));
};
function packageOf(version: string): ModelPackage {
  const found = packages[version];
  if (found === undefined) throw new Error(`there is no package ${version}`);
  return found;
}
const standing = async (): Promise<readonly (readonly [string, boolean, number])[]> =>
  (await server.versions("Flight_delay")).map(({ version, ready, percent }) => [version, ready, percent]);

interface Player {
  stop(): Promise<void>;
}

/** Writes into the status what KServe's controller and Knative would, each time that the InferenceService has changed. */
function playController(): Player {
  let over = false;
  let [seen, revision, rolledOut, previous] = ["", 0, "", ""];
  let template = "";
  const look = async (): Promise<void> => {
    const found = await cluster.client.get<InferenceService & { metadata: { generation: number } }>(`${api}/flight-delay`);
    if (found === null || seen === JSON.stringify([found.metadata.annotations, found.spec])) return;
    seen = JSON.stringify([found.metadata.annotations, found.spec]);
    const { canaryTrafficPercent: canary, ...predictor } = found.spec.predictor;
    const now = JSON.stringify([found.metadata.annotations, predictor]);
    if (now !== template) revision += 1;
    template = now;
    const name = `flight-delay-predictor-${String(revision).padStart(5, "0")}`;
    const failed = broken.has(found.spec.predictor.model?.storageUri?.split("/").at(-1) ?? "");
    // What was rolled out last gets what a canary leaves; of a canary that is rolled out already, the one before.
    if (canary === undefined && !failed && rolledOut !== name) [previous, rolledOut] = [rolledOut, name];
    else if (canary !== undefined && rolledOut === name && previous !== "") rolledOut = previous;
    const latest = { latestRevision: true, revisionName: name, percent: canary ?? 100 };
    const rest = { latestRevision: false, revisionName: rolledOut, percent: 100 - latest.percent, tag: "prev" };
    const status = {
      observedGeneration: revision,
      url: "http://flight-delay.models.example.com",
      conditions: [{ type: "PredictorReady", status: failed ? "False" : "True", lastTransitionTime: new Date().toISOString() }],
      components: {
        predictor: {
          latestCreatedRevision: name,
          latestReadyRevision: failed ? rolledOut : name,
          latestRolledoutRevision: rolledOut,
          previousRolledoutRevision: previous,
          traffic: latest.percent === 100 ? [latest] : [latest, rest],
        },
      },
      modelStatus: failed
        ? { transitionStatus: "BlockedByFailedLoad", lastFailureInfo: { reason: "ModelLoadFailed", message: "no such operator" } }
        : { transitionStatus: "UpToDate" },
    };
    await cluster.client.merge(`${api}/flight-delay/status`, { status });
  };
  const loop = (async () => {
    for (; !over; await sleep(50)) await look();
  })();
  return {
    async stop() {
      over = true;
      await loop;
    },
  };
}

test("an endpoint's first version is an InferenceService that the API server takes, with the model where KServe will look for it", async () => {
  server = await connect({
    scale: { min: 0, max: 10, metric: "rps", target: 200, concurrency: 8 },
    resources: { cpu: "2", memory: "4Gi", "nvidia.com/gpu": "1" },
    nodeSelector: { pool: "inference" },
    runtime: "kserve-tritonserver",
    serviceAccount: "models",
  });
  expect(await standing()).toEqual([]);
  await deploy("1");
  expect(await standing()).toEqual([["1", true, 100]]);
  expect((await service()).spec.predictor).toEqual({
    minReplicas: 0,
    maxReplicas: 10,
    scaleMetric: "rps",
    scaleTarget: 200,
    containerConcurrency: 8,
    serviceAccountName: "models",
    nodeSelector: { pool: "inference" },
    model: expect.objectContaining({
      modelFormat: { name: "onnx" },
      protocolVersion: "v2",
      runtime: "kserve-tritonserver",
      storageUri: "pvc://models/flights/prod/Flight_delay/1",
      resources: {
        requests: { cpu: "2", memory: "4Gi", "nvidia.com/gpu": "1" },
        limits: { cpu: "2", memory: "4Gi", "nvidia.com/gpu": "1" },
      },
    }),
  });
  const repository = join(path, "Flight_delay", "1", "Flight_delay");
  expect((await readdir(repository)).toSorted()).toEqual(["1", "config.pbtxt"]);
  expect(await readFile(join(repository, "1", "model.onnx"))).toEqual(await readFile(packageOf("1").file));
  expect(await readFile(join(repository, "config.pbtxt"), "utf8")).toContain("version_policy: { specific: { versions: [1] } }");
  expect(server.address("Flight_delay")).toEqual({ url: "http://flight-delay.models.svc.cluster.local", protocol: "open-inference" });
});

test("a second version is a canary without requests; it gets its part, all of them, and gives them back", async () => {
  await deploy("1", "2");
  expect(await standing()).toEqual([
    ["1", true, 100],
    ["2", true, 0],
  ]);
  expect((await service()).spec.predictor.canaryTrafficPercent).toBe(0);
  await server.share("Flight_delay", { "1": 90, "2": 10 });
  expect((await service()).spec.predictor.canaryTrafficPercent).toBe(10);
  expect(await standing()).toEqual([
    ["1", true, 90],
    ["2", true, 10],
  ]);
  await server.share("Flight_delay", { "2": 100 });
  expect((await service()).spec.predictor.canaryTrafficPercent).toBeUndefined();
  expect((await standing()).map(([version, , percent]) => [version, percent])).toEqual([
    ["1", 0],
    ["2", 100],
  ]);
  await server.share("Flight_delay", { "1": 100 });
  expect((await standing()).map(([version, , percent]) => [version, percent])).toEqual([
    ["1", 100],
    ["2", 0],
  ]);
  const other = await connect();
  expect((await other.versions("Flight_delay")).map(({ percent }) => percent)).toEqual([100, 0]);
  await other.close();
});

test("a change of the division makes no new revision, and deploying again changes nothing", async () => {
  await deploy("1", "2");
  const before = (await service()).status?.components?.predictor?.latestCreatedRevision;
  await server.share("Flight_delay", { "1": 50, "2": 50 });
  await deploy("1", "2");
  const after = await service();
  expect(after.status?.components?.predictor?.latestCreatedRevision).toBe(before);
  expect(after.spec.predictor.canaryTrafficPercent).toBe(50);
});

test("a third version must wait for the end of the canary; after it the oldest is not ready any more", async () => {
  await deploy("1", "2");
  await server.share("Flight_delay", { "1": 50, "2": 50 });
  expect(await codeOf(server.deploy(packageOf("3")))).toBe("canary-open");
  await server.share("Flight_delay", { "2": 100 });
  await deploy("3");
  expect(await standing()).toEqual([
    ["1", false, 0],
    ["2", true, 100],
    ["3", true, 0],
  ]);
  expect(await codeOf(server.share("Flight_delay", { "1": 100 }))).toBe("version-not-ready");
  await deploy("1");
  expect(await standing()).toEqual([
    ["1", true, 0],
    ["2", true, 100],
    ["3", false, 0],
  ]);
});

test("a version with a part cannot be removed; a canary that is removed leaves the one that answers", async () => {
  await deploy("1", "2");
  expect(await codeOf(server.remove("Flight_delay", "1"))).toBe("version-in-use");
  await server.remove("Flight_delay", "2");
  expect(await standing()).toEqual([["1", true, 100]]);
  expect((await service()).spec.predictor.model?.storageUri).toBe("pvc://models/flights/prod/Flight_delay/1");
  expect((await readdir(join(path, "Flight_delay"))).toSorted()).toEqual(["1", "millwright.json"]);
  expect(await codeOf(server.remove("Flight_delay", "2"))).toBe("unknown-version");
  await deploy("2");
  await server.share("Flight_delay", { "2": 100 });
  await server.remove("Flight_delay", "1");
  expect((await standing()).map(([version, , percent]) => [version, percent])).toEqual([["2", 100]]);
});

test("a model that KServe cannot load is told with its reason, and the version before answers on", async () => {
  await deploy("1");
  broken = new Set(["2"]);
  await expect(server.deploy(packageOf("2"))).rejects.toMatchObject({
    problem: { code: "version-not-ready", what: expect.stringContaining("ModelLoadFailed: no such operator") },
  });
  expect(await standing()).toEqual([
    ["1", true, 100],
    ["2", false, 0],
  ]);
});

test("wrong divisions, files and names are refused, and nothing changes", async () => {
  await deploy("1", "2");
  const before = await service();
  expect(await codeOf(server.share("Flight_delay", { "1": 50, "2": 20 }))).toBe("wrong-share");
  expect(await codeOf(server.share("Flight_delay", { "1": 50, "9": 50 }))).toBe("unknown-version");
  expect(await codeOf(server.share("Flight_delay", { "1": 99.5, "2": 0.5 }))).toBe("no-such-share");
  expect(await codeOf(server.deploy({ ...packageOf("3"), version: "1" }))).toBe("version-differs");
  expect(await codeOf(server.deploy({ ...packageOf("3"), sha256: "0".repeat(64) }))).toBe("model-hash");
  expect(await codeOf(server.deploy({ ...packageOf("3"), endpoint: "9lives" }))).toBe("bad-name");
  // The same name to Kubernetes.
  expect(await codeOf(server.deploy({ ...packageOf("3"), endpoint: "flight-delay" }))).toBe("service-of-another");
  expect(await service()).toEqual(before);
});

test("what the custom resource does not allow the API server refuses, before a file is written", async () => {
  const strange = await connect({ resources: { cpu: "many" } });
  await expect(strange.deploy(packageOf("1"))).rejects.toMatchObject({
    problem: { code: "server-refused", what: expect.stringMatching(/resources\.(limits|requests)\.cpu|many/) },
  });
  expect(await readdir(path)).toEqual([]);
  await strange.close();
});

test("by Deployments alone all requests go to one version, which the autoscaler of pods scales by what they use", async () => {
  const raw = await connect({
    mode: "raw",
    scale: { min: 2, max: 8, metric: "cpu", target: 70 },
    address: "https://{endpoint}.{namespace}.example.com/",
  });
  await raw.deploy(packageOf("1"));
  const made = await service();
  expect(made.metadata.annotations).toMatchObject({
    "serving.kserve.io/deploymentMode": "RawDeployment",
    "serving.kserve.io/autoscalerClass": "hpa",
  });
  expect(made.spec.predictor).toMatchObject({ minReplicas: 2, maxReplicas: 8, scaleMetric: "cpu", scaleTarget: 70 });
  await raw.deploy(packageOf("2"));
  expect((await service()).spec).toEqual(made.spec);
  expect(await codeOf(raw.share("Flight_delay", { "1": 90, "2": 10 }))).toBe("no-such-share");
  await raw.share("Flight_delay", { "2": 100 });
  expect((await service()).spec.predictor.model?.storageUri).toBe("pvc://models/flights/prod/Flight_delay/2");
  expect((await raw.versions("Flight_delay")).map(({ version, percent }) => [version, percent])).toEqual([
    ["1", 0],
    ["2", 100],
  ]);
  expect(raw.address("Flight_delay").url).toBe("https://flight-delay.models.example.com");
  await raw.close();
});

test("settings that KServe's admission would refuse are refused by name", async () => {
  const said = (more: Options): Promise<string> =>
    connect(more).then(
      () => "",
      (error: Error) => error.message,
    );
  expect(await said({ mode: "raw", scale: { metric: "rps" } })).toMatch(/scale\.metric must be cpu or memory/);
  expect(await said({ mode: "raw", scale: { min: 0 } })).toMatch(/scale\.min must be a whole number from 1/);
  expect(await said({ scale: { metric: "cpu", target: 140 } })).toMatch(/scale\.target must be a percentage/);
  expect(await said({ scale: { min: 3, max: 2 } })).toMatch(/scale\.max must be a whole number from 3/);
  expect(await said({ mode: "modelmesh" })).toMatch(/mode must be one of serverless, raw/);
  expect(await said({ address: "flights" })).toMatch(/address must be/);
});
