import { resolve } from "node:path";
import type { BindingNode } from "../define/node.ts";
import type { SecretReference } from "../define/option.ts";
import { numberOr, optionError, textOption, textOr } from "../extract/options.ts";
import { addressOption, headersOption } from "../serve/remote/options.ts";
import { binding } from "./binding.ts";
import type { ConnectContext, ModelServer, Options, System } from "./roles.ts";

export interface TritonOptions {
  /** Of its HTTP interface, without user and password: `http://triton:8000`. */
  readonly url: string | SecretReference;
  /** The folder of its model repository as this machine sees it, from the platform file's folder: a disk that both see. */
  readonly repository: string;
  /** What runs the ONNX files: Triton's ONNX Runtime, or its Python backend with onnxruntime, where it has only that. @default "onnxruntime" */
  readonly backend?: "onnxruntime" | "python";
  /** Rows of a batch. @default 64 */
  readonly maxBatch?: number;
  /** How long a row waits for others. @default 0 */
  readonly maxDelayMicroseconds?: number;
  /** Copies of each version. @default 1 */
  readonly instances?: number;
  /** @default "cpu" */
  readonly device?: "cpu" | "gpu";
  /** Sent with each request, such as those of `--http-restricted-api`. */
  readonly headers?: Readonly<Record<string, string | SecretReference>>;
  /** Seconds that a version may take until it answers. @default 300 */
  readonly patience?: number;
}

/**
 * An NVIDIA Triton Inference Server, 2.30 or newer, started with `--model-control-mode=explicit`: endpoints are released into its model
 * repository, and `millwright up` divides their requests among its versions.
 *
 * @example
 * environment({ server: triton({ url: "http://triton:8000", repository: "/mnt/models" }) })
 */
export function triton(options: TritonOptions): BindingNode {
  return binding("triton", options);
}

export const system: System = {
  name: "triton",
  title: "Triton",
  peers: [],
  roles: { server: connect },
};

async function connect(options: Options, { directory }: ConnectContext): Promise<ModelServer> {
  const backend = textOr("triton", options, "backend", "onnxruntime");
  if (backend !== "onnxruntime" && backend !== "python") throw optionError("triton", "backend", "onnxruntime or python");
  const device = textOr("triton", options, "device", "cpu");
  if (device !== "cpu" && device !== "gpu") throw optionError("triton", "device", "cpu or gpu");
  const { tritonServer } = await import("./triton/server.ts");
  return tritonServer({
    url: addressOption("triton", options, "url"),
    repository: resolve(directory, textOption("triton", options, "repository")),
    backend,
    device,
    maxBatch: numberOr("triton", options, "maxBatch", 64),
    maxDelayMicroseconds: numberOr("triton", options, "maxDelayMicroseconds", 0),
    instances: numberOr("triton", options, "instances", 1),
    headers: headersOption("triton", options, "headers"),
    patience: numberOr("triton", options, "patience", 300) * 1000,
  });
}
