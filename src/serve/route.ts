import { Fault } from "./fault.ts";

/** What a path asks for. */
export type Route =
  | { readonly kind: FixedKind }
  | { readonly kind: "load" | "unload"; readonly name: string }
  | { readonly kind: "model"; readonly action: ModelAction; readonly name: string; readonly version: string | null };

type FixedKind = "server" | "live" | "ready" | "index" | "statistics" | "metrics" | "openapi";

export type ModelAction = "metadata" | "ready" | "config" | "stats" | "infer";

const fixed: Readonly<Record<string, FixedKind>> = Object.freeze({
  "/v2": "server",
  "/v2/health/live": "live",
  "/v2/health/ready": "ready",
  "/v2/repository/index": "index",
  "/v2/models/stats": "statistics",
  "/v2/openapi.json": "openapi",
  "/metrics": "metrics",
});

const actions: ReadonlySet<string> = new Set<ModelAction>(["ready", "config", "stats", "infer"]);

/**
 * Finds what a request asks for.
 * @throws Fault 404 for a path that the protocol does not have, 405 with `allow` for a method that the path does not take
 */
export function routeOf(method: string, url: string): Route {
  const route = routeOfPath(url);
  const allowed = isAsked(route) ? ["POST"] : ["GET", "HEAD"];
  if (allowed.includes(method)) return route;
  throw new Fault(405, "wrong-method", `${method} is not allowed here; use ${allowed[0]}`, { allow: allowed.join(", ") });
}

function routeOfPath(url: string): Route {
  const query = url.indexOf("?");
  const path = query === -1 ? url : url.slice(0, query);
  const kind = Object.hasOwn(fixed, path) ? fixed[path] : undefined;
  if (kind !== undefined) return { kind };
  const [, protocol, models, name, ...rest] = path.split("/");
  if (protocol === "v2" && models === "repository" && name === "models") return controlOf(path, rest);
  if (protocol !== "v2" || models !== "models" || name === undefined || name === "") throw unknown(path);
  const version = rest[0] === "versions" && rest[1] !== undefined && rest[1] !== "" ? rest[1] : null;
  const action = version === null ? rest : rest.slice(2);
  if (action.length > 1) throw unknown(path);
  const last = action[0] ?? "metadata";
  if (last !== "metadata" && !isAction(last)) throw unknown(path);
  if (last === "metadata" && action.length === 1) throw unknown(path);
  return { kind: "model", action: last, name: decode(name), version: version === null ? null : decode(version) };
}

/** `/v2/repository/models/NAME/load` and `/unload`. */
function controlOf(path: string, [name, kind, ...rest]: readonly string[]): Route {
  if (name === undefined || name === "" || rest.length > 0 || (kind !== "load" && kind !== "unload")) throw unknown(path);
  return { kind, name: decode(name) };
}

/** Whether a request has a body that says what is asked. */
function isAsked(route: Route): boolean {
  const { kind } = route;
  return kind === "index" || kind === "load" || kind === "unload" || (kind === "model" && route.action === "infer");
}

function isAction(text: string): text is ModelAction {
  return actions.has(text);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    throw new Fault(400, "bad-path", `the path is not well encoded: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function unknown(path: string): Fault {
  return new Fault(404, "unknown-path", `there is nothing at ${path.slice(0, 200)}; inference is POST /v2/models/<name>/infer`);
}
