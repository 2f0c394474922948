import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openKubernetes, type KubernetesClient } from "../../src/systems/kubernetes/client.ts";
import { etcdCommand } from "./kubernetes/etcd.ts";
import { kubernetesPrograms, versions } from "./kubernetes/install.ts";
import { startKubelet, type Kubelet } from "./kubernetes/kubelet.ts";
import { stages } from "./kubernetes/stages.ts";
import { freePort } from "./port.ts";
import { startServer, type ServerProcess } from "./process.ts";

export interface Kubernetes {
  /** `v1.34.4` */
  readonly version: string;
  /** `https://127.0.0.1:port` */
  readonly url: string;
  /** The certificate of the authority that it shows, in PEM. */
  readonly authority: string;
  /** Of somebody who may do everything. */
  readonly token: string;
  /** Of the user `millwright`, who may do nothing until a role is bound. */
  readonly userToken: string;
  /** A folder for the test's files. */
  readonly directory: string;
  /** As the one who may do everything. */
  readonly client: KubernetesClient;
  /** Waits until a condition holds. */
  until(what: string, condition: () => Promise<boolean>, seconds?: number): Promise<void>;
  /** Makes a namespace in which pods can be made. */
  namespace(name: string, labels?: Readonly<Record<string, string>>): Promise<void>;
  /** Makes a claim of the namespace, bound to a volume that is the test's folder. */
  claim(namespace: string, name: string): Promise<void>;
  /** Makes a node that kwok plays. */
  node(name: string, capacity: Readonly<Record<string, string>>, labels?: Readonly<Record<string, string>>): Promise<void>;
  /** Adds a node on which pods run: a stand-in of a kubelet, which runs them as processes of this machine. */
  kubelet(name: string, capacity: Readonly<Record<string, string>>): Promise<Kubelet>;
  /** Ends all of it and removes its folder. */
  stop(): Promise<void>;
}

export interface KubernetesParts {
  /** Scheduler, controllers of jobs and pods, and kwok, which plays nodes and pods; without them objects are only kept and validated. @default true */
  readonly controllers?: boolean;
}

const controllers = [
  "serviceaccount",
  "namespace",
  "job",
  "garbage-collector",
  "pod-garbage-collector",
  "node-lifecycle",
  "taint-eviction",
  "ttl-after-finished",
  "resourcequota",
  "persistentvolume-binder",
].map((name) => `${name}-controller`);

/**
 * A real control plane of Kubernetes: etcd, kube-apiserver with role-based access control, scheduler and controllers; its nodes and pods are played by kwok, which runs
 * nothing. It listens on 127.0.0.1 and ends with this process. KServe's custom resources are there, and not its controller.
 */
export async function startKubernetes(parts: KubernetesParts = {}): Promise<Kubernetes> {
  const programs = await kubernetesPrograms();
  const etcd = await etcdCommand();
  for (let attempt = 1; ; attempt++) {
    const folder = await mkdtemp(join(tmpdir(), "kubernetes-"));
    const servers: { readonly name: string; readonly server: ServerProcess }[] = [];
    const start = (name: string, command: string, args: readonly string[]): void => {
      servers.push({ name, server: startServer(command, args) });
    };
    const stop = async (): Promise<void> => {
      for (const { server } of servers.toReversed()) await server.stop();
      await rm(folder, { recursive: true, force: true });
    };
    try {
      return { ...(await startAll({ folder, start, etcd, ...programs, controllers: parts.controllers ?? true })), stop };
    } catch (error) {
      const said = servers.map(({ name, server }) => `${name}:\n${server.output().slice(-3000)}`).join("\n");
      await stop();
      // Somebody else may have taken a port in between.
      if (attempt === 3 || !/address already in use/.test(said)) throw new Error(`Kubernetes did not start:\n${said}`, { cause: error });
    }
  }
}

interface Start {
  readonly folder: string;
  readonly etcd: readonly [string, ...string[]];
  readonly bin: string;
  readonly resources: readonly string[];
  readonly controllers: boolean;
  start(name: string, command: string, args: readonly string[]): void;
}

