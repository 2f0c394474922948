import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, readdir, rename, rm } from "node:fs/promises";
import { join, posix } from "node:path";
import { MillwrightError } from "../../error.ts";
import { holdsOthers, readRecord, recordName, type ServerRecord } from "../../serve/remote/record.ts";
import { serverClient } from "../../serve/remote/request.ts";
import { routedServer } from "../../serve/remote/routed.ts";
import type { ModelServer } from "../roles.ts";
import type { ServedConfig } from "./messages.ts";
import { reloadConfig } from "./reload.ts";

export interface TensorflowServingSettings {
  readonly url: string;
  /** `host:port` of gRPC. */
  readonly grpc: string;
  /** The folder with a folder for each endpoint, here and as the server sees it. */
  readonly models: string;
  readonly basePath: string;
  /** Where the SavedModel of a version lies: `{endpoint}` and `{version}` stand for theirs. */
  readonly savedModels: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly patience: number;
}

const title = "TensorFlow Serving";

/** Each version is a SavedModel in a folder of its number; which are served the server is told as one list. */
export function tensorflowServing(settings: TensorflowServingSettings): ModelServer {
  const { url, grpc, models, basePath, savedModels, headers, patience } = settings;
  const client = serverClient(title, url, headers);
  const recordOf = (endpoint: string): string => join(models, endpoint, recordName);

  const sourceOf = (endpoint: string, version: string): string =>
    savedModels.replaceAll("{endpoint}", endpoint).replaceAll("{version}", version);

  /** All endpoints of this folder, one of them as given: what is not in the list is unloaded. */
  async function tell(endpoint: string, record: ServerRecord): Promise<void> {
    const entries = existsSync(models) ? await readdir(models, { withFileTypes: true }) : [];
    const names = new Set([...entries.filter((entry) => entry.isDirectory()).map(({ name }) => name), endpoint]);
    const list: ServedConfig[] = [];
    for (const name of names) {
      const known = Object.keys(name === endpoint ? record : await readRecord(recordOf(name)));
      // One that a killed process was about to bring is not there yet, and would make the server refuse the whole list.
      const versions = known.filter((version) => existsSync(join(models, name, version)));
      if (versions.length > 0) list.push({ name, basePath: posix.join(basePath, name), versions });
    }
    await reloadConfig(grpc, list, patience);
  }

  return routedServer({
    title,
    url,
    protocol: "tensorflow-serving",
    headers,
    patience,
    record: recordOf,
    occupied: (endpoint) => holdsOthers(join(models, endpoint)),
    async check({ endpoint, version }) {
      const source = sourceOf(endpoint, version);
      if (!existsSync(join(source, "saved_model.pb")))
        throw new MillwrightError({
          code: "no-saved-model",
          what: `version ${version} of ${endpoint} has no SavedModel: TensorFlow Serving takes no ONNX`,
          where: source,
          fix: "export one there, or bind a server that takes ONNX",
        });
    },
    async load({ endpoint, version }, _content, record) {
      await placeCopy(sourceOf(endpoint, version), join(models, endpoint, version));
      await tell(endpoint, record);
    },
    async unload(endpoint, version, record) {
      await tell(endpoint, record);
      await rm(join(models, endpoint, version), { recursive: true, force: true });
    },
    async ready(endpoint, version) {
      const { status, text } = await client.ask("GET", `/v1/models/${encodeURIComponent(endpoint)}/versions/${version}`);
      return status === 200 && isAvailable(text);
    },
  });
}

/** Whole or not there: the server may look at any moment. */
async function placeCopy(source: string, target: string): Promise<void> {
  const aside = `${target}.${randomUUID()}.partial`;
  try {
    await cp(source, aside, { recursive: true });
    await rm(target, { recursive: true, force: true });
    await rename(aside, target);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    throw error;
  }
}

function isAvailable(text: string): boolean {
  const { model_version_status: versions = [] }: { readonly model_version_status?: readonly { readonly state?: string }[] } =
    JSON.parse(text);
  return versions.some(({ state }) => state === "AVAILABLE");
}
