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
  /** Of one row each, one after the other, in all rounds. */
  readonly requests: number;
  /** Of the best round, as all figures: what else the machine does only ever adds. */
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
  /** It ends after so many requests, or so long; a few are asked in any case. */
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
const alone: RehearsalPhase = { connections: 1, requests: 250, seconds: 0.1 };
const together: RehearsalPhase = { connections: 16, requests: 10_000, seconds: 0.1 };
const rounds = { alone: 5, together: 3 } as const;
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
  const task: RehearsalTask = {
    url,
    endpoint,
    bodies: requestBodies(inputs, profile),
    phases: [warming, ...Array.from({ length: rounds.alone }, () => alone), ...Array.from({ length: rounds.together }, () => together)],
  };
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const worker = new Worker(new URL(`./client.${extension}`, import.meta.url), { workerData: task, name: "rehearsal" });
  const timer = setTimeout(() => void worker.terminate(), patience);
  let began = 0;
  const results: (PhaseResult & { readonly processorSeconds: number })[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on("message", (message: PhaseResult | "begins") => {
        if (message === "begins") began = ownSeconds();
        else results.push({ ...message, processorSeconds: Math.max(0, ownSeconds() - began - message.clientSeconds) });
        if (results.length === task.phases.length) resolve();
      });
      worker.once("error", reject);
      worker.once("exit", () => reject(new Error("the client ended before it was done")));
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
  const [single, many] = [results.slice(1, 1 + rounds.alone), results.slice(1 + rounds.alone)];
  const least = (values: readonly number[]) => rounded(Math.min(...values));
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    requests: single.reduce((sum, { latencies }) => sum + latencies.length, 0),
    p50: least(single.map(({ latencies }) => quantile(latencies, 0.5) / 1000)),
    p99: least(single.map(({ latencies }) => quantile(latencies, 0.99) / 1000)),
    connections: together.connections,
    rate: rounded(Math.max(...many.map(({ latencies, seconds }) => latencies.length / seconds))),
    processorSeconds: least(many.map(({ latencies, processorSeconds }) => processorSeconds / latencies.length)),
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
