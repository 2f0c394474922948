import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { MillwrightError } from "../../error.ts";
import { readSignature } from "../../serve/client/description.ts";
import { sharesOf } from "../../serve/endpoint.ts";
import { checkNames, readPackage } from "../../serve/remote/package.ts";
import { placeFolder, readRecord, writeAside, writeRecord } from "../../serve/remote/record.ts";
import { KubernetesRefused, type KubernetesClient } from "../kubernetes/client.ts";
import type { ModelPackage, ModelServer, ServedVersion } from "../roles.ts";
import { tritonConfig } from "../triton/config.ts";
import {
  annotations,
  newestPercent,
  newestState,
  newestVersion,
  revisionOf,
  serviceManifest,
  serviceName,
  versionOf,
  type InferenceService,
  type ServiceSettings,
} from "./manifest.ts";

export interface KserveSettings extends ServiceSettings {
  /** The disk of the models: the claim that KServe mounts, a folder of it, and where this machine sees that folder. */
  readonly storage: { readonly claim: string; readonly prefix: string; readonly path: string };
  /** Where clients ask: `{endpoint}` and `{namespace}` stand for the names. Null: within the cluster. */
  readonly address: string | null;
  readonly maxBatch: number;
  readonly maxDelayMicroseconds: number;
  /** Milliseconds that a version may take until it answers. */
  readonly patience: number;
  /** Milliseconds between two looks. */
  readonly poll: number;
}

