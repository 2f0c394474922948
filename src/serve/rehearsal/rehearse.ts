import { availableParallelism, cpus } from "node:os";
import { Worker } from "node:worker_threads";
import type { ModelVersion } from "../../registry/version.ts";
import type { FeatureProfile } from "../../train/profile.ts";
import { readModelFile } from "../../registry/files.ts";
import { requestBodies } from "./bodies.ts";

/** How a version answers on this machine, through the server and HTTP, from a client in another thread. Times are seconds. */
export interface Rehearsal {
  readonly processor: string;
  readonly cores: number;
  /** Of one request of one row after the other. */
  readonly requests: number;
  readonly p50: number;
  readonly p99: number;
  /** Requests of one row that were under way at once when the rate was measured. */
  readonly connections: number;
  /** Requests a second. */
  readonly rate: number;
  /** Of this process without the client, for a request; what else the process does meanwhile counts too. */
  readonly processorSeconds: number;
}

/** What the client's thread is asked for, one after the other. */
export interface RehearsalPhase {
  readonly connections: number;
  readonly requests: number;
  readonly seconds: number;
}

export interface RehearsalTask {
  readonly url: string;
  readonly endpoint: string;
  readonly bodies: readonly string[];
  readonly phases: readonly RehearsalPhase[];
}

/** What a phase came to: latencies in milliseconds, rising; processor time of the client's own thread. */
export interface PhaseResult {
  readonly latencies: Float64Array;
  readonly seconds: number;
  readonly clientSeconds: number;
}

/** What must be known of a version. */
export type Rehearsed = Pick<ModelVersion, "model" | "version" | "directory" | "files"> & {
  readonly description: Pick<ModelVersion["description"], "inputs" | "imported">;
};

const warming: RehearsalPhase = { connections: 1, requests: 200, seconds: 0.15 };
const alone: RehearsalPhase = { connections: 1, requests: 1000, seconds: 0.35 };
const together: RehearsalPhase = { connections: 16, requests: 20_000, seconds: 0.3 };
/** Milliseconds: whatever the machine does, it ends. */
const patience = 30_000;

/**
 * Asks a served version for predictions of rows that look like its training rows, for about a second: `plan` reckons with what comes out. Null for
 * a model of another registry, whose inputs nobody here has a profile of.
 *
 * @throws Error when a request fails, or it takes longer than half a minute
 */
export async function rehearse(url: string, endpoint: string, version: Rehearsed): Promise<Rehearsal | null> {
  const { inputs, imported } = version.description;
  if (imported != null || version.files["profile.json"] === undefined) return null;
  const profile: FeatureProfile = JSON.parse((await readModelFile(version, "profile.json")).toString("utf8"));
  const task: RehearsalTask = { url, endpoint, bodies: requestBodies(inputs, profile), phases: [warming, alone, together] };
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const worker = new Worker(new URL(`./client.${extension}`, import.meta.url), { workerData: task, name: "rehearsal" });
  const timer = setTimeout(() => void worker.terminate(), patience);
  const marks: number[] = [];
  const results: PhaseResult[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on("message", (message: PhaseResult | "begins") => {
        if (message === "begins") marks.push(ownSeconds());
        else {
          results.push(message);
          marks.push(ownSeconds());
        }
        if (results.length === task.phases.length) resolve();
      });
      worker.once("error", reject);
      worker.once("exit", () => reject(new Error("the client ended before it was done")));
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
  const [, one, many] = results;
  const [before = 0, after = 0] = marks.slice(-2);
  if (one === undefined || many === undefined) throw new Error("the client measured nothing");
  const used = Math.max(0, after - before - many.clientSeconds);
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    requests: one.latencies.length,
    p50: rounded(quantile(one.latencies, 0.5) / 1000),
    p99: rounded(quantile(one.latencies, 0.99) / 1000),
    connections: together.connections,
    rate: rounded(many.latencies.length / many.seconds),
    processorSeconds: rounded(used / many.latencies.length),
  };
}

function ownSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** The least value that this share of the values does not exceed. */
function quantile(rising: Float64Array, share: number): number {
  return rising[Math.max(0, Math.ceil(share * rising.length) - 1)] ?? Number.NaN;
}

/** A measurement has no more than four digits to say. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
