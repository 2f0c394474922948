import { resolve } from "node:path";
import type { BindingNode } from "../define/node.ts";
import type { SecretReference } from "../define/option.ts";
import { numberOr, textOption, textOr } from "../extract/options.ts";
import { addressOption } from "../serve/remote/options.ts";
import { binding } from "./binding.ts";
import type { ConnectContext, ModelServer, Options, System } from "./roles.ts";

export interface TorchserveOptions {
  /** Of its inference interface: `http://torchserve:8080`. */
  readonly url: string | SecretReference;
  /** Of its management interface: `http://torchserve:8081`. */
  readonly management: string | SecretReference;
  /** The folder of its `model_store` as this machine sees it, from the platform file's folder: a disk that both see. */
  readonly store: string;
  /** Processes for each version. @default 1 */
  readonly workers?: number;
  /** Requests that a process is given together. @default 1 */
  readonly maxBatch?: number;
  /** How long a request waits for others. @default 100 */
  readonly maxDelayMilliseconds?: number;
  /** Of `key_file.json`, where the server asks for tokens. @default none */
  readonly inferenceToken?: SecretReference;
  readonly managementToken?: SecretReference;
  /** Seconds that a version may take until it answers. @default 300 */
  readonly patience?: number;
}

/**
 * A TorchServe, 0.8 or newer, started with `--enable-model-api`, with the packages numpy and onnxruntime beside it: endpoints are released into
 * its model store as archives with a handler of ours, and `millwright up` divides their requests among its versions.
 *
 * @example
 * environment({ server: torchserve({ url: "http://torchserve:8080", management: "http://torchserve:8081", store: "/mnt/model-store" }) })
 */
export function torchserve(options: TorchserveOptions): BindingNode {
  return binding("torchserve", options);
}

export const system: System = {
  name: "torchserve",
  title: "TorchServe",
  peers: [],
  roles: { server: connect },
};

async function connect(options: Options, { directory }: ConnectContext): Promise<ModelServer> {
  const { torchserveServer } = await import("./torchserve/server.ts");
  return torchserveServer({
    url: addressOption("torchserve", options, "url"),
    management: addressOption("torchserve", options, "management"),
    store: resolve(directory, textOption("torchserve", options, "store")),
    workers: numberOr("torchserve", options, "workers", 1),
    maxBatch: numberOr("torchserve", options, "maxBatch", 1),
    maxDelayMilliseconds: numberOr("torchserve", options, "maxDelayMilliseconds", 100),
    inferenceToken: textOr("torchserve", options, "inferenceToken", ""),
    managementToken: textOr("torchserve", options, "managementToken", ""),
    patience: numberOr("torchserve", options, "patience", 300) * 1000,
  });
}
