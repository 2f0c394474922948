import { Agent as HttpAgent, type IncomingMessage, type ServerResponse } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { AddressInfo } from "node:net";
import { Registry } from "prom-client";
import { MillwrightError } from "../error.ts";
import type { ModelServer } from "../systems/roles.ts";
import { clock } from "./call.ts";
import { Fault, faultOf } from "./fault.ts";
import { createGate, requireAllowed } from "./gate.ts";
import { httpCall } from "./http-call.ts";
import { serverMetrics } from "./metrics.ts";
import { createObserver } from "./observe.ts";
import { routeOf, type Route } from "./route.ts";
import { forward, type Target } from "./router/forward.ts";
import { protocolOf, type Asked, type ServerProtocol } from "./router/protocols.ts";
import { headerOf, refuse, send } from "./router/reply.ts";
import { routingTable } from "./router/table.ts";
import { translated } from "./router/translate.ts";
import type { InferenceOptions } from "./server.ts";
import { createTransport } from "./transport.ts";

export interface RouterOptions extends Pick<
  InferenceOptions,
  "host" | "port" | "gate" | "tls" | "maxConnections" | "maxRequestBytes" | "maxHeaderBytes" | "tracer" | "registry" | "latencyBounds"
> {
  /** One that cannot divide requests by itself. */
  readonly server: ModelServer;
  readonly endpoints: readonly string[];
  /** Milliseconds between two looks at how the server's versions share the requests. @default 2000 */
  readonly refreshMilliseconds?: number;
  /** Milliseconds that a request without a deadline may take. @default 60000 */
  readonly patience?: number;
  note?(text: string): void;
}

export interface Router {
  /** Without a path. */
  readonly url: string;
  /** Looks at once; else it looks every two seconds. */
  refresh(): Promise<void>;
  /** Answers what has been asked, then closes. */
  stop(): Promise<void>;
}

/** A connection that the server may be about to close is not used again: uvicorn does so after five seconds. */
const idleMilliseconds = 4000;

/**
 * Stands before a server that cannot divide an endpoint's requests among its versions, and does: the Open Inference Protocol in, the server's own
 * out. Bodies stream through; deadlines end the wait on both sides; what the server refuses is passed on.
 *
 * @throws MillwrightError `port-unavailable`
 */
