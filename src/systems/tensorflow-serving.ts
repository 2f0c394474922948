import { resolve } from "node:path";
import type { BindingNode } from "../define/node.ts";
import type { SecretReference } from "../define/option.ts";
import { numberOr, optionError, textOption, textOr } from "../extract/options.ts";
import { addressOption, headersOption } from "../serve/remote/options.ts";
import { binding } from "./binding.ts";
import type { ConnectContext, ModelServer, Options, System } from "./roles.ts";

export interface TensorflowServingOptions {
  /** Of its REST interface: `http://serving:8501`. */
  readonly url: string | SecretReference;
  /** Of its gRPC interface, by which it is told what to serve: `serving:8500`. */
  readonly grpc: string | SecretReference;
  /** The folder of the models as this machine sees it, from the platform file's folder: a disk that both see. */
  readonly models: string;
  /** The same folder as the server sees it. @default as here */
  readonly basePath?: string;
  /** Where the SavedModel of a version lies, from the platform file's folder: `saved/{endpoint}/{version}`. */
  readonly savedModels: string;
  /** Sent with each request over HTTP, for a proxy that asks for them. */
  readonly headers?: Readonly<Record<string, string | SecretReference>>;
  /** Seconds that a version may take until it answers. @default 300 */
  readonly patience?: number;
}

/**
 * A TensorFlow Serving that serves nothing else: it takes SavedModels, which somebody has to export beside the registered ONNX files, and is told
 * which versions to serve; `millwright up` divides their requests and puts them into its words.
 *
 * @example
 * environment({
 *   server: tensorflowServing({ url: "http://serving:8501", grpc: "serving:8500", models: "/mnt/models", savedModels: "saved/{endpoint}/{version}" }),
 * })
 */
export function tensorflowServing(options: TensorflowServingOptions): BindingNode {
  return binding("tensorflow-serving", options);
}

export const system: System = {
  name: "tensorflow-serving",
  title: "TensorFlow Serving",
  peers: [{ package: "@grpc/grpc-js", range: "^1.13.0" }],
  roles: { server: connect },
};

async function connect(options: Options, { directory }: ConnectContext): Promise<ModelServer> {
  const system = "tensorflow-serving";
  const savedModels = textOption(system, options, "savedModels");
  if (!savedModels.includes("{version}"))
    throw optionError(system, "savedModels", "a folder with {version} in it, such as saved/{endpoint}/{version}");
  const models = resolve(directory, textOption(system, options, "models"));
  const { tensorflowServing: serving } = await import("./tensorflow-serving/server.ts");
  return serving({
    url: addressOption(system, options, "url"),
    grpc: textOption(system, options, "grpc"),
    models,
    basePath: textOr(system, options, "basePath", models),
    savedModels: resolve(directory, savedModels),
    headers: headersOption(system, options, "headers"),
    patience: numberOr(system, options, "patience", 300) * 1000,
  });
}
