import { resolve } from "node:path";
import type { BindingNode } from "../define/node.ts";
import type { SecretReference } from "../define/option.ts";
import { numberOr, textOption } from "../extract/options.ts";
import { addressOption, headersOption } from "../serve/remote/options.ts";
import { binding } from "./binding.ts";
import type { ConnectContext, ModelServer, Options, System } from "./roles.ts";

export interface MlserverOptions {
  /** Of its HTTP interface, without user and password: `http://mlserver:8080`. */
  readonly url: string | SecretReference;
  /** The folder that it was started with, under the same path there as here; from the platform file's folder. */
  readonly repository: string;
  /** Sent with each request, for a proxy that asks for them. */
  readonly headers?: Readonly<Record<string, string | SecretReference>>;
  /** Seconds that a version may take until it answers. @default 300 */
  readonly patience?: number;
}

/**
 * An MLServer, 1.3 or newer, with the packages numpy and onnxruntime beside it: endpoints are released into its folder of models with a runtime
 * of ours, and `millwright up` divides their requests among its versions.
 *
 * @example
 * environment({ server: mlserver({ url: "http://mlserver:8080", repository: "/mnt/models" }) })
 */
export function mlserver(options: MlserverOptions): BindingNode {
  return binding("mlserver", options);
}

export const system: System = {
  name: "mlserver",
  title: "MLServer",
  peers: [],
  roles: { server: connect },
};

async function connect(options: Options, { directory }: ConnectContext): Promise<ModelServer> {
  const { mlserverServer } = await import("./mlserver/server.ts");
  return mlserverServer({
    url: addressOption("mlserver", options, "url"),
    repository: resolve(directory, textOption("mlserver", options, "repository")),
    headers: headersOption("mlserver", options, "headers"),
    patience: numberOr("mlserver", options, "patience", 300) * 1000,
  });
}
