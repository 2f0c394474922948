import { randomBytes } from "node:crypto";
import { clock } from "./call.ts";
import type { Call } from "./call.ts";
import type { Fault } from "./fault.ts";

/** A span as it is exported; times are of `clock`. */
export interface Span {
  readonly trace: string;
  readonly id: string;
  /** Empty for the first span of a trace. */
  readonly parent: string;
  /** Of another vendor, handed on as it came. */
  readonly state: string;
  readonly name: string;
  readonly kind: "server" | "internal";
  readonly began: number;
  readonly ended: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** What went wrong, where the fault is the server's. */
  readonly error: string | null;
}

/** Where spans go; it never waits. */
export interface SpanSink {
  add(span: Span): void;
  /** Sends what is left, for a few seconds at most. */
  stop(): Promise<void>;
}

/** What is said of a request when it ends. */
export interface TraceEnd {
  readonly endpoint: string;
  readonly version: string;
  readonly protocol: "http" | "grpc";
  readonly id: string;
  readonly rows: number;
  readonly fault: Fault | null;
}

/** The trace of one request. */
export interface RequestTrace {
  /** For the caller: which span of which trace answered it (W3C Trace Context, `traceresponse`). */
  readonly traceresponse: string;
  end(call: Call, end: TraceEnd): void;
}

export interface Tracer {
  /** The caller's trace goes on where it has one; null when this request is not traced. */
  begin(traceparent: string | undefined, tracestate: string | undefined): RequestTrace | null;
  stop(): Promise<void>;
}

interface Parent {
  readonly trace: string;
  readonly span: string;
  readonly sampled: boolean;
}

/** W3C Trace Context: version, trace, span, flags, in lower-case hexadecimal; what is not so is ignored, as it asks. */
export function parseTraceparent(text: string | undefined): Parent | null {
  const [, version, trace = "", span = "", flags = "", rest = ""] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(text ?? "") ?? [];
  if (version === undefined || version === "ff" || (version === "00" && rest !== "")) return null;
  if (/^0+$/.test(trace) || /^0+$/.test(span)) return null;
  return { trace, span, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/**
 * Makes spans of requests: the request itself, its wait in the queue, and its batch's computation. A caller that traces decides for
 * its requests; of the others `sample` are traced.
 * @param sample between 0 and 1
 */
export function createTracer(sink: SpanSink, sample: number): Tracer {
  const newId = (bytes: number): string => randomBytes(bytes).toString("hex");
  return {
    begin(traceparent, tracestate) {
      const parent = parseTraceparent(traceparent);
      if (parent === null ? Math.random() >= sample : !parent.sampled) return null;
      const trace = parent?.trace ?? newId(16);
      const span = newId(8);
      const state = parent === null ? "" : (tracestate ?? "").slice(0, 512);
      return {
        traceresponse: `00-${trace}-${span}-01`,
        end(call, end) {
          const ended = clock();
          const child = (name: string, began: number, until: number, attributes: Span["attributes"]): void =>
            sink.add({ trace, id: newId(8), parent: span, state, name, kind: "internal", began, ended: until, attributes, error: null });
          sink.add({
            trace,
            id: span,
            parent: parent?.span ?? "",
            state,
            name: `infer ${end.endpoint}`,
            kind: "server",
            began: call.began,
            ended,
            attributes: attributesOf(end),
            error: end.fault !== null && end.fault.status >= 500 ? end.fault.message : null,
          });
          const { submitted, progress } = call;
          if (submitted === null) return;
          if (progress === null) return child("queue", submitted, ended, {});
          child("queue", submitted, progress.dispatched, {});
          const attributes = { "millwright.batch.rows": progress.batchRows };
          child("compute", progress.dispatched, progress.dispatched + progress.computeMilliseconds, attributes);
        },
      };
    },
    stop: () => sink.stop(),
  };
}

function attributesOf({ endpoint, version, protocol, id, rows, fault }: TraceEnd): Span["attributes"] {
  return {
    "millwright.endpoint": endpoint,
    "millwright.model.version": version,
    "millwright.request.id": id,
    "millwright.rows": rows,
    ...(protocol === "http"
      ? { "http.request.method": "POST", "http.route": "/v2/models/{name}/infer", "http.response.status_code": fault?.status ?? 200 }
      : { "rpc.system": "grpc", "rpc.service": "inference.GRPCInferenceService", "rpc.method": "ModelInfer" }),
    ...(fault === null ? {} : { "error.type": fault.reason }),
  };
}
