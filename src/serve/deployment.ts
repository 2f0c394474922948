import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { MillwrightError } from "../error.ts";
import { Batcher } from "./batch.ts";
import type { ServerMetrics } from "./metrics.ts";
import type { PredictionBatch } from "./prediction.ts";
import { startRunner } from "./runner.ts";
import type { Runner } from "./runner.ts";
import type { Signature } from "./signature.ts";
import { emptyStatistics, measureBatch } from "./statistics.ts";
import type { VersionStatistics } from "./statistics.ts";

/** A model to serve. */
export interface ModelSource {
  /** The endpoint's name, as requests have it: `/v2/models/<name>/infer`. */
  readonly name: string;
  readonly version: string;
  /** The ONNX file; it is read whole when it is deployed. */
  readonly file: string;
  /** SHA-256 of the file in hexadecimal, as the registry has it; a file that differs is refused. */
  readonly sha256?: string;
}

/** How the rows of a model are gathered and run. */
export interface BatchLimits {
  readonly workers: number;
  readonly maxBatch: number;
  readonly preferredBatches: readonly number[];
  readonly maxDelayMicroseconds: number;
  readonly maxQueueRows: number;
}

/** One version that is loaded. */
export interface Deployment {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly limits: BatchLimits;
  readonly signature: Signature;
  readonly statistics: VersionStatistics;
  readonly batcher: Batcher;
  readonly runner: Runner;
}

/**
 * Loads a model in its own threads, beside whatever is served.
 * @throws MillwrightError `model-unreadable`, `model-hash` or `model-refused`
 */
export async function load(
  source: ModelSource,
  limits: BatchLimits,
  metrics: ServerMetrics,
  onPrediction: (batch: PredictionBatch) => void,
): Promise<Deployment> {
  const { name, version, file } = source;
  const model = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new MillwrightError(
      { code: "model-unreadable", what: `the model of ${name} cannot be read: ${error.message}`, where: file },
      { cause: error },
    );
  });
  const sha256 = createHash("sha256").update(model).digest("hex");
  if (source.sha256 !== undefined && source.sha256 !== sha256) {
    throw new MillwrightError({
      code: "model-hash",
      what: `the model of ${name}, version ${version}, has the SHA-256 ${sha256}; it was registered with ${source.sha256}`,
      where: file,
      fix: "register the file again, or restore the one that was registered",
    });
  }
  const statistics = emptyStatistics();
  const runner = await startRunner({ name, model: new Uint8Array(model), workers: limits.workers, onFree: () => batcher.advance() });
  const batcher: Batcher = new Batcher({
    runner,
    ...limits,
    onBatch(batch) {
      const time = Date.now();
      measureBatch(statistics, { ...batch, requests: batch.requests.length, time });
      metrics.batch(name, batch.rows, batch.times.infer);
      onPrediction({
        endpoint: name,
        version,
        signature: runner.signature,
        time,
        rows: batch.rows,
        requests: batch.requests,
        inputs: batch.inputs,
        outputs: batch.outputs,
      });
    },
  });
  return { name, version, sha256, limits, signature: runner.signature, statistics, batcher, runner };
}

const drainDeadline = 10_000;

/** Answers what the version still has, for at most ten seconds, then ends its threads. */
export async function retire({ batcher, runner }: Deployment): Promise<void> {
  const deadline = new AbortController();
  await Promise.race([batcher.drain(), setTimeout(drainDeadline, null, { signal: deadline.signal }).catch(() => undefined)]);
  deadline.abort();
  batcher.close();
  await runner.stop();
}
