import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { promisify } from "node:util";
import type { SecretReference } from "../../define/option.ts";
import { MillwrightError } from "../../error.ts";
import { optionError, textOption, textOr } from "../../extract/options.ts";
import type { ConnectContext, Options } from "../roles.ts";
import type { Connection } from "./client.ts";
import { execToken, tokenOfFile } from "./credential.ts";

const execute = promisify(execFile);

/** How a cluster is reached: by `url` and `token`, by a kubeconfig, or, in a pod, by the account of the pod. */
export interface ClusterOptions {
  /** The API server's address: `https://10.0.0.1:6443`. Without it the kubeconfig says it. */
  readonly url?: string | SecretReference;
  /** A bearer token, by `env("NAME")`; with `url`. */
  readonly token?: SecretReference;
  /** The certificate of the authority that signed the API server's: PEM, or the path of a file; with `url`. @default those that the machine trusts */
  readonly certificateAuthority?: string | SecretReference;
  /** The path of a kubeconfig, read through `kubectl config view`. @default in a pod its account, else what kubectl uses */
  readonly kubeconfig?: string | SecretReference;
  /** A context of the kubeconfig. @default its current one */
  readonly context?: string;
  /** @default the one of the context or the pod, else "default" */
  readonly namespace?: string;
}

/** The part of a kubeconfig that is read, as `kubectl config view --raw --flatten --minify` gives it. */
interface Kubeconfig {
  readonly clusters?: readonly {
    readonly cluster: {
      readonly server?: string;
      readonly "certificate-authority-data"?: string;
      readonly "insecure-skip-tls-verify"?: boolean;
      readonly "tls-server-name"?: string;
    };
  }[];
  readonly users?: readonly {
    readonly user: {
      readonly token?: string;
      readonly tokenFile?: string;
      readonly "client-certificate-data"?: string;
      readonly "client-key-data"?: string;
      readonly exec?: Parameters<typeof execToken>[0];
    };
  }[];
  readonly contexts?: readonly { readonly context: { readonly namespace?: string } }[];
}

const account = "/var/run/secrets/kubernetes.io/serviceaccount";

/** How the options of a system say that a cluster is reached. @throws MillwrightError `bad-option`, `no-kubectl`, `bad-kubeconfig` */
export async function connectionOf(system: string, options: Options, { directory }: ConnectContext): Promise<Connection> {
  const own = textOr(system, options, "namespace", "");
  if (own !== "" && !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(own))
    throw optionError(system, "namespace", "a name of lower-case letters, digits and '-'");
  if (options["url"] !== undefined) {
    for (const name of ["kubeconfig", "context"])
      if (options[name] !== undefined) throw optionError(system, name, "given without url, or not at all");
    return byAddress(system, options, own || "default", directory);
  }
  for (const name of ["token", "certificateAuthority"])
    if (options[name] !== undefined) throw optionError(system, name, "given together with url");
  const host = process.env["KUBERNETES_SERVICE_HOST"];
  if (options["kubeconfig"] === undefined && options["context"] === undefined && host !== undefined) return byPod(host, own);
  const file = textOr(system, options, "kubeconfig", "");
  return byKubeconfig(system, file === "" || isAbsolute(file) ? file : join(directory, file), textOr(system, options, "context", ""), own);
}

async function byAddress(system: string, options: Options, namespace: string, directory: string): Promise<Connection> {
  const url = textOption(system, options, "url").replace(/\/+$/, "");
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const local = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(parsed?.hostname ?? "");
  if (parsed === null || parsed.username !== "" || !(parsed.protocol === "https:" || (parsed.protocol === "http:" && local)))
    throw optionError(system, "url", "an https address without a user in it, or an http one of this machine (kubectl proxy)");
  const token = textOr(system, options, "token", "");
  const authority = textOr(system, options, "certificateAuthority", "");
  const ca = authority === "" || authority.includes("-----BEGIN") ? authority : await pemFile(system, authority, directory);
  return {
    url,
    tls: ca === "" ? {} : { ca },
    authorization: async () => (token === "" ? null : `Bearer ${token}`),
    namespace,
    origin: `the cluster of ${system}({ url })`,
  };
}

