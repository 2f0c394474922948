import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Fault } from "./fault.ts";

const latencyBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const batchBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/** A version with its part of the endpoint's requests. */
interface ServedVersion {
  readonly version: string;
  readonly sha256: string;
  /** 0 to 100. */
  readonly percent: number;
}

/** The inference server's metrics, in a registry that others may share. */
export interface ServerMetrics {
  readonly registry: Registry;
  /** An inference request was answered with 200. `model` is the endpoint. */
  succeeded(model: string, seconds: number): void;
  /** A request was refused; `model` is empty when it named none that is served, so that callers cannot make labels. */
  failed(model: string, fault: Fault): void;
  batch(model: string, rows: number, milliseconds: number): void;
  /** What an endpoint serves from now on; nothing when it is unloaded. */
  serves(endpoint: string, now: readonly ServedVersion[], before: readonly ServedVersion[]): void;
  callbackFailed(): void;
}

/** Statuses that an endpoint shows from its beginning, at 0: what Prometheus first sees at 1 has not grown for it. */
const shownCodes = ["200", "500", "503", "504"];

/**
 * @param queuedRows asked at each scrape: endpoint and rows that wait
 * @param latencyBounds seconds that answers may take, as somebody requires: histograms have a bucket for each, so that it can be told exactly
 */
export function serverMetrics(
  registry: Registry,
  queuedRows: () => Iterable<readonly [string, number]>,
  latencyBounds: readonly number[] = [],
): ServerMetrics {
  const registers = [registry];
  const requests = new Counter({
    name: "millwright_inference_requests_total",
    help: "Inference requests answered, by endpoint and status.",
    labelNames: ["endpoint", "code"],
    registers,
  });
  const failures = new Counter({
    name: "millwright_inference_failures_total",
    help: "Requests refused, by endpoint, status and reason.",
    labelNames: ["endpoint", "code", "reason"],
    registers,
  });
  const latency = new Histogram({
    name: "millwright_inference_request_seconds",
    help: "From the request's last byte to its answer.",
    labelNames: ["endpoint"],
    buckets: [...new Set([...latencyBuckets, ...latencyBounds])].toSorted((a, b) => a - b),
    registers,
  });
  const batchRows = new Histogram({
    name: "millwright_inference_batch_rows",
    help: "Rows that went to the model together.",
    labelNames: ["endpoint"],
    buckets: batchBuckets,
    registers,
  });
  const compute = new Counter({
    name: "millwright_inference_compute_seconds_total",
    help: "Time that the models took.",
    labelNames: ["endpoint"],
    registers,
  });
  const info = new Gauge({
    name: "millwright_inference_model_info",
    help: "1 for each version that is served.",
    labelNames: ["endpoint", "version", "sha256"],
    registers,
  });
  const share = new Gauge({
    name: "millwright_inference_version_percent",
    help: "Part of the endpoint's requests that a version answers, where the request names none.",
    labelNames: ["endpoint", "version"],
    registers,
  });
  const callback = new Counter({
    name: "millwright_inference_callback_failures_total",
    help: "Batches whose prediction callback threw: they are in no log.",
    registers,
  });
  new Gauge({
    name: "millwright_inference_queue_rows",
    help: "Rows that wait for a thread.",
    labelNames: ["endpoint"],
    registers,
    collect() {
      for (const [endpoint, rows] of queuedRows()) this.set({ endpoint }, rows);
    },
  });
  return {
    registry,
    succeeded(endpoint, seconds) {
      requests.inc({ endpoint, code: "200" });
      latency.observe({ endpoint }, seconds);
    },
    failed(endpoint, { status, reason }) {
      const code = String(status);
      requests.inc({ endpoint, code });
      failures.inc({ endpoint, code, reason });
    },
    batch(endpoint, rows, milliseconds) {
      batchRows.observe({ endpoint }, rows);
      compute.inc({ endpoint }, milliseconds / 1000);
    },
    serves(endpoint, now, before) {
      for (const { version, sha256 } of before) {
        info.remove({ endpoint, version, sha256 });
        share.remove({ endpoint, version });
      }
      for (const code of now.length === 0 ? [] : shownCodes) requests.inc({ endpoint, code }, 0);
      for (const { version, sha256, percent } of now) {
        info.set({ endpoint, version, sha256 }, 1);
        share.set({ endpoint, version }, percent);
      }
    },
    callbackFailed: () => callback.inc(),
  };
}
