import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { MillwrightError } from "../../error.ts";
import { readSignature } from "../../serve/client/description.ts";
import { holdsOthers, placeFolder, recordName, writeAside, type ServerRecord } from "../../serve/remote/record.ts";
import { serverClient } from "../../serve/remote/request.ts";
import { routedServer } from "../../serve/remote/routed.ts";
import type { Signature } from "../../serve/signature.ts";
import type { ModelServer } from "../roles.ts";
import { tritonConfig, type TritonConfig } from "./config.ts";
import { tritonPython } from "./python.ts";

export interface TritonSettings extends Omit<TritonConfig, "name" | "versions" | "signature"> {
  readonly url: string;
  /** The model repository's folder. */
  readonly repository: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly patience: number;
}

const title = "Triton";

/** A Triton in explicit model control, whose model repository is a folder that it and this machine see. */
export function tritonServer(settings: TritonSettings): ModelServer {
  const { url, repository, headers, patience, backend } = settings;
  const client = serverClient(title, url, headers);
  const folderOf = (endpoint: string): string => join(repository, endpoint);
  const configure = async (name: string, versions: readonly string[], signature: Signature): Promise<void> =>
    writeAside(join(folderOf(name), "config.pbtxt"), tritonConfig({ ...settings, name, versions, signature }));
  const ready = async (endpoint: string, version: string): Promise<boolean> => {
    const { status } = await client.ask("GET", `/v2/models/${encodeURIComponent(endpoint)}/versions/${version}/ready`);
    return status === 200;
  };
  const load = (endpoint: string): Promise<string> =>
    client.demand("POST", `/v2/repository/models/${encodeURIComponent(endpoint)}/load`, `load ${endpoint}`, {}, patience);

  return routedServer({
    title,
    url,
    protocol: "open-inference",
    headers,
    patience,
    record: (endpoint) => join(folderOf(endpoint), recordName),
    occupied: (endpoint) => holdsOthers(folderOf(endpoint)),
    async check({ endpoint, version }, content, record) {
      const signature = await readSignature(content);
      const others = await servedSignature(endpoint, record, version);
      if (others !== null && !sameSignature(others, signature))
        throw new MillwrightError({
          code: "signature-differs",
          what: `version ${version} of ${endpoint} takes or gives other tensors than those that are served: Triton has one configuration for all versions of a model`,
          fix: "give the model another endpoint, and remove the old one when nobody asks it any more",
        });
    },
    async load({ endpoint, version }, content, record) {
      const files = backend === "python" ? { "model.onnx": content, "model.py": tritonPython } : { "model.onnx": content };
      await placeFolder(join(folderOf(endpoint), version), files);
      await configure(endpoint, Object.keys(record), await readSignature(content));
      await load(endpoint);
    },
    async unload(endpoint, version, record) {
      const versions = Object.keys(record);
      const signature = await servedSignature(endpoint, record, version);
      if (signature === null) {
        const path = `/v2/repository/models/${encodeURIComponent(endpoint)}/unload`;
        // What it did not load it cannot unload either.
        if (await ready(endpoint, version)) await client.demand("POST", path, `unload ${endpoint}`, {}, patience);
        await rm(folderOf(endpoint), { recursive: true, force: true });
        return;
      }
      await configure(endpoint, versions, signature);
      await load(endpoint);
      await rm(join(folderOf(endpoint), version), { recursive: true, force: true });
    },
    ready,
  });

  /** Of the versions beside this one; null where there are none. */
  async function servedSignature(endpoint: string, record: ServerRecord, version: string): Promise<Signature | null> {
    for (const other of Object.keys(record)) {
      const file = join(folderOf(endpoint), other, "model.onnx");
      // One that a killed process was about to bring is not there yet.
      if (other !== version && existsSync(file)) return readSignature(await readFile(file));
    }
    return null;
  }
}

function sameSignature(one: Signature, other: Signature): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
