import { openAsBlob } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { MillwrightError } from "../../error.ts";
import { isObject, parseJson, type JsonObject } from "../../extract/json.ts";

/** A server's REST interface. Errors name the path and MLflow's own words, and no header. */
export interface Client {
  /** An endpoint of `/api/2.0/mlflow/`; null where the server says that the thing does not exist. */
  find(method: "GET" | "POST", path: string, parameters: JsonObject): Promise<JsonObject | null>;
  /** The same, where absence is an error too. */
  call(method: "GET" | "POST" | "PATCH" | "DELETE", path: string, parameters: JsonObject): Promise<JsonObject>;
  /** As `call`; false where the thing exists already. Sent once only, since a repetition would make two. */
  create(path: string, parameters: JsonObject): Promise<JsonObject | null>;
  /** A file through the server's artifact proxy; `path` begins after `mlflow-artifacts:/`. */
  upload(path: string, content: string | { readonly file: string }): Promise<void>;
  download(path: string): Promise<Response>;
}

export interface ClientOptions {
  /** The server's address, with its prefix when it has one. */
  readonly url: string;
  /** The value of the header `Authorization`; null for none. */
  readonly authorization: string | null;
  /** Requests in all for one that may be repeated. */
  readonly attempts: number;
}

const patience = { call: 60_000, transfer: 30 * 60_000 };
const firstPause = 500;

/** What MLflow says of a request that it refuses. */
interface Refusal {
  readonly code: string;
  readonly message: string;
}

type Answer = { readonly response: Response } | { readonly status: number; readonly refusal: Refusal };

export function openClient({ url, authorization, attempts }: ClientOptions): Client {
  const base = url.replace(/\/+$/, "");
  const headers: Readonly<Record<string, string>> = authorization === null ? {} : { authorization };
  const artifacts = (path: string): string => `/api/2.0/mlflow-artifacts/artifacts/${path.split("/").map(encodeURIComponent).join("/")}`;

  async function send(path: string, init: () => Promise<RequestInit> | RequestInit, limit: number, tries: number): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await once(path, await init(), limit);
      if ("response" in outcome || "refusal" in outcome) return outcome;
      if (attempt >= tries) throw unreachable(path, outcome.reason, attempt);
      await wait(firstPause * 2 ** (attempt - 1));
    }
  }

  async function once(path: string, init: RequestInit, limit: number): Promise<Answer | { readonly reason: string }> {
    try {
      const response = await fetch(`${base}${path}`, {
        ...init,
        headers: { ...headers, ...init.headers },
        signal: AbortSignal.timeout(limit),
      });
      if (response.ok) return { response };
      const text = await response.text();
      if (response.status === 429 || response.status >= 502) return { reason: `${response.status} ${response.statusText}`.trim() };
      return { status: response.status, refusal: refusalOf(text, response) };
    } catch (error) {
      return { reason: reasonOf(error, limit) };
    }
  }

  const unreachable = (path: string, reason: string, tries: number): MillwrightError =>
    new MillwrightError({
      code: "tracker-unreachable",
      what: `MLflow at ${base} gave no answer to ${path.split("?")[0]} in ${tries} ${tries === 1 ? "attempt" : "attempts"}: ${reason}`,
      fix: "check the option url of mlflow({ ... }), and that the server is up",
    });
  const refused = (path: string, { status, refusal }: Extract<Answer, { status: number }>): MillwrightError =>
    new MillwrightError({
      code: "tracker-refused",
      what: `MLflow at ${base} refused ${path.split("?")[0]}: ${refusal.code}: ${refusal.message}`,
      fix:
        status === 401 || status === 403
          ? "check the token, or username and password, and the account's permissions"
          : "see whether the server's version is 2.20 or newer, and what its log says",
    });

  function ask(method: string, path: string, parameters: JsonObject, tries: number): Promise<Answer> {
    const whole = `/api/2.0/mlflow/${path}`;
    if (method !== "GET") {
      const body = JSON.stringify(parameters);
      return send(whole, () => ({ method, body, headers: { "content-type": "application/json" } }), patience.call, tries);
    }
    const query = new URLSearchParams(Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)])));
    return send(`${whole}?${query.toString()}`, () => ({ method }), patience.call, tries);
  }

  return {
    async find(method, path, parameters) {
      const answer = await ask(method, path, parameters, attempts);
      if ("response" in answer) return bodyOf(answer.response);
      if (answer.refusal.code === "RESOURCE_DOES_NOT_EXIST" || isAbsentAlias(answer.refusal)) return null;
      throw refused(path, answer);
    },
    async call(method, path, parameters) {
      const answer = await ask(method, path, parameters, attempts);
      if ("response" in answer) return bodyOf(answer.response);
      throw refused(path, answer);
    },
    async create(path, parameters) {
      const answer = await ask("POST", path, parameters, 1);
      if ("response" in answer) return bodyOf(answer.response);
      if (answer.refusal.code === "RESOURCE_ALREADY_EXISTS") return null;
      throw refused(path, answer);
    },
    async upload(path, content) {
      const body = async (): Promise<RequestInit> => ({
        method: "PUT",
        body: typeof content === "string" ? content : await openAsBlob(content.file),
        headers: { "content-type": "application/octet-stream" },
      });
      const answer = await send(artifacts(path), body, patience.transfer, attempts);
      if ("refusal" in answer) throw refused(artifacts(path), answer);
      await answer.response.arrayBuffer();
    },
    async download(path) {
      const answer = await send(artifacts(path), () => ({ method: "GET" }), patience.transfer, attempts);
      if ("refusal" in answer) throw refused(artifacts(path), answer);
      return answer.response;
    },
  };
}

/** MLflow answers so for an alias that does not exist, where all else is RESOURCE_DOES_NOT_EXIST. */
function isAbsentAlias({ code, message }: Refusal): boolean {
  return code === "INVALID_PARAMETER_VALUE" && /alias .* not found/i.test(message);
}

async function bodyOf(response: Response): Promise<JsonObject> {
  const body = parseJson(await response.text());
  return isObject(body) ? body : {};
}

/** The objects of a list as parsed; empty when it is none. */
export function objectsOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function refusalOf(text: string, { status, statusText }: Response): Refusal {
  const plain = { code: `${status} ${statusText}`.trim(), message: text.slice(0, 200) };
  try {
    const body = parseJson(text);
    if (isObject(body) && typeof body["error_code"] === "string")
      return { code: body["error_code"], message: String(body["message"] ?? "").slice(0, 1000) };
  } catch (error) {
    // A proxy before the server answers in HTML.
    if (!(error instanceof SyntaxError)) throw error;
  }
  return plain;
}

function reasonOf(error: unknown, limit: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${limit / 1000} s`;
  // fetch says only "fetch failed"; the cause says why.
  return error.cause instanceof Error ? ("code" in error.cause ? String(error.cause.code) : error.cause.message) : error.message;
}