/** Endpoints as InferenceServices of a namespace, one each. Their files, and what is known of them, lie on a disk that both see. */
export function kserveServer(client: KubernetesClient, settings: KserveSettings): ModelServer {
  const { storage, mode, patience, poll } = settings;
  const api = `/apis/serving.kserve.io/v1beta1/namespaces/${client.namespace}/inferenceservices`;
  const folderOf = (endpoint: string): string => join(storage.path, endpoint);
  const recordOf = (endpoint: string): string => join(folderOf(endpoint), "millwright.json");
  const uriOf = (endpoint: string, version: string): string =>
    ["pvc:/", storage.claim, ...(storage.prefix === "" ? [] : [storage.prefix]), endpoint, version].join("/");

  async function serviceOf(endpoint: string): Promise<InferenceService | null> {
    const service = await client.get<InferenceService>(`${api}/${serviceName(endpoint)}`);
    const other = service?.metadata.annotations?.[annotations.endpoint];
    if (service === null || other === endpoint) return service;
    throw new MillwrightError({
      code: "service-of-another",
      what: `the InferenceService ${serviceName(endpoint)} of the namespace ${client.namespace} is ${other === undefined ? "not of Millwright" : `of the endpoint '${other}'`}`,
      fix: "bind another namespace, or name the endpoint otherwise",
    });
  }

  async function versions(endpoint: string): Promise<readonly ServedVersion[]> {
    const [record, service] = [await readRecord(recordOf(endpoint)), await serviceOf(endpoint)];
    const newest = service === null ? null : newestVersion(service);
    const base = service?.metadata.annotations?.[annotations.base] ?? null;
    const percent = service === null ? 0 : mode === "raw" ? 100 : newestPercent(service);
    return Object.keys(record).map((version) => {
      if (service !== null && version === newest) return { version, ready: newestState(service).ready, percent };
      // By Deployments alone a version begins when it gets the requests.
      if (mode === "raw") return { version, ready: true, percent: 0 };
      return { version, ready: version === base, percent: version === base ? 100 - percent : 0 };
    });
  }

  /** Changes an InferenceService. @throws MillwrightError `server-refused` with the API server's words */
  async function change(endpoint: string, body: object, more: Readonly<Record<string, string>> = {}): Promise<void> {
    await refusing(endpoint, client.merge(`${api}/${serviceName(endpoint)}`, body, { fieldValidation: "Strict", ...more }));
  }

  async function refusing<Result>(endpoint: string, work: Promise<Result>): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof KubernetesRefused) || ![400, 404, 422].includes(error.status)) throw error;
      if (error.status === 404)
        throw new MillwrightError(
          {
            code: "no-kserve",
            what: `the cluster has no InferenceServices of v1beta1 for ${endpoint}`,
            fix: "install KServe 0.15 or newer, and make the namespace",
          },
          { cause: error },
        );
      throw new MillwrightError(
        {
          code: "server-refused",
          what: `the cluster refuses the InferenceService of ${endpoint}: ${error.said}`,
          fix: "see the options of kserve({ ... })",
        },
        { cause: error },
      );
    }
  }

  async function waitFor(endpoint: string, version: string, what: string, holds: (service: InferenceService) => boolean): Promise<void> {
    for (const end = Date.now() + patience; ; await sleep(poll)) {
      const service = await serviceOf(endpoint);
      if (service !== null && newestVersion(service) === version && holds(service)) return;
      const failure = service === null ? null : newestState(service).failure;
      if (failure === null && Date.now() < end) continue;
      const waiting = service?.status?.conditions?.find(({ status, message }) => status !== "True" && message !== undefined)?.message;
      throw new MillwrightError({
        code: "version-not-ready",
        what: `version ${version} of ${endpoint} ${failure === null ? `${what} not within ${patience / 1000} s${waiting === undefined ? "" : `: ${waiting}`}` : `did not load: ${failure}`}`,
        fix: `see kubectl describe inferenceservice ${serviceName(endpoint)} --namespace ${client.namespace}`,
      });
    }
  }

  async function place({ endpoint, version }: ModelPackage, content: Buffer): Promise<void> {
    const signature = await readSignature(content);
    const folder = join(folderOf(endpoint), version);
    // As Triton's repositories are: the runtime of KServe that takes ONNX is Triton.
    await placeFolder(join(folder, endpoint, version), { "model.onnx": content });
    const { maxBatch, maxDelayMicroseconds } = settings;
    const config = { name: endpoint, backend: "onnxruntime", versions: [version], signature, maxBatch, maxDelayMicroseconds } as const;
    const device = Object.keys(settings.resources).some((name) => name.endsWith("/gpu")) ? "gpu" : "cpu";
    await writeAside(join(folder, endpoint, "config.pbtxt"), tritonConfig({ ...config, instances: 1, device }));
  }

  /** Makes a version that lies there the newest, with all requests. */
  async function begin(endpoint: string, version: string, service: InferenceService): Promise<void> {
    const uri = uriOf(endpoint, version);
    await change(endpoint, versionOf(settings, { endpoint, uri, base: null, before: revisionOf(service), percent: null }));
  }

  async function deploy(model: ModelPackage): Promise<void> {
    const { endpoint, version, sha256 } = model;
    checkNames(model);
    const content = await readPackage(model);
    const [record, service] = [await readRecord(recordOf(endpoint)), await serviceOf(endpoint)];
    const there = record[version];
    if (there !== undefined && there.sha256 !== sha256)
      throw new MillwrightError({
        code: "version-differs",
        what: `KServe has another file as version ${version} of ${endpoint}, with the SHA-256 ${there.sha256}`,
        fix: "give this environment a namespace and a folder of its own: versions are numbered in each environment for itself",
      });
    const now = await versions(endpoint);
    if (there !== undefined && now.some((each) => each.version === version && each.ready)) return;
    const base = now.find(({ percent }) => percent === 100)?.version ?? null;
    if (service !== null && base === null)
      throw new MillwrightError({
        code: "canary-open",
        what: `${now.flatMap((each) => (each.percent > 0 ? `version ${each.version} of ${endpoint} answers ${each.percent}` : [])).join(" and ")} percent of the requests, and KServe divides them among two versions at most`,
        fix: "give one of them all requests first",
      });
    const before = revisionOf(service);
    const first = service === null || newestVersion(service) === version;
    const body = versionOf(settings, {
      endpoint,
      uri: uriOf(endpoint, version),
      base: first ? null : base,
      before,
      percent: first || mode === "raw" ? null : 0,
    });
    const manifest = serviceManifest(serviceName(endpoint), body);
    if (service === null) await refusing(endpoint, client.create(api, manifest, { dryRun: "All", fieldValidation: "Strict" }));
    else await change(endpoint, body, { dryRun: "All" });
    await place(model, content);
    await writeRecord(recordOf(endpoint), { ...record, [version]: { sha256, percent: there?.percent ?? 0 } });
    if (service === null) await refusing(endpoint, client.create(api, manifest, { fieldValidation: "Strict" }));
    else if (mode === "serverless" || first) await change(endpoint, body);
    else return;
    await waitFor(endpoint, version, "answered", (found) => newestState(found).ready);
  }

  async function share(endpoint: string, percentages: Readonly<Record<string, number>>): Promise<void> {
    const wanted = Object.entries(percentages);
    sharesOf(
      endpoint,
      wanted.map(([, percent]) => percent),
    );
    const [now, service] = [await versions(endpoint), await serviceOf(endpoint)];
    for (const [version, percent] of wanted) {
      const there = now.find((each) => each.version === version);
      if (there === undefined || service === null)
        throw new MillwrightError({
          code: "unknown-version",
          what: `KServe has no version ${version} of ${endpoint}`,
          fix: "deploy it first",
        });
      if (percent > 0 && !there.ready)
        throw new MillwrightError({
          code: "version-not-ready",
          what: `version ${version} of ${endpoint} is not ready`,
          fix: "deploy it again",
        });
      if (!Number.isInteger(percent) || (mode === "raw" && percent !== 0 && percent !== 100))
        throw new MillwrightError({
          code: "no-such-share",
          what: `version ${version} of ${endpoint} cannot have ${percent} percent of the requests: KServe divides them by ${mode === "raw" ? "Knative alone, and this binding is without it" : "whole per cent"}`,
          fix: mode === "raw" ? 'give all to one version, or bind kserve({ mode: "serverless" })' : "give whole numbers",
        });
    }
    if (service === null) return;
    const newest = newestVersion(service);
    if (mode === "raw") {
      const [chosen = newest] = wanted.find(([, percent]) => percent === 100) ?? [];
      if (chosen === newest) return;
      await begin(endpoint, chosen, service);
      return waitFor(endpoint, chosen, "answered", (found) => newestState(found).ready);
    }
    const percent = percentages[newest] ?? 0;
    // All to the newest is the end of a canary, which KServe knows by the field's absence.
    await change(endpoint, { spec: { predictor: { canaryTrafficPercent: percent === 100 ? null : percent } } });
    await waitFor(endpoint, newest, `got its ${percent} percent of the requests`, (found) => newestPercent(found) === percent);
  }

  async function remove(endpoint: string, version: string): Promise<void> {
    const { [version]: gone, ...others } = await readRecord(recordOf(endpoint));
    const [now, service] = [await versions(endpoint), await serviceOf(endpoint)];
    if (gone === undefined)
      throw new MillwrightError({
        code: "unknown-version",
        what: `KServe has no version ${version} of ${endpoint}`,
        fix: "see which it has",
      });
    const { percent = 0 } = now.find((each) => each.version === version) ?? {};
    if (percent > 0)
      throw new MillwrightError({
        code: "version-in-use",
        what: `version ${version} of ${endpoint} answers ${percent} percent of the requests`,
        fix: "give its part to others first",
      });
    const base = service?.metadata.annotations?.[annotations.base] ?? null;
    if (service !== null && newestVersion(service) === version && base !== null) {
      // The one that answers becomes the newest again.
      await begin(endpoint, base, service);
      await waitFor(endpoint, base, "answered", (found) => newestState(found).ready && newestPercent(found) === 100);
    }
    await writeRecord(recordOf(endpoint), others);
    await rm(join(folderOf(endpoint), version), { recursive: true, force: true });
  }

  return {
    address(endpoint) {
      const [name, { namespace }] = [serviceName(endpoint), client];
      const within = `http://${name}${mode === "raw" ? "-predictor" : ""}.${namespace}.svc.cluster.local`;
      const url = settings.address?.replaceAll("{endpoint}", name).replaceAll("{namespace}", namespace) ?? within;
      return { url, protocol: "open-inference" };
    },
    deploy,
    share,
    versions,
    remove,
    close: async () => client.close(),
  };
}
