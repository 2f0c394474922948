import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { readBody } from "./body.ts";
import type { Deployments } from "./deployments.ts";
import { describeConfiguration, describeModel, describeServer, describeStatistics } from "./describe.ts";
import { faultOf } from "./fault.ts";
import { requireAllowed } from "./gate.ts";
import type { Caller, Gate } from "./gate.ts";
import { describeServed } from "./client/description.ts";
import { openapi } from "./client/openapi.ts";
import { httpCall } from "./http-call.ts";
import type { Inference } from "./inference.ts";
import type { ServerMetrics } from "./metrics.ts";
import { parametersOf, parseJson, parseRequest } from "./request.ts";
import type { ModelControl } from "./repository.ts";
import { writeResponse } from "./response.ts";
import { routeOf } from "./route.ts";
import type { Route } from "./route.ts";
import type { Observer } from "./observe.ts";

export interface HandlerOptions {
  readonly deployments: Deployments;
  readonly inference: Inference;
  readonly control: ModelControl;
  readonly metrics: ServerMetrics;
  readonly ready: () => boolean;
  readonly maxRequestBytes: number;
  readonly gate: Gate;
  readonly observer: Observer;
}

/** Answers every request of the protocol; whatever a client sends ends in a reply with 2xx, 4xx or 503. */
export function createHandler({
  deployments,
  inference,
  control,
  metrics,
  ready,
  maxRequestBytes,
  gate,
  observer,
}: HandlerOptions): RequestListener {
  async function infer(request: IncomingMessage, response: ServerResponse, name: string, version: string | null): Promise<void> {
    inference.find(name, version);
    const call = httpCall(request, response);
    call.trace = observer.begin(headerOf(request, "traceparent"), headerOf(request, "tracestate"));
    const body = await readBody(request, maxRequestBytes);
    const headerLength = headerOf(request, "inference-header-content-length");
    const inferred = await inference.infer(name, version, call, (signature) => parseRequest(body, headerLength, signature));
    const { deployment, id, outputs } = inferred;
    const answer = { model: name, version: deployment.version, id, rows: inferred.request.rows, outputs };
    const reply = writeResponse(answer, deployment.signature, inferred.request.outputs);
    if (call.trace !== null) response.setHeader("traceresponse", call.trace.traceresponse);
    send(response, 200, reply.headers, reply.body);
  }

  async function answer(request: IncomingMessage, response: ServerResponse, route: Route): Promise<void> {
    switch (route.kind) {
      case "server":
        return sendJson(response, 200, describeServer());
      case "live":
        return send(response, 200, {}, Buffer.alloc(0));
      case "ready":
        return send(response, ready() ? 200 : 503, {}, Buffer.alloc(0));
      case "index":
        return sendJson(response, 200, control.index((await readOptions(request))["ready"] === true));
      case "load":
      case "unload":
        await control[route.kind](route.name, parametersOf(await readOptions(request), "the request"));
        return sendJson(response, 200, {});
      case "statistics":
        return sendJson(response, 200, { model_stats: deployments.all().map(describeStatistics) });
      case "metrics":
        return send(response, 200, { "content-type": metrics.registry.contentType }, Buffer.from(await metrics.registry.metrics()));
      case "openapi":
        return sendJson(response, 200, openapi(deployments.endpoints().map(describeServed), { keys: gate.asksForKeys }));
      case "model":
        break;
    }
    if (route.action === "infer") return infer(request, response, route.name, route.version);
    const deployment = inference.find(route.name, route.version);
    switch (route.action) {
      case "metadata":
        return sendJson(response, 200, describeModel(deployment, inference.endpoint(route.name)));
      case "config":
        return sendJson(response, 200, describeConfiguration(deployment, inference.endpoint(route.name)));
      case "stats":
        return sendJson(response, 200, { model_stats: statisticsOf(route.name, route.version) });
      case "ready":
        return send(response, ready() && deployment.runner.alive() > 0 ? 200 : 503, {}, Buffer.alloc(0));
    }
  }

  /** Of one version, or of all that the endpoint serves. */
  function statisticsOf(name: string, version: string | null): readonly object[] {
    if (version !== null) return [describeStatistics(inference.find(name, version))];
    return inference.endpoint(name).versions.map(({ deployment }) => describeStatistics(deployment));
  }

  /** The body of a request that is no inference; it may be empty. */
  async function readOptions(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
    const body = await readBody(request, maxRequestBytes);
    return body.length === 0 ? {} : parseJson(body, "options");
  }

  /** Whether the server lives, and is ready, everybody may know. */
  function admit(request: IncomingMessage, route: Route): void {
    if (route.kind === "live" || route.kind === "ready") return;
    const caller: Caller = gate.admit(request.headers.authorization, request.socket.remoteAddress);
    if (route.kind !== "server") requireAllowed(caller, route.kind === "model" ? route.name : null);
  }

  function refuse(response: ServerResponse, route: Route | null, error: unknown): void {
    const fault = faultOf(error);
    if (fault !== error) process.emitWarning(`inference: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    const served = route?.kind === "model" && deployments.get(route.name) !== undefined;
    metrics.failed(served ? route.name : "", fault);
    if (!response.headersSent) sendJson(response, fault.status, { error: fault.message }, fault.headers);
  }

  return (request, response) => {
    let route: Route | null = null;
    try {
      route = routeOf(request.method ?? "", request.url ?? "");
      admit(request, route);
    } catch (error) {
      return refuse(response, null, error);
    }
    const found = route;
    answer(request, response, found).catch((error: unknown) => refuse(response, found, error));
  };
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(",") : value;
}

function sendJson(response: ServerResponse, status: number, value: object, headers: Readonly<Record<string, string>> = {}): void {
  send(response, status, { ...headers, "content-type": "application/json" }, JSON.stringify(value));
}

function send(response: ServerResponse, status: number, headers: Readonly<Record<string, string>>, body: Buffer | string): void {
  response.writeHead(status, { ...headers, "content-length": typeof body === "string" ? Buffer.byteLength(body) : body.length });
  response.end(body);
}
