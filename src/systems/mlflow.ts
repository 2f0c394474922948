import type { BindingNode } from "../define/node.ts";
import type { SecretReference } from "../define/option.ts";
import { numberOr, optionError, textOption, textOr } from "../extract/options.ts";
import { binding } from "./binding.ts";
import { openClient } from "./mlflow/client.ts";
import { fetchModel, publishModel, resolveVersion } from "./mlflow/models.ts";
import { recordRun } from "./mlflow/runs.ts";
import type { Options, System, Tracker } from "./roles.ts";

export interface MlflowOptions {
  /** The server's address, without user and password: `https://mlflow.example.com`. */
  readonly url: string | SecretReference;
  /** A bearer token, by `env("NAME")`. */
  readonly token?: SecretReference;
  /** With `password`, for a server that asks for them (`--app-name basic-auth`). */
  readonly username?: string | SecretReference;
  readonly password?: SecretReference;
  /** What the names of experiments begin with: `team/`. @default "" */
  readonly experimentPrefix?: string;
  /** What the names of models begin with, where several platforms share a registry. @default "" */
  readonly modelPrefix?: string;
  /** Requests in all for one that failed in a way that passes. @default 5 */
  readonly attempts?: number;
}

/**
 * An MLflow tracking server, 2.20 or newer: trainings and trials appear as its runs, registered versions in its model registry, and
 * models of its registry are served here (`importedModel`). It must pass artifacts on (`--artifacts-destination`, its default).
 *
 * @example
 * environment({ tracker: mlflow({ url: "http://127.0.0.1:5000", token: env("MLFLOW_TRACKING_TOKEN") }) })
 */
export function mlflow(options: MlflowOptions): BindingNode {
  return binding("mlflow", options);
}

export const system: System = {
  name: "mlflow",
  title: "MLflow",
  peers: [],
  roles: { tracker: connect },
};

async function connect(options: Options): Promise<Tracker> {
  const url = textOption("mlflow", options, "url");
  // The address is not repeated, because it may hold a password.
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol) || new URL(url).username !== "" || new URL(url).password !== "")
    throw optionError("mlflow", "url", "an address such as http://127.0.0.1:5000, without user and password");
  const experimentPrefix = textOr("mlflow", options, "experimentPrefix", "");
  const modelPrefix = textOr("mlflow", options, "modelPrefix", "");
  const client = openClient({ url, authorization: authorizationOf(options), attempts: numberOr("mlflow", options, "attempts", 5) });
  return {
    record: (run) => recordRun(client, `${experimentPrefix}${run.experiment}`, run),
    publish: (model) =>
      publishModel(client, { model: `${modelPrefix}${model.model}`, experiment: `${experimentPrefix}${model.model}` }, model),
    resolve: (model, reference) => resolveVersion(client, model, reference),
    fetch: (model, reference, directory) => fetchModel(client, model, reference, directory),
    async close() {},
  };
}

function authorizationOf(options: Options): string | null {
  const [token, username, password] = ["token", "username", "password"].map((name) => textOr("mlflow", options, name, ""));
  if (token !== "" && username !== "") throw optionError("mlflow", "token", "given without username and password, or not at all");
  if ((username === "") !== (password === "")) throw optionError("mlflow", "password", "given together with username");
  if (token !== "") return `Bearer ${token}`;
  return username === "" ? null : `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