async function pemFile(system: string, path: string, directory: string): Promise<string> {
  return readFile(isAbsolute(path) ? path : join(directory, path), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    throw optionError(system, "certificateAuthority", `PEM, or the path of a file that is there (${path} is not)`);
  });
}

async function byPod(host: string, namespace: string): Promise<Connection> {
  const token = tokenOfFile(join(account, "token"));
  return {
    url: `https://${host.includes(":") ? `[${host}]` : host}:${process.env["KUBERNETES_SERVICE_PORT"] ?? "443"}`,
    tls: { ca: await readFile(join(account, "ca.crt"), "utf8") },
    authorization: async () => `Bearer ${await token()}`,
    namespace: namespace || (await readFile(join(account, "namespace"), "utf8")).trim() || "default",
    origin: "the cluster of this pod",
  };
}

async function byKubeconfig(system: string, file: string, context: string, namespace: string): Promise<Connection> {
  const read = await kubeconfigOf(file, context);
  const [cluster, user] = [read.clusters?.[0]?.cluster, read.users?.[0]?.user];
  const text = (data: string | undefined): string | undefined => (data === undefined ? undefined : Buffer.from(data, "base64").toString());
  const [ca, cert, key] = [cluster?.["certificate-authority-data"], user?.["client-certificate-data"], user?.["client-key-data"]].map(text);
  const servername = cluster?.["tls-server-name"];
  const held = user?.token;
  const renewed = user?.exec !== undefined ? execToken(user.exec) : user?.tokenFile !== undefined ? tokenOfFile(user.tokenFile) : null;
  if (cluster?.server === undefined)
    throw new MillwrightError({
      code: "bad-kubeconfig",
      what: `${file === "" ? "the kubeconfig" : file} names no cluster${context === "" ? "" : ` in the context '${context}'`}`,
      fix: `see kubectl config get-contexts, or give url and token: ${system}({ url, token: env("CLUSTER_TOKEN") })`,
    });
  return {
    url: cluster.server.replace(/\/+$/, ""),
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(servername === undefined ? {} : { servername }),
      ...(cluster["insecure-skip-tls-verify"] === true ? { rejectUnauthorized: false } : {}),
    },
    authorization: async () => (renewed !== null ? `Bearer ${await renewed()}` : held === undefined ? null : `Bearer ${held}`),
    namespace: namespace || read.contexts?.[0]?.context.namespace || "default",
    origin: `the cluster of ${file === "" ? "the kubeconfig" : file}`,
  };
}

/** kubectl knows YAML, several files and what is relative to which. */
async function kubeconfigOf(file: string, context: string): Promise<Kubeconfig> {
  const args = ["config", "view", "--raw", "--flatten", "--minify", "--output=json", ...(context === "" ? [] : [`--context=${context}`])];
  const env = { ...process.env, ...(file === "" ? {} : { KUBECONFIG: file }) };
  try {
    const { stdout } = await execute("kubectl", args, { env, timeout: 60_000, maxBuffer: 2 ** 24 });
    const read: Kubeconfig = JSON.parse(stdout);
    return read;
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
    const missing = error.code === "ENOENT";
    const said = "stderr" in error ? String(error.stderr).trim() : error.message;
    throw new MillwrightError(
      {
        code: missing ? "no-kubectl" : "bad-kubeconfig",
        what: missing ? "there is no kubectl on this machine, which reads kubeconfigs" : `kubectl cannot read the kubeconfig: ${said}`,
        fix: "install kubectl and see that it reaches the cluster, or give url, token and certificateAuthority",
      },
      { cause: error },
    );
  }
}
