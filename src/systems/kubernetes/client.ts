import { Agent as PlainAgent, request as plainRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { Agent, request as secureRequest } from "node:https";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { MillwrightError } from "../../error.ts";

/** Where a cluster's API is, and who asks. */
export interface Connection {
  /** `https://10.0.0.1:6443`, with its prefix when it has one, without a slash at its end. */
  readonly url: string;
  readonly tls: {
    /** PEM; absent: the authorities that this machine trusts. */
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly servername?: string;
    readonly rejectUnauthorized?: boolean;
  };
  /** The value of the header `Authorization`, null for none; asked for each request, because tokens are renewed. */
  authorization(): Promise<string | null>;
  readonly namespace: string;
  /** What errors call it: `the cluster of kubernetes({ url })`. */
  readonly origin: string;
}

export type Query = Readonly<Record<string, string>>;

/** The REST interface of an API server. Errors name method, path and the server's own words, and no header or body. */
export interface KubernetesClient {
  readonly namespace: string;
  /** An object or a list; null where there is none. @throws KubernetesRefused */
  get<Result = object>(path: string, query?: Query): Promise<Result | null>;
  create<Result = object>(path: string, body: object | string, query?: Query, type?: string): Promise<Result>;
  /** By a merge patch: null removes a field, lists are replaced; null where the object does not exist. */
  merge<Result = object>(path: string, change: object, query?: Query): Promise<Result | null>;
  /** False where there was nothing. Foreground: the object stays until what belongs to it is gone. */
  remove(path: string, propagation: "Foreground" | "Background", grace?: { readonly gracePeriodSeconds: number }): Promise<boolean>;
  /** Lines as they come, until the server has sent all. @throws KubernetesRefused, or an error of the network in the middle. */
  lines(path: string, query: Query, signal: AbortSignal): AsyncIterable<string>;
  close(): void;
}

/** The API server answered with another status than 2xx. */
export class KubernetesRefused extends MillwrightError {
  readonly status: number;
  /** The server's word for it: `AlreadyExists`, `Invalid`, `Forbidden`. */
  readonly reason: string;
  /** The server's sentence. */
  readonly said: string;
  constructor(what: string, status: number, reason: string, said: string) {
    super({
      code: "kubernetes-refused",
      what: `${what}: ${said}`,
      fix:
        status === 401
          ? "check the token or the account of the kubeconfig: the cluster does not know it"
          : status === 403
            ? "let the account do it, by a Role and a RoleBinding; docs/kubernetes.md has the rules that it needs"
            : "see what kubectl says of it",
    });
    this.status = status;
    this.reason = reason;
    this.said = said;
  }
}

interface Call {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Query | undefined;
  readonly body?: string;
  readonly type?: string;
  readonly signal?: AbortSignal;
}

const attempts = 6;
const firstPause = 250;
/** Milliseconds without a byte after which a request has failed; lines may take as long as they like. */
const patience = 60_000;

/**
 * A client of node:https and no package: @kubernetes/client-node brings forty others, and what is needed here are five verbs on four kinds of objects; fetch cannot be
 * given a cluster's own certificate authority.
 */
export function openKubernetes(connection: Connection): KubernetesClient {
  const base = new URL(connection.url);
  const secure = base.protocol === "https:";
  const agent = secure ? new Agent({ keepAlive: true, ...connection.tls }) : new PlainAgent({ keepAlive: true });

  async function open({ method, path, query = {}, body, type, signal }: Call): Promise<IncomingMessage> {
    const authorization = await connection.authorization();
    const search = new URLSearchParams(query).toString();
    const options: RequestOptions = {
      host: base.hostname.replace(/^\[|\]$/g, ""),
      port: base.port || (secure ? 443 : 80),
      path: `${base.pathname.replace(/\/$/, "")}${path}${search === "" ? "" : `?${search}`}`,
      method,
      agent,
      headers: {
        accept: "application/json, */*",
        ...(authorization === null ? {} : { authorization }),
        ...(body === undefined ? {} : { "content-type": type ?? "application/json", "content-length": Buffer.byteLength(body) }),
      },
      ...(signal === undefined ? {} : { signal }),
    };
    return new Promise((resolve, reject) => {
      const request = secure ? secureRequest({ ...options, ...connection.tls }, resolve) : plainRequest(options, resolve);
      request.setTimeout(signal === undefined ? patience : 0, () => request.destroy(new Error(`no answer within ${patience / 1000} s`)));
      request.once("error", reject).end(body);
    });
  }

  /** Asks again when nothing has been done, or when doing it twice is doing it once. */
  async function ask<Result>(call: Call): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await open(call);
        const text = await textOf(answer);
        const status = answer.statusCode ?? 0;
        if (status >= 200 && status < 300) {
          const result: Result = call.query?.["text"] === undefined ? JSON.parse(text) : text;
          return result;
        }
        const refused = refusal(call, status, text);
        if (attempt === attempts || !(status === 429 || (status >= 500 && call.method !== "POST"))) throw refused;
      } catch (error) {
        if (error instanceof KubernetesRefused) throw error;
        const code = error instanceof Error && "code" in error ? String(error.code) : "";
        // A certificate that is not trusted now will not be in a second.
        const lasting = /CERT|SIGNATURE|ERR_TLS|EPROTO|ERR_SSL/.test(code);
        if (attempt === attempts || lasting || (call.method === "POST" && code !== "ECONNREFUSED")) throw unreachable(call, error);
      }
      await sleep(firstPause * 2 ** (attempt - 1));
    }
  }

  async function orNull<Result>(call: Call): Promise<Result | null> {
    try {
      return await ask<Result>(call);
    } catch (error) {
      if (error instanceof KubernetesRefused && error.status === 404) return null;
      throw error;
    }
  }

  const refusal = (call: Call, status: number, text: string): KubernetesRefused => {
    const { reason, said } = wordsOf(text);
    return new KubernetesRefused(`${connection.origin} refused ${call.method} ${call.path}`, status, reason, said || `status ${status}`);
  };
  const unreachable = (call: Call, error: unknown): MillwrightError =>
    new MillwrightError(
      {
        code: "kubernetes-unreachable",
        what: `${connection.origin} gave no answer to ${call.method} ${call.path}: ${error instanceof Error ? error.message : String(error)}`,
        fix: "check the address and the certificate authority, and that this machine reaches the cluster's API server",
      },
      { cause: error },
    );

  return {
    namespace: connection.namespace,
    get: (path, query) => orNull({ method: "GET", path, query }),
    create: (path, body, query, type) =>
      ask({
        method: "POST",
        path,
        query,
        body: typeof body === "string" ? body : JSON.stringify(body),
        ...(type === undefined ? {} : { type }),
      }),
    merge: (path, change, query) =>
      orNull({ method: "PATCH", path, query, body: JSON.stringify(change), type: "application/merge-patch+json" }),
    async remove(path, propagationPolicy, grace) {
      const body = JSON.stringify({ apiVersion: "v1", kind: "DeleteOptions", propagationPolicy, ...grace });
      return (await orNull({ method: "DELETE", path, body })) !== null;
    },
    async *lines(path, query, signal) {
      const call: Call = { method: "GET", path, query, signal };
      const answer = await open(call);
      const status = answer.statusCode ?? 0;
      if (status !== 200) throw refusal(call, status, await textOf(answer));
      yield* createInterface({ input: answer, crlfDelay: 0 });
      // An interface ends in silence when the connection breaks.
      if (!answer.complete) throw new Error("the connection was broken off");
    },
    close: () => agent.destroy(),
  };
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** An API server answers with a Status, a proxy before it with anything. */
function wordsOf(text: string): { readonly reason: string; readonly said: string } {
  try {
    const status: { readonly reason?: unknown; readonly message?: unknown } | null = JSON.parse(text);
    if (typeof status?.message === "string") return { reason: String(status.reason ?? ""), said: status.message.slice(0, 2000) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return { reason: "", said: text.trim().slice(0, 500) };
}
