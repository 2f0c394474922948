import { Counter, Histogram } from "prom-client";
import type { Registry } from "prom-client";
import type { Call } from "./call.ts";
import type { Fault } from "./fault.ts";
import type { RequestTrace, Tracer } from "./trace.ts";

const queueBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** What is known of an inference request by its end. */
export interface Observed {
  readonly endpoint: string;
  readonly version: string;
  readonly id: string;
  readonly rows: number;
}

/** Looks at inference requests as they come and end, for the metrics and the traces; both protocols call it. */
export interface Observer {
  /** For `call.trace`, from the headers or metadata of the same names; null when the request is not traced. */
  begin(traceparent: string | undefined, tracestate: string | undefined): RequestTrace | null;
  /** Call once when it has been answered, or refused with `fault`. */
  end(call: Call, observed: Observed, fault: Fault | null): void;
}

/** @param tracer null: nothing is traced */
export function createObserver(registry: Registry, tracer: Tracer | null): Observer {
  const registers = [registry];
  const requests = new Counter({
    name: "millwright_inference_version_requests_total",
    help: "Inference requests that reached a version, by endpoint, version and HTTP status.",
    labelNames: ["endpoint", "version", "code"],
    registers,
  });
  const queue = new Histogram({
    name: "millwright_inference_queue_seconds",
    help: "From the request's last byte to its batch.",
    labelNames: ["endpoint", "version"],
    buckets: queueBuckets,
    registers,
  });
  const misses = new Counter({
    name: "millwright_inference_deadline_misses_total",
    help: "Requests whose deadline passed before their answer.",
    labelNames: ["endpoint", "version"],
    registers,
  });
  const cancelled = new Counter({
    name: "millwright_inference_cancelled_total",
    help: "Requests whose caller went away before the answer.",
    labelNames: ["endpoint", "version"],
    registers,
  });
  return {
    begin: (traceparent, tracestate) => tracer?.begin(traceparent, tracestate) ?? null,
    end(call, observed, fault) {
      const { endpoint, version } = observed;
      const { submitted, progress, trace, protocol } = call;
      requests.inc({ endpoint, version, code: fault === null ? "200" : String(fault.status) });
      if (submitted !== null && progress !== null)
        queue.observe({ endpoint, version }, Math.max(0, progress.dispatched - submitted) / 1000);
      const counter = fault?.reason === "deadline" ? misses : fault?.reason === "cancelled" ? cancelled : null;
      counter?.inc({ endpoint, version });
      trace?.end(call, { ...observed, protocol, fault });
    },
  };
}
