import { setTimeout as sleep } from "node:timers/promises";
import { MillwrightError } from "../../../error.ts";
import { retryAfter } from "../../../extract/http.ts";
import type { OutsideCatalog } from "../../../systems/roles.ts";
import { CatalogError } from "../error.ts";
import { isObject, parseJson, type JsonObject } from "../json.ts";
import type { CatalogReply } from "../request.ts";
import { listOf, optional, readText } from "../shape.ts";
import { authorize, type Authorize } from "./authorize.ts";
import { NoReply, send, type Incoming } from "./send.ts";

export interface OutsideRequest {
  readonly method: string;
  /** Decoded parts of the path after the prefix. */
  readonly path: readonly string[];
  readonly query?: URLSearchParams;
  readonly body?: string;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An Iceberg REST catalog that others run, after its configuration is known. */
export interface Outside {
  /** As its configuration says it, without what concerns only the way to it. */
  readonly defaults: JsonObject;
  readonly overrides: JsonObject;
  /** Null when it does not say what it can do. */
  readonly endpoints: readonly string[] | null;
  /**
   * The reply, whatever its status. Reads are repeated while they fail in a way that passes by itself; anything else only where the
   * server has surely not done it: no connection, a refused token, too many requests.
   *
   * @throws NoReply
   */
  ask(request: OutsideRequest): Promise<CatalogReply>;
}

/** How often a request is made, all in all. */
const attempts = 6;
/** Milliseconds before the second attempt, doubled before each that follows; and the longest Retry-After that is kept. */
const firstDelay = 200;
const longestDelay = 30_000;

/** What a configuration says about the way to the catalog: not for the gateway's clients, whose way is the gateway. */
const wayThere =
  /^(uri|prefix|warehouse|token|credential|scope|audience|resource|oauth2-server-uri|rest\.|header\.|s3\.signer|s3\.remote-signing)/;

/**
 * Asks an outside catalog for its configuration.
 *
 * @throws MillwrightError `catalog-unreachable` when there is no answer, `catalog-refused` with its words when it does not let us in.
 */
export async function openOutside(options: OutsideCatalog): Promise<Outside> {
  const given = new URL(`${options.url.replace(/\/+$/, "")}/`);
  const authorization = authorize(options);
  const call = caller(options.headers, authorization);
  const query = new URLSearchParams(options.warehouse === null ? {} : { warehouse: options.warehouse });
  const reply = await call(new URL(`v1/config?${query.toString()}`, given), { method: "GET", path: [] }).catch((error: unknown) => {
    if (!(error instanceof NoReply)) throw explained(error);
    throw new MillwrightError({
      code: "catalog-unreachable",
      what: `the Iceberg catalog at ${given.host} does not answer: ${error.message}`,
      fix: "check the option url, and that the catalog is up and can be reached from here",
    });
  });
  if (reply.status !== 200)
    throw new MillwrightError({
      code: "catalog-refused",
      what: `the Iceberg catalog at ${given.host} answered ${reply.status}: ${wordsOf(reply)}`,
      fix: "check the options url, warehouse and what lets us in (token, or credential with scope)",
    });
  const config = objectOf(reply.body);
  const [defaults, overrides] = [part(config, "defaults"), part(config, "overrides")];
  const text = (name: string): string | null => {
    const value = overrides[name] ?? defaults[name];
    return typeof value === "string" && value !== "" ? value : null;
  };
  const base = movedTo(text("uri"), given);
  const prefix = text("prefix");
  return {
    defaults: withoutWay(defaults),
    overrides: withoutWay(overrides),
    endpoints: optional(listOf(readText))(config["endpoints"], "endpoints") ?? null,
    ask(request) {
      const path = ["v1", ...(prefix === null ? [] : prefix.split("/")), ...request.path].map(encodeURIComponent).join("/");
      const questions = request.query === undefined || request.query.size === 0 ? "" : `?${request.query.toString()}`;
      return call(new URL(`${path}${questions}`, base), request);
    },
  };
}

function caller(
  fixed: Readonly<Record<string, string>>,
  authorization: Authorize,
): (url: URL, request: OutsideRequest) => Promise<CatalogReply> {
  return async (url, { method, body = "", headers = {} }) => {
    const reads = method === "GET" || method === "HEAD";
    let renewed = false;
    for (let attempt = 1; ; attempt++) {
      const last = attempt === attempts;
      let asked: number | null = null;
      try {
        const plain = { method, url, headers: { ...fixed, ...headers }, body };
        const letIn = await authorization.headers(plain);
        const reply = await send({ ...plain, headers: { ...plain.headers, ...letIn } });
        if ((reply.status === 401 || reply.status === 419) && !renewed && authorization.renew(letIn)) {
          renewed = true;
          continue;
        }
        if (last || !(reply.status === 429 || (reads && passes(reply)))) return { status: reply.status, body: reply.text };
        asked = retryAfter(reply.retryAfter);
      } catch (error) {
        // No token can be had: nothing was sent.
        if (error instanceof MillwrightError) throw new CatalogError(503, "ServiceUnavailableException", error.problem.what);
        if (!(error instanceof NoReply) || last || (error.sent && !reads)) throw error;
      }
      await sleep(Math.min(longestDelay, asked ?? firstDelay * 2 ** (attempt - 1) * (0.5 + Math.random())));
    }
  };
}

function passes({ status }: Incoming): boolean {
  return status === 408 || (status >= 500 && status !== 501);
}

/** A catalog may answer under another path of its server. Another server is not followed: it is not the one that was trusted with the token. */
function movedTo(uri: string | null, given: URL): URL {
  if (uri === null || !URL.canParse(uri)) return given;
  const moved = new URL(`${uri.replace(/\/+$/, "")}/`);
  return moved.origin === given.origin ? moved : given;
}

function withoutWay(config: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(config).filter(([name]) => !wayThere.test(name)));
}

function part(config: JsonObject, name: string): JsonObject {
  const value = config[name];
  return isObject(value) ? value : {};
}

/** A reply's JSON object; an empty one for anything else, such as a proxy's page. */
export function objectOf(text: string): JsonObject {
  if (!text.trimStart().startsWith("{")) return {};
  const value = parseJson(text);
  return isObject(value) ? value : {};
}

/** What an error reply says. */
export function wordsOf(reply: CatalogReply): string {
  const error = part(objectOf(reply.body), "error");
  return typeof error["message"] === "string" ? error["message"] : reply.body.slice(0, 200);
}

/** An outside catalog's refusal as an error that is the user's. */
export function explained(error: unknown): unknown {
  if (error instanceof NoReply)
    return new MillwrightError({ code: "catalog-unreachable", what: `the outside catalog does not answer: ${error.message}` });
  if (!(error instanceof CatalogError)) return error;
  return new MillwrightError({
    code: "catalog-refused",
    what: `the outside catalog answered ${error.status}: ${error.message}`,
    fix: "check what lets us in (token, or credential with scope), and the rights of that account",
  });
}

/** The reply as an error, when it is one. */
export function requireSuccess(reply: CatalogReply): CatalogReply {
  if (reply.status < 400) return reply;
  const type = part(objectOf(reply.body), "error")["type"];
  throw new CatalogError(reply.status, typeof type === "string" ? type : "RESTException", wordsOf(reply));
}
