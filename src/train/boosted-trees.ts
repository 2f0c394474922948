import { Worker } from "node:worker_threads";
import { MillwrightError, type Problem } from "../error.ts";
import { transferables, type TrainingData } from "./columns.ts";
import { lightgbmFile } from "./lightgbm/library.ts";
import { boostedTreesParameters, type BoostedTreesParameters } from "./lightgbm/parameters.ts";
import type { Fitted, Trainer, TrainRequest } from "./trainer.ts";

/** What the worker thread is started with. */
export interface WorkerTask {
  readonly node: TrainRequest["node"];
  readonly data: TrainingData;
  readonly directory: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly threads: number;
  readonly parameters: BoostedTreesParameters;
  readonly library: string;
  /** One 32-bit number; not 0 once the training is to end. */
  readonly cancel: SharedArrayBuffer;
}

/** What the worker thread says. */
export type WorkerMessage =
  | { readonly kind: "progress"; readonly done: number; readonly total: number }
  | { readonly kind: "done"; readonly fitted: Fitted }
  | { readonly kind: "cancelled" }
  | { readonly kind: "failed"; readonly problem: Problem | null; readonly stack: string };

/** Gradient-boosted trees by LightGBM's C library, in a worker thread so that this one never waits for it. */
export const boostedTreesTrainer: Trainer = { train };

async function train({ node, data, directory, metadata, threads, progress, signal }: TrainRequest): Promise<Fitted> {
  signal.throwIfAborted();
  const parameters = boostedTreesParameters(node);
  const library = await lightgbmFile();
  const cancel = new SharedArrayBuffer(4);
  const task: WorkerTask = { node, data, directory, metadata, threads, parameters, library, cancel };
  const abort = (): void => {
    Atomics.store(new Int32Array(cancel), 0, 1); // the worker looks at it after every tree; to stop a thread inside native code would be unsafe
  };
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  process.env["OMP_WAIT_POLICY"] ??= "passive"; // threads that wait by spinning double the time on a machine with other work; read when the library is loaded
  const worker = new Worker(new URL(`./boosted-trees-worker.${extension}`, import.meta.url), {
    workerData: task,
    transferList: transferables(data),
  });
  try {
    return await new Promise<Fitted>((resolve, reject) => {
      worker.on("message", (message: WorkerMessage) => {
        if (message.kind === "progress") progress.report({ done: message.done, total: message.total, unit: "trees" });
        else if (message.kind === "done") resolve(message.fitted);
        else if (message.kind === "cancelled") reject(signal.reason);
        else reject(message.problem === null ? new Error(`training failed: ${message.stack}`) : new MillwrightError(message.problem));
      });
      worker.on("error", reject);
      worker.on("exit", (code) => reject(new Error(`the training thread ended with ${code} before it had a result`)));
    });
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
