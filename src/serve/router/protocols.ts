import type { ModelServer } from "../../systems/roles.ts";
import { tensorflowServing } from "./tensorflow-serving.ts";

/** What stands behind the router, and how it is spoken to. */
export interface Backend {
  /** Without a slash at the end. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A version of an endpoint. */
export interface Asked {
  readonly endpoint: string;
  readonly version: string;
}

/** How a server is asked for what the Open Inference Protocol asks; paths begin after its address. */
export interface ServerProtocol {
  inferPath(asked: Asked): string;
  /** Of a description (`""`), or of `/ready`, `/config`, `/stats`; null where the server has none in the protocol's words. */
  describePath(asked: Asked, part: string): string | null;
  /** For a server with words of its own; null where bodies pass as they are. */
  readonly translation: Translation | null;
  /** What a refusal says; null where it says it in the protocol's words already. */
  refusal(body: string): string | null;
}

export interface Translation {
  /** @throws Fault 400 */
  request(body: Buffer): Buffer;
  /** @param request the caller's own, for its id */
  response(asked: Asked, body: Buffer, request: Buffer): Promise<Buffer>;
}

const part = encodeURIComponent;

const openInference: ServerProtocol = {
  inferPath: ({ endpoint, version }) => `/v2/models/${part(endpoint)}/versions/${part(version)}/infer`,
  describePath: ({ endpoint, version }, what) => `/v2/models/${part(endpoint)}/versions/${part(version)}${what}`,
  translation: null,
  refusal: () => null,
};

/** Our handler in the archive takes and gives the Open Inference Protocol's JSON; only TorchServe's own refusals are worded otherwise. */
const torchserve: ServerProtocol = {
  inferPath: ({ endpoint, version }) => `/predictions/${part(endpoint)}/${part(version)}`,
  describePath: () => null,
  translation: null,
  refusal: (body) => messageIn(body, "message"),
};

export function protocolOf(kind: ReturnType<ModelServer["address"]>["protocol"], backend: Backend): ServerProtocol {
  if (kind === "open-inference") return openInference;
  return kind === "torchserve" ? torchserve : tensorflowServing(backend);
}

/** A text of a JSON object; null where there is none. */
export function messageIn(body: string, name: string): string | null {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== "object" || value === null) return null;
    const message = new Map<string, unknown>(Object.entries(value)).get(name);
    return typeof message === "string" ? message : null;
  } catch (error) {
    // A proxy in between may answer in HTML.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
