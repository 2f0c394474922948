import { rm } from "node:fs/promises";
import { join } from "node:path";
import { writeAside } from "../../serve/remote/record.ts";
import { serverClient } from "../../serve/remote/request.ts";
import { routedServer } from "../../serve/remote/routed.ts";
import type { ModelServer } from "../roles.ts";
import { modelArchive } from "./handler.ts";

export interface TorchserveSettings {
  readonly url: string;
  readonly management: string;
  /** The folder of its model store. */
  readonly store: string;
  readonly workers: number;
  readonly maxBatch: number;
  readonly maxDelayMilliseconds: number;
  /** Tokens of the two interfaces; empty for none. */
  readonly inferenceToken: string;
  readonly managementToken: string;
  /** Milliseconds. */
  readonly patience: number;
}

const title = "TorchServe";

/** Each version is an archive in the model store, registered by the management interface under the endpoint's name. */
export function torchserveServer(settings: TorchserveSettings): ModelServer {
  const { url, store, workers, maxBatch, maxDelayMilliseconds, patience } = settings;
  const client = serverClient(title, settings.management, bearer(settings.managementToken));
  const archiveOf = (endpoint: string, version: string): string => `${endpoint}-${version}.mar`;
  const pathOf = (endpoint: string, version: string): string => `/models/${encodeURIComponent(endpoint)}/${version}`;
  const ready = async (endpoint: string, version: string): Promise<boolean> => {
    const { status, text } = await client.ask("GET", pathOf(endpoint, version));
    return status === 200 && isReady(text);
  };

  return routedServer({
    title,
    url,
    protocol: "torchserve",
    headers: bearer(settings.inferenceToken),
    patience,
    record: (endpoint) => join(store, `${endpoint}.millwright.json`),
    async occupied(endpoint) {
      const { status } = await client.ask("GET", `/models/${encodeURIComponent(endpoint)}`);
      return status === 200;
    },
    async load({ endpoint, version }, content) {
      const archive = archiveOf(endpoint, version);
      await writeAside(join(store, archive), modelArchive(endpoint, version, content));
      // Registered already: it lost its workers, or has not got them yet.
      const { status } = await client.ask("GET", pathOf(endpoint, version));
      if (status !== 200) {
        const query = new URLSearchParams({
          url: archive,
          model_name: endpoint,
          initial_workers: "0",
          batch_size: String(maxBatch),
          max_batch_delay: String(maxDelayMilliseconds),
        });
        await client.demand("POST", `/models?${query}`, `register ${endpoint}`, undefined, patience);
      }
      const scale = new URLSearchParams({ min_worker: String(workers), max_worker: String(workers), synchronous: "true" });
      await client.demand("PUT", `${pathOf(endpoint, version)}?${scale}`, `start version ${version} of ${endpoint}`, undefined, patience);
    },
    async unload(endpoint, version) {
      const { status } = await client.ask("GET", pathOf(endpoint, version));
      if (status === 200)
        await client.demand("DELETE", pathOf(endpoint, version), `unregister version ${version} of ${endpoint}`, undefined, patience);
      await rm(join(store, archiveOf(endpoint, version)), { force: true });
    },
    ready,
    async shared(endpoint, record) {
      // Who asks TorchServe itself and names no version gets the one that answers most; the default cannot be removed either.
      const [[most] = [""]] = Object.entries(record).toSorted(([, a], [, b]) => b.percent - a.percent);
      await client.demand("PUT", `${pathOf(endpoint, most)}/set-default`, `make version ${most} of ${endpoint} the default`);
    },
  });
}

function bearer(token: string): Readonly<Record<string, string>> {
  return token === "" ? {} : { authorization: `Bearer ${token}` };
}

/** Whether a description of a version names a worker that is ready. */
function isReady(text: string): boolean {
  const described: readonly { readonly workers?: readonly { readonly status?: string }[] }[] = JSON.parse(text);
  return described.some(({ workers = [] }) => workers.some(({ status }) => status === "READY"));
}