async function startAll({ folder, start, etcd, bin, resources, ...parts }: Start): Promise<Omit<Kubernetes, "stop">> {
  const at = (name: string): string => join(folder, name);
  const [store = 0, peers = 0, port = 0, kubelet = 0] = await Promise.all(Array.from({ length: 4 }, freePort));
  const url = `https://127.0.0.1:${port}`;
  const [token, userToken] = [randomBytes(24).toString("hex"), randomBytes(24).toString("hex")];
  const keys = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  await mkdir(at("shared"));
  await writeFile(at("accounts.pub"), keys.publicKey);
  await writeFile(at("accounts.key"), keys.privateKey, { mode: 0o600 });
  await writeFile(at("tokens.csv"), `${token},administrator,1,system:masters\n${userToken},millwright,2\n`, { mode: 0o600 });
  const address = (number: number): string => `http://127.0.0.1:${number}`;
  const [program, ...loader] = etcd;
  start("etcd", program, [
    ...loader,
    // Its data is thrown away.
    "--unsafe-no-fsync",
    `--data-dir=${at("etcd")}`,
    `--listen-client-urls=${address(store)}`,
    `--advertise-client-urls=${address(store)}`,
    `--listen-peer-urls=${address(peers)}`,
    `--initial-advertise-peer-urls=${address(peers)}`,
    `--initial-cluster=default=${address(peers)}`,
  ]);
  start("kube-apiserver", join(bin, "kube-apiserver"), [
    `--etcd-servers=${address(store)}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    "--endpoint-reconciler-type=none",
    `--secure-port=${port}`,
    `--cert-dir=${at("certificates")}`,
    "--authorization-mode=RBAC",
    "--anonymous-auth=false",
    `--token-auth-file=${at("tokens.csv")}`,
    `--service-account-key-file=${at("accounts.pub")}`,
    `--service-account-signing-key-file=${at("accounts.key")}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    "--service-cluster-ip-range=10.96.0.0/16",
  ]);
  const authority = await certificate(at("certificates/apiserver.crt"));
  const client = openKubernetes({
    url,
    tls: { ca: authority },
    authorization: async () => `Bearer ${token}`,
    namespace: "default",
    origin: "a test",
  });
  const until = waitUntil;
  await until("the API server is ready", async () => (await client.get("/readyz", { text: "yes" })) !== null, 120);
  for (const file of resources)
    await client.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", await readFile(file, "utf8"), {}, "application/yaml");
  // A resource is served a moment after it is made.
  for (const kind of ["inferenceservices", "servingruntimes"])
    await until(`${kind} are served`, async () => {
      const version = kind === "inferenceservices" ? "v1beta1" : "v1alpha1";
      return (await client.get(`/apis/serving.kserve.io/${version}/namespaces/default/${kind}`)) !== null;
    });
  if (parts.controllers) {
    await writeFile(at("kubeconfig"), kubeconfig(url, authority, token), { mode: 0o600 });
    await writeFile(at("stages.yaml"), stages.map((stage) => `---\n${JSON.stringify(stage)}\n`).join(""));
    const common = [
      `--kubeconfig=${at("kubeconfig")}`,
      "--leader-elect=false",
      "--secure-port=0",
      "--kube-api-qps=200",
      "--kube-api-burst=400",
    ];
    start("kube-scheduler", join(bin, "kube-scheduler"), common);
    start("kube-controller-manager", join(bin, "kube-controller-manager"), [
      ...common,
      `--controllers=${controllers.join(",")}`,
      `--service-account-private-key-file=${at("accounts.key")}`,
    ]);
    start("kwok", join(bin, "kwok"), [
      `--kubeconfig=${at("kubeconfig")}`,
      `--config=${at("stages.yaml")}`,
      "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
      "--node-ip=127.0.0.1",
      `--node-port=${kubelet}`,
      `--server-address=127.0.0.1:${kubelet}`,
    ]);
  }
  return {
    version: `v${versions.kubernetes}`,
    url,
    authority,
    token,
    userToken,
    directory: at("shared"),
    client,
    until,
    kubelet: (name, capacity) => startKubelet(client, name, { folder, capacity }),
    async namespace(name, labels = {}) {
      await client.create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
      const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
      if (parts.controllers) await until(`the namespace ${name} has its account`, async () => (await client.get(account)) !== null);
    },
    async claim(namespace, name) {
      const common = { accessModes: ["ReadWriteMany"], storageClassName: "" };
      const path = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;
      await client.create("/api/v1/persistentvolumes", {
        apiVersion: "v1",
        kind: "PersistentVolume",
        metadata: { name: `${namespace}-${name}` },
        spec: { ...common, capacity: { storage: "1Gi" }, hostPath: { path: at("shared") }, claimRef: { namespace, name } },
      });
      await client.create(path, {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name },
        spec: { ...common, volumeName: `${namespace}-${name}`, resources: { requests: { storage: "1Gi" } } },
      });
      await until(`the claim ${name} is bound`, async () => {
        const claim = await client.get<{ status?: { phase?: string } }>(`${path}/${name}`);
        return claim?.status?.phase === "Bound";
      });
    },
    async node(name, capacity, labels = {}) {
      const all = { pods: "110", ...capacity };
      await client.create("/api/v1/nodes", {
        apiVersion: "v1",
        kind: "Node",
        metadata: { name, labels: { "kubernetes.io/hostname": name, ...labels }, annotations: { "kwok.x-k8s.io/node": "fake" } },
        status: { capacity: all, allocatable: all },
      });
      await until(`the node ${name} is ready`, async () => {
        const node = await client.get<{ status?: { conditions?: { type: string; status: string }[] } }>(`/api/v1/nodes/${name}`);
        return node?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
      });
    },
  };
}

async function waitUntil(what: string, condition: () => Promise<boolean>, seconds: number = 120): Promise<void> {
  let last: unknown = null;
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(50)) {
    const done = await condition().catch((error: unknown) => {
      last = error;
      return false;
    });
    if (done) return;
  }
  throw new Error(`not within ${seconds} s: ${what}`, { cause: last });
}

/** The server signs one for itself as it starts, and writes it in one go. */
async function certificate(file: string): Promise<string> {
  let text = "";
  await waitUntil("the API server has its certificate", async () => {
    text = await readFile(file, "utf8");
    return text.endsWith("-----END CERTIFICATE-----\n");
  });
  return text;
}

/** In JSON, which YAML includes. */
export function kubeconfig(url: string, authority: string, token: string, namespace: string = "default"): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server: url, "certificate-authority-data": Buffer.from(authority).toString("base64") } }],
    users: [{ name: "test", user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test", namespace } }],
    "current-context": "test",
  });
}
