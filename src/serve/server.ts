import type { Server, ServerResponse } from "node:http";
import { availableParallelism } from "node:os";
import { Registry } from "prom-client";
import { MillwrightError } from "../error.ts";
import type { BatchLimits, ModelSource } from "./deployment.ts";
import { createDeployments } from "./deployments.ts";
import type { Deployments, VersionSource } from "./deployments.ts";
import { createGate } from "./gate.ts";
import type { Gate } from "./gate.ts";
import type { GrpcServer } from "./grpc/server.ts";
import { createHandler } from "./handler.ts";
import { createInference } from "./inference.ts";
import { serverMetrics } from "./metrics.ts";
import { createObserver } from "./observe.ts";
import type { PredictionBatch } from "./prediction.ts";
import { createModelControl } from "./repository.ts";
import type { ModelRepository } from "./repository.ts";
import type { Tls } from "./tls.ts";
import type { Tracer } from "./trace.ts";
import { createTransport } from "./transport.ts";

export interface InferenceOptions {
  /** May be empty: models can be deployed later. */
  readonly models: readonly ModelSource[];
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** @default 0, a free port */
  readonly port?: number;
  /** Of gRPC; 0 for a free one. It needs the package `@grpc/grpc-js`. @default no gRPC */
  readonly grpcPort?: number;
  /** Threads per model. @default one less than the processors, at least 1 and at most 4 */
  readonly workers?: number;
  /** Rows that go to a model together. @default 64 */
  readonly maxBatch?: number;
  /** Sizes at which a batch is closed although its rows might wait longer. @default only `maxBatch` */
  readonly preferredBatches?: readonly number[];
  /** How long a row waits for others while a thread is free; within two milliseconds of its end the main thread waits awake. @default 0 */
  readonly maxDelayMicroseconds?: number;
  /** Rows that may wait, per model; requests beyond them get 503 with Retry-After. @default 4096 */
  readonly maxQueueRows?: number;
  /** Larger bodies get 413. @default 16 MiB */
  readonly maxRequestBytes?: number;
  /** Who is let in. @default everybody, as often as they like */
  readonly gate?: Gate;
  /** @default in the clear */
  readonly tls?: Tls;
  /** Connections at the same time; more are closed as they come. @default 4096 */
  readonly maxConnections?: number;
  /** Of all headers of a request; more get 431. @default 16 KiB */
  readonly maxHeaderBytes?: number;
  /** @default nothing is traced */
  readonly tracer?: Tracer;
  /** What clients may load and unload by request. @default nothing: they are refused */
  readonly repository?: ModelRepository;
  /** Called once per batch, after its answers are on their way; it must be quick. What it throws is counted and warned of. */
  readonly onPrediction?: (batch: PredictionBatch) => void;
  /** Where the metrics go that `/metrics` shows. @default a registry of its own */
  readonly registry?: Registry;
  /** Seconds that answers may take, as somebody requires: the histogram of latency has a bucket for each. @default [] */
  readonly latencyBounds?: readonly number[];
}

/** A version that is served. */
export interface ServedModel {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  /** Of the endpoint's requests that name no version, 0 to 100. */
  readonly percent: number;
}

export interface InferenceServer {
  /** `http://host:port`, or `https://`, without a path. */
  readonly url: string;
  readonly port: number;
  /** `host:port` of gRPC, as its clients take it; null without. */
  readonly grpc: string | null;
  readonly registry: Registry;
  /** Whether every model can answer and the server is not stopping. */
  ready(): boolean;
  /** What is served now, of each endpoint the default version first. */
  models(): readonly ServedModel[];
  /**
   * Loads a version beside the one that is served, then switches; requests in flight are answered by the old one.
   * Resolves when the old version's threads have ended; does nothing when this version with this hash is served already.
   * @throws MillwrightError when the new version cannot be served: the old one stays
   */
  deploy(source: ModelSource): Promise<void>;
  /**
   * Serves exactly these versions of an endpoint from now on, side by side, the default one first; none: the endpoint is unloaded.
   * A request is answered by the version that it names, or else by one of them as their percentages say.
   * Resolves when the threads of those that are not named have ended.
   * @throws MillwrightError when one cannot be served: everything stays as it was
   */
  serve(name: string, versions: readonly VersionSource[]): Promise<void>;
  /** Whether a client has chosen, by a request to load or unload, what is served under this name. */
  isChosen(name: string): boolean;
  /** Answers what has been asked, then closes. */
  stop(): Promise<void>;
}

const stopDeadline = 10_000;

/**
 * Serves ONNX models by the Open Inference Protocol (KServe v2) over HTTP, with JSON and binary tensors, and over gRPC.
 * @throws MillwrightError when a model cannot be served, or the port cannot be had
 * @example
 * const server = await startInference({ models: [{ name: "delay", version: "3", file: "models/arrival_delay/3/model.onnx" }] });
 * await fetch(`${server.url}/v2/models/delay/infer`, { method: "POST", body: JSON.stringify({ inputs }) });
 */
