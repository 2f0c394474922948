import { Counter } from "prom-client";
import type { Registry } from "prom-client";
import type { Origin } from "../error.ts";
import { checkExposure } from "./exposure.ts";
import { createGate } from "./gate.ts";
import { keysFromFile, keysFromText } from "./keys.ts";
import { otlpSink } from "./otlp.ts";
import type { InferenceOptions } from "./server.ts";
import { openTls } from "./tls.ts";
import type { TlsFiles } from "./tls.ts";
import { createTracer } from "./trace.ts";

/** What stands between callers and models: plain data, with secrets by value. */
export interface EdgeSettings {
  readonly host: string;
  readonly port: number;
  /** null: no gRPC. */
  readonly grpcPort: number | null;
  readonly tls: TlsFiles | null;
  readonly keys: { readonly text: string } | { readonly file: string } | null;
  readonly requestsPerSecond: number | null;
  readonly burst: number | null;
  readonly maxConnections: number;
  readonly maxRequestBytes: number;
  readonly maxHeaderBytes: number;
  readonly maxQueueRows: number;
  readonly traces: { readonly url: string; readonly sample: number; readonly headers: Readonly<Record<string, string>> } | null;
}

export interface Edge {
  /** For `startInference`. */
  readonly options: Omit<InferenceOptions, "models">;
  /** Sends the last traces, and looks at files no longer; after the server has stopped. */
  stop(): Promise<void>;
}

/**
 * Reads certificates and keys, and makes what the server needs of them.
 * @param where the binding, for complaints
 * @param insecure other machines may be served without keys and TLS
 * @throws MillwrightError `exposed`, `bad-certificate`, `bad-keys`
 */
export function openEdge(
  settings: EdgeSettings,
  context: { readonly service: string; readonly registry: Registry; readonly insecure: boolean; readonly where?: Origin },
): Edge {
  const { host, port, requestsPerSecond, burst, traces, maxConnections, maxRequestBytes, maxHeaderBytes, maxQueueRows } = settings;
  const asked = settings.keys !== null || settings.tls?.clientCertificates !== undefined;
  checkExposure({ host, asked, encrypted: settings.tls !== null, insecure: context.insecure }, context.where);
  const tls = settings.tls === null ? null : openTls(settings.tls);
  const keys =
    settings.keys === null
      ? null
      : "file" in settings.keys
        ? keysFromFile(settings.keys.file)
        : keysFromText(settings.keys.text, "the option keys");
  const tracer =
    traces === null
      ? null
      : createTracer(otlpSink({ ...traces, service: context.service, dropped: droppedSpans(context.registry) }), traces.sample);
  return {
    options: {
      host,
      port,
      ...(settings.grpcPort === null ? {} : { grpcPort: settings.grpcPort }),
      registry: context.registry,
      maxConnections,
      maxRequestBytes,
      maxHeaderBytes,
      maxQueueRows,
      gate: createGate({ keys, requestsPerSecond, ...(burst === null ? {} : { burst }) }),
      ...(tls === null ? {} : { tls }),
      ...(tracer === null ? {} : { tracer }),
    },
    async stop() {
      tls?.stop();
      keys?.stop();
      await tracer?.stop();
    },
  };
}

function droppedSpans(registry: Registry): Counter<"reason"> {
  return new Counter({
    name: "millwright_trace_spans_dropped_total",
    help: "Spans that no collector got, by reason.",
    labelNames: ["reason"],
    registers: [registry],
  });
}