export async function startRouter(options: RouterOptions): Promise<Router> {
  const { server: backend, endpoints, patience = 60_000, maxRequestBytes = 16 * 2 ** 20, host = "127.0.0.1" } = options;
  const gate = options.gate ?? createGate({ keys: null, requestsPerSecond: null });
  const registry = options.registry ?? new Registry();
  const metrics = serverMetrics(registry, () => [], options.latencyBounds);
  const observer = createObserver(registry, options.tracer ?? null);
  const table = routingTable(backend, endpoints);
  const protocols = new Map<string, ServerProtocol>();
  const agents = {
    "http:": new HttpAgent({ keepAlive: true, timeout: idleMilliseconds }),
    "https:": new HttpsAgent({ keepAlive: true, timeout: idleMilliseconds }),
  };
  let last = "";
  const refresh = (): Promise<void> =>
    table.refresh().then(
      () => void (last = ""),
      (error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        if (why !== last) options.note?.(`the server does not say what it serves: ${why}`);
        last = why;
      },
    );

  function targetOf({ endpoint }: Asked, path: string): Target {
    const { url } = backend.address(endpoint);
    const full = new URL(url.replace(/\/+$/, "") + path);
    return {
      url: full,
      headers: backend.routed?.headers ?? {},
      agent: agents[full.protocol === "https:" ? "https:" : "http:"],
      maxRequestBytes,
    };
  }

  function protocolFor(endpoint: string): ServerProtocol {
    const { url, protocol } = backend.address(endpoint);
    // Kept: some remember what they have asked the server for.
    const known =
      protocols.get(`${protocol} ${url}`) ?? protocolOf(protocol, { url: url.replace(/\/+$/, ""), headers: backend.routed?.headers ?? {} });
    protocols.set(`${protocol} ${url}`, known);
    return known;
  }

  async function infer(request: IncomingMessage, response: ServerResponse, asked: Asked): Promise<void> {
    const protocol = protocolFor(asked.endpoint);
    const call = httpCall(request, response);
    call.expireAfter(patience * 1000);
    call.trace = observer.begin(headerOf(request, "traceparent"), headerOf(request, "tracestate"));
    let fault: Fault | null = null;
    try {
      call.submitted = clock();
      const { translation } = protocol;
      const target = targetOf(asked, protocol.inferPath(asked));
      const status =
        translation === null
          ? await forward(request, response, target, call, (code, body) => refuse(response, code, body, protocol))
          : await translated(request, response, asked, target, call, protocol, translation);
      if (status > 299) fault = new Fault(status, "refused-by-server", "the server refused the request");
      else metrics.succeeded(asked.endpoint, (clock() - call.began) / 1000);
      if (fault !== null) metrics.failed(asked.endpoint, fault);
    } catch (error) {
      fault = faultOf(error);
      throw error;
    } finally {
      call.close();
      observer.end(call, { ...asked, id: "", rows: 0 }, fault);
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse, route: Route): Promise<void> {
    switch (route.kind) {
      case "server":
        return send(response, 200, { name: "millwright-router", version: "1", extensions: [] });
      case "live":
        return send(response, 200, {});
      case "ready":
        return send(response, table.ready() ? 200 : 503, {});
      case "metrics":
        return send(response, 200, Buffer.from(await registry.metrics()), { "content-type": registry.contentType });
      case "model":
        break;
      default:
        throw new Fault(404, "not-offered", "this is not offered where another server serves: ask that one");
    }
    const { name: endpoint, action } = route;
    if (action === "infer") return infer(request, response, { endpoint, version: table.pick(endpoint, route.version) });
    const asked = { endpoint, version: route.version === null ? table.main(endpoint) : table.pick(endpoint, route.version) };
    const protocol = protocolFor(endpoint);
    const path = protocol.describePath(asked, action === "metadata" ? "" : `/${action}`);
    if (path === null) throw new Fault(404, "not-offered", "the server behind this router has no such description");
    const call = httpCall(request, response);
    call.expireAfter(patience * 1000);
    await forward(request, response, targetOf(asked, path), call, (code, body) => refuse(response, code, body, protocol));
    call.close();
  }

  function admit(request: IncomingMessage, { kind, ...route }: Route): void {
    if (kind === "live" || kind === "ready") return;
    const caller = gate.admit(request.headers.authorization, request.socket.remoteAddress);
    if (kind !== "server") requireAllowed(caller, "name" in route ? route.name : null);
  }

  function failed(response: ServerResponse, route: Route | null, error: unknown): void {
    const fault = faultOf(error);
    if (fault !== error) process.emitWarning(`router: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    metrics.failed(route?.kind === "model" && endpoints.includes(route.name) ? route.name : "", fault);
    if (!response.headersSent) send(response, fault.status, { error: fault.message }, fault.headers);
  }

  const transport = {
    tls: options.tls ?? null,
    maxConnections: options.maxConnections ?? 4096,
    maxHeaderBytes: options.maxHeaderBytes ?? 2 ** 14,
  };
  const unanswered = new Set<ServerResponse>();
  let stopping = false;
  /** Clients keep connections, some without having asked anything on them: when the last answer has gone, they go. */
  const closeWhenAnswered = (): void => {
    if (stopping && unanswered.size === 0) listener.closeAllConnections();
  };
  const listener = createTransport(transport, (request, response) => {
    let route: Route | null = null;
    unanswered.add(response);
    response.once("close", () => {
      unanswered.delete(response);
      closeWhenAnswered();
    });
    try {
      route = routeOf(request.method ?? "", request.url ?? "");
      admit(request, route);
    } catch (error) {
      return failed(response, null, error);
    }
    const found = route;
    answer(request, response, found).catch((error: unknown) => failed(response, found, error));
  });
  await refresh();
  await new Promise<void>((resolve, reject) => {
    listener.once("error", (error) =>
      reject(
        new MillwrightError(
          {
            code: "port-unavailable",
            what: `the router cannot listen on ${host}:${options.port ?? 0}: ${error.message}`,
            fix: "choose another port, or 0 for a free one",
          },
          { cause: error },
        ),
      ),
    );
    listener.listen(options.port ?? 0, host, resolve);
  });
  const timer = setInterval(() => void refresh(), options.refreshMilliseconds ?? 2000);
  const port = portOf(listener.address());
  return {
    url: `${transport.tls === null ? "http" : "https"}://${host.includes(":") ? `[${host}]` : host}:${port}`,
    refresh,
    async stop() {
      clearInterval(timer);
      stopping = true;
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      closeWhenAnswered();
      const deadline = setTimeout(() => listener.closeAllConnections(), 10_000);
      await closed;
      clearTimeout(deadline);
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}
