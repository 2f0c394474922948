import { parentPort, workerData } from "node:worker_threads";
import { MillwrightError } from "../error.ts";
import type { WorkerMessage, WorkerTask } from "./boosted-trees.ts";
import { Cancelled, fitBoostedTrees } from "./fit.ts";

/** The thread that trains: one task, one result, then it ends. */
const port = parentPort;
if (port === null) throw new Error("this file runs in a worker thread only");
const say = (message: WorkerMessage): void => port.postMessage(message);
const task = workerData as WorkerTask;
const cancel = new Int32Array(task.cancel);

try {
  const fitted = await fitBoostedTrees(task, (done, total) => {
    if (Atomics.load(cancel, 0) !== 0) throw new Cancelled();
    say({ kind: "progress", done, total });
  });
  say({ kind: "done", fitted });
} catch (error) {
  if (error instanceof Cancelled) say({ kind: "cancelled" });
  else if (error instanceof MillwrightError) say({ kind: "failed", problem: error.problem, stack: "" });
  else say({ kind: "failed", problem: null, stack: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
