import { Worker } from "node:worker_threads";
import { MillwrightError } from "../error.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./message.ts";
import { openNear } from "./near.ts";
import type { Near } from "./near.ts";
import type { Signature } from "./signature.ts";

/** A batch on its way to a worker: the inputs laid out by `tensorsOf`. */
export interface Job {
  readonly rows: number;
  readonly buffer: ArrayBuffer;
  readonly strings: readonly string[][];
}

/** `failed`: the model could not evaluate the batch; `lost`: the thread ended under it. */
export type Outcome = Extract<FromWorker, { kind: "done" | "failed" }> | { readonly kind: "lost" };

/** The threads that run one version of one model; each takes one batch at a time. What is quicker than the way to a thread runs in this one. */
export interface Runner {
  readonly signature: Signature;
  /** Whether a thread is free. */
  idle(): boolean;
  /** Runs the batch; only while `idle()`. */
  run(job: Job): Promise<Outcome>;
  /** Threads that can take batches, busy or not. */
  alive(): number;
  /** Ends the threads after the batches that they have; at once after five seconds. */
  stop(): Promise<void>;
  /** Ends the threads at once; unless `stop` was called they are replaced, as if they had died. */
  kill(): void;
}

interface Slot {
  readonly worker: Worker;
  finish: ((outcome: Outcome) => void) | null;
  readonly exited: Promise<void>;
}

type Loaded = Extract<FromWorker, { kind: "ready" }>;

const restartDelay = 200;
const stopDeadline = 5000;

/**
 * Starts `workers` threads with the model in each. A thread that dies is replaced; the batch that it had fails.
 * `onFree` is called whenever a thread becomes free.
 * @throws MillwrightError `model-refused` when the model cannot be loaded or served
 */
export async function startRunner(options: {
  readonly name: string;
  readonly model: Uint8Array<ArrayBuffer>;
  readonly workers: number;
  readonly onFree: () => void;
}): Promise<Runner> {
  const slots = new Set<Slot>();
  let stopping = false;

  async function start(): Promise<Loaded> {
    const { slot, loaded } = await startSlot(options.model, options.name);
    slots.add(slot);
    if (stopping) end(slot.worker);
    void slot.exited.then(() => {
      slots.delete(slot);
      slot.finish?.({ kind: "lost" });
      if (!stopping) void restart();
    });
    return loaded;
  }

  async function restart(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, restartDelay));
    if (stopping) return;
    try {
      await start();
      options.onFree();
    } catch (error) {
      process.emitWarning(
        `a worker thread of ${options.name} could not be replaced, trying again: ${error instanceof Error ? error.message : String(error)}`,
      );
      void restart();
    }
  }

  async function stop(): Promise<void> {
    stopping = true;
    const exits = [...slots].map((slot) => slot.exited);
    for (const { worker } of slots) end(worker);
    const deadline = setTimeout(() => kill(), stopDeadline);
    await Promise.all(exits);
    clearTimeout(deadline);
    const opened = near;
    near = null;
    await opened?.release();
  }

  function kill(): void {
    for (const { worker } of slots) void worker.terminate();
  }

  let near: Near | null = null;
  let isNear = false;
  const signatures = await Promise.allSettled(Array.from({ length: options.workers }, start));
  const refused = signatures.find((result) => result.status === "rejected");
  const loaded = signatures.find((result) => result.status === "fulfilled");
  if (refused !== undefined || loaded === undefined) {
    await stop();
    throw refused?.reason;
  }
  near = await openNear(options.model, loaded.value.milliseconds);

  const free = (): Slot | undefined => [...slots].find((slot) => slot.finish === null);
  return {
    signature: loaded.value.signature,
    idle: () => !isNear && free() !== undefined,
    alive: () => slots.size,
    run(job) {
      const slot = free();
      if (slot === undefined) return Promise.resolve({ kind: "lost" });
      const learn = (outcome: Outcome): void => {
        if (outcome.kind === "done") near?.learn(job.rows, outcome.milliseconds);
      };
      if (near?.suits(job.rows) === true) {
        isNear = true;
        return near.run(job).then((outcome) => {
          isNear = false;
          learn(outcome);
          options.onFree();
          return outcome;
        });
      }
      return new Promise((resolve) => {
        slot.finish = (outcome) => {
          slot.finish = null;
          learn(outcome);
          resolve(outcome);
          options.onFree();
        };
        slot.worker.postMessage({ kind: "run", rows: job.rows, buffer: job.buffer, strings: job.strings } satisfies ToWorker, [job.buffer]);
      });
    },
    stop,
    kill,
  };
}

/** Ends a thread after the batch that it has. */
function end(worker: Worker): void {
  worker.postMessage({ kind: "stop" } satisfies ToWorker);
}

/** The script of the worker, `.ts` in development and `.js` in the package. */
function workerUrl(): URL {
  return new URL(`./worker${import.meta.url.slice(import.meta.url.lastIndexOf("."))}`, import.meta.url);
}

async function startSlot(model: Uint8Array<ArrayBuffer>, name: string): Promise<{ readonly slot: Slot; readonly loaded: Loaded }> {
  const worker = new Worker(workerUrl(), { workerData: { model } satisfies WorkerStart, name: `inference ${name}` });
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const slot: Slot = { worker, finish: null, exited };
  const loaded = await new Promise<Loaded>((resolve, reject) => {
    const refuse = (why: string): void =>
      reject(
        new MillwrightError({
          code: "model-refused",
          what: `the model of ${name} cannot be served: ${why}`,
          fix: "give an ONNX file whose inputs and outputs have a free first dimension, the rows",
        }),
      );
    worker.on("message", (message: FromWorker) => {
      if (message.kind === "ready") resolve(message);
      else if (message.kind === "refused") refuse(message.reason);
      else slot.finish?.(message);
    });
    worker.once("error", (error) => {
      process.emitWarning(`a worker thread of ${name} failed: ${error.message}`);
      refuse(error.message);
    });
    worker.once("exit", () => refuse("its worker thread ended"));
  });
  return { slot, loaded };
}
