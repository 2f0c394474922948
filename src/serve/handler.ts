import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { readBody } from "./body.ts";
import type { BatchLimits, Deployment } from "./deployment.ts";
import type { Deployments } from "./deployments.ts";
import { describeConfiguration, describeIndexEntry, describeModel, describeServer, describeStatistics } from "./describe.ts";
import { Fault, shown } from "./fault.ts";
import { requireAllowed } from "./gate.ts";
import type { Caller, Gate } from "./gate.ts";
import { httpCall } from "./http-call.ts";
import type { ServerMetrics } from "./metrics.ts";
import { parseRequest } from "./request.ts";
import { writeResponse } from "./response.ts";
import { routeOf } from "./route.ts";
import type { Route } from "./route.ts";

export interface HandlerOptions {
  readonly deployments: Deployments;
  readonly limits: BatchLimits;
  readonly metrics: ServerMetrics;
  readonly ready: () => boolean;
  readonly maxRequestBytes: number;
  readonly gate: Gate;
}

/** Answers every request of the protocol; whatever a client sends ends in a reply with 2xx, 4xx or 503. */
export function createHandler({ deployments, limits, metrics, ready, maxRequestBytes, gate }: HandlerOptions): RequestListener {
  const idPrefix = `${process.pid.toString(36)}-${Date.now().toString(36)}-`;
  let requests = 0;

  function find(name: string, version: string | null): Deployment {
    const deployment = deployments.get(name);
    if (deployment === undefined) throw new Fault(404, "unknown-model", `there is no model ${shown(name)}; ${servedNames()}`);
    if (version === null || version === deployment.version) return deployment;
    throw new Fault(
      404,
      "unknown-version",
      `model '${name}' is served in version ${deployment.version}; there is no version ${shown(version)}`,
    );
  }

  function servedNames(): string {
    const names = deployments.all().map(({ name }) => name);
    return names.length === 0 ? "none is served" : `served are ${names.join(", ")}`;
  }

  async function infer(request: IncomingMessage, response: ServerResponse, name: string, version: string | null): Promise<void> {
    find(name, version);
    const call = httpCall(request, response);
    const body = await readBody(request, maxRequestBytes);
    const begin = performance.now();
    // Asked again: another version may have been deployed while the body came in.
    const deployment = find(name, version);
    try {
      const parsed = parseRequest(body, headerOf(request, "inference-header-content-length"), deployment.signature);
      const id = parsed.id ?? idPrefix + (requests++).toString(36);
      if (parsed.timeout !== null) call.expireAfter(parsed.timeout);
      const outputs = await deployment.batcher.submit(id, parsed.rows, parsed.inputs, call);
      const reply = writeResponse(
        { model: name, version: deployment.version, id, rows: parsed.rows, outputs },
        deployment.signature,
        parsed.outputs,
      );
      send(response, 200, reply.headers, reply.body);
      const milliseconds = performance.now() - begin;
      deployment.statistics.requests++;
      deployment.statistics.succeededMilliseconds += milliseconds;
      metrics.succeeded(name, milliseconds / 1000);
    } catch (error) {
      deployment.statistics.failures++;
      deployment.statistics.failedMilliseconds += performance.now() - begin;
      throw error;
    } finally {
      call.close();
    }
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
        return sendJson(response, 200, deployments.all().map(describeIndexEntry));
      case "statistics":
        return sendJson(response, 200, { model_stats: deployments.all().map(describeStatistics) });
      case "metrics":
        return send(response, 200, { "content-type": metrics.registry.contentType }, Buffer.from(await metrics.registry.metrics()));
      case "model":
        break;
    }
    if (route.action === "infer") return infer(request, response, route.name, route.version);
    const deployment = find(route.name, route.version);
    switch (route.action) {
      case "metadata":
        return sendJson(response, 200, describeModel(deployment));
      case "config":
        return sendJson(response, 200, describeConfiguration(deployment, limits));
      case "stats":
        return sendJson(response, 200, { model_stats: [describeStatistics(deployment)] });
      case "ready":
        return send(response, ready() && deployment.runner.alive() > 0 ? 200 : 503, {}, Buffer.alloc(0));
    }
  }

  /** Whether the server lives, and is ready, everybody may know. */
  function admit(request: IncomingMessage, route: Route): void {
    if (route.kind === "live" || route.kind === "ready") return;
    const caller: Caller = gate.admit(request.headers.authorization, request.socket.remoteAddress);
    if (route.kind !== "server") requireAllowed(caller, route.kind === "model" ? route.name : null);
  }

  function refuse(response: ServerResponse, route: Route | null, error: unknown): void {
    const fault = error instanceof Fault ? error : new Fault(500, "defect", "the server failed; its log says how");
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
  send(response, status, { ...headers, "content-type": "application/json" }, Buffer.from(JSON.stringify(value)));
}

function send(response: ServerResponse, status: number, headers: Readonly<Record<string, string>>, body: Buffer): void {
  response.writeHead(status, { ...headers, "content-length": body.length });
  response.end(body);
}
