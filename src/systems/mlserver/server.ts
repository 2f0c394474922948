import { rm } from "node:fs/promises";
import { join } from "node:path";
import { holdsOthers, placeFolder, recordName, writeAside } from "../../serve/remote/record.ts";
import { serverClient } from "../../serve/remote/request.ts";
import { routedServer } from "../../serve/remote/routed.ts";
import type { ModelServer } from "../roles.ts";
import { mlserverImplementation, mlserverPython } from "./python.ts";

export interface MlserverSettings {
  readonly url: string;
  /** The folder that MLServer was started with. */
  readonly repository: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly patience: number;
}

const title = "MLServer";

/** Each version is a folder with its own settings; loading an endpoint loads all versions that have some, and ends those that have none. */
export function mlserverServer(settings: MlserverSettings): ModelServer {
  const { url, repository, headers, patience } = settings;
  const client = serverClient(title, url, headers);
  const folderOf = (endpoint: string, version: string): string => join(repository, endpoint, version);
  const control = (endpoint: string, what: "load" | "unload"): Promise<string> =>
    client.demand("POST", `/v2/repository/models/${encodeURIComponent(endpoint)}/${what}`, `${what} ${endpoint}`, undefined, patience);
  const ready = async (endpoint: string, version: string): Promise<boolean> => {
    const { status } = await client.ask("GET", `/v2/models/${encodeURIComponent(endpoint)}/versions/${version}/ready`);
    return status === 200;
  };

  return routedServer({
    title,
    url,
    protocol: "open-inference",
    headers,
    patience,
    record: (endpoint) => join(repository, endpoint, recordName),
    occupied: (endpoint) => holdsOthers(join(repository, endpoint)),
    async load({ endpoint, version }, content) {
      const folder = folderOf(endpoint, version);
      await placeFolder(folder, { "model.onnx": content, "millwright_onnx.py": mlserverPython });
      // Last: a folder with settings is a model.
      await writeAside(join(folder, "model-settings.json"), `${JSON.stringify(modelSettings(endpoint, version, folder), null, 2)}\n`);
      await control(endpoint, "load");
    },
    async unload(endpoint, version, record) {
      await rm(folderOf(endpoint, version), { recursive: true, force: true });
      if (Object.keys(record).length > 0) await control(endpoint, "load");
      else if (await ready(endpoint, version)) await control(endpoint, "unload");
    },
    ready,
  });
}

function modelSettings(name: string, version: string, folder: string): object {
  return {
    name,
    implementation: mlserverImplementation,
    parameters: { uri: join(folder, "model.onnx"), version },
  };
}