export async function startInference(options: InferenceOptions): Promise<InferenceServer> {
  const host = options.host ?? "127.0.0.1";
  const limits = limitsOf(options);
  let stopping = false;
  const metrics = serverMetrics(
    options.registry ?? new Registry(),
    () =>
      deployments
        .endpoints()
        .map(({ name, versions }) => [name, versions.reduce((sum, { deployment }) => sum + deployment.batcher.queuedRows, 0)] as const),
    options.latencyBounds,
  );
  const deployments: Deployments = createDeployments({
    limits,
    metrics,
    onPrediction(batch) {
      try {
        options.onPrediction?.(batch);
      } catch (error) {
        metrics.callbackFailed();
        process.emitWarning(
          `predictions of ${batch.endpoint} were not handed on: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    },
  });
  const ready = (): boolean => !stopping && deployments.all().every(({ runner }) => runner.alive() > 0);
  const observer = createObserver(metrics.registry, options.tracer ?? null);
  const inference = createInference(deployments, metrics, observer);
  const control = createModelControl(deployments, options.repository ?? null);
  const shared = {
    deployments,
    inference,
    control,
    metrics,
    ready,
    maxRequestBytes: options.maxRequestBytes ?? 16 * 2 ** 20,
    gate: options.gate ?? createGate({ keys: null, requestsPerSecond: null }),
    observer,
  };
  const handle = createHandler(shared);
  const unanswered = new Set<ServerResponse>();
  const transport = {
    tls: options.tls ?? null,
    maxConnections: options.maxConnections ?? 4096,
    maxHeaderBytes: options.maxHeaderBytes ?? 2 ** 14,
  };
  /** Clients keep connections, some without having asked anything on them: when the last answer has gone, they go. */
  const closeWhenAnswered = (): void => {
    if (stopping && unanswered.size === 0) server.closeAllConnections();
  };
  const server: Server = createTransport(transport, (request, response) => {
    unanswered.add(response);
    response.once("close", () => {
      unanswered.delete(response);
      closeWhenAnswered();
    });
    if (stopping) response.setHeader("connection", "close");
    return handle(request, response);
  });
  let port: number;
  let grpc: GrpcServer | null = null;
  try {
    await Promise.all(options.models.map(({ name, ...source }) => deployments.serve(name, [source])));
    if (options.grpcPort !== undefined) {
      const { startGrpc } = await import("./grpc/server.ts");
      grpc = await startGrpc({ ...shared, host, port: options.grpcPort, tls: transport.tls });
    }
    port = await listen(server, host, options.port ?? 0);
  } catch (error) {
    await grpc?.stop(0);
    await deployments.stop();
    throw error;
  }
  const address = host.includes(":") ? `[${host}]` : host;
  return {
    url: `${transport.tls === null ? "http" : "https"}://${address}:${port}`,
    port,
    grpc: grpc === null ? null : `${address}:${grpc.port}`,
    registry: metrics.registry,
    ready,
    models: () =>
      deployments
        .endpoints()
        .flatMap(({ name, versions }) =>
          versions.map(({ deployment: { version, sha256 }, percent }) => ({ name, version, sha256, percent })),
        ),
    deploy: ({ name, ...source }) => deployments.serve(name, [source]),
    serve: (name, versions) => deployments.serve(name, versions),
    isChosen: (name) => control.isChosen(name),
    async stop() {
      stopping = true;
      // A client that keeps its connection would hold the stop; it is told with its answer that there is no next one.
      for (const response of unanswered) if (!response.headersSent) response.setHeader("connection", "close");
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      closeWhenAnswered();
      const deadline = setTimeout(() => server.closeAllConnections(), stopDeadline);
      await Promise.all([closed, grpc?.stop(stopDeadline)]);
      clearTimeout(deadline);
      await deployments.stop();
    },
  };
}

function limitsOf({ workers, maxBatch, preferredBatches, maxDelayMicroseconds, maxQueueRows }: InferenceOptions): BatchLimits {
  return {
    workers: workers ?? Math.min(4, Math.max(1, availableParallelism() - 1)),
    maxBatch: maxBatch ?? 64,
    preferredBatches: preferredBatches ?? [],
    maxDelayMicroseconds: maxDelayMicroseconds ?? 0,
    maxQueueRows: maxQueueRows ?? 4096,
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      reject(
        new MillwrightError(
          {
            code: "port-unavailable",
            what: `the inference server cannot listen on ${host}:${port}: ${error.message}`,
            fix: "choose another port, or 0 for a free one",
          },
          { cause: error },
        ),
      );
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
