import { execute } from "./execute.ts";
import type { FromWorker, RunMessage } from "./message.ts";
import { openSession } from "./session.ts";

/**
 * Runs small batches in the thread that reads the requests, where the model takes less time than the way to another thread and back costs:
 * for 100 trees and one row at a time that halves the processor time of a request.
 */
export interface Near {
  /** Whether batches of so many rows have been so quick lately. */
  suits(rows: number): boolean;
  /** Told of each batch that ran anywhere. */
  learn(rows: number, milliseconds: number): void;
  run(job: Omit<RunMessage, "kind">): Promise<Extract<FromWorker, { kind: "done" | "failed" }>>;
  release(): Promise<void>;
}

/** Milliseconds. Measured: a batch's way to a thread and back takes some 0.1 ms of processor time. */
const worthAThread = 0.1;
/** One batch that the system interrupted must not count for hundreds. */
const mostCounted = 4 * worthAThread;
const weight = 0.1;
/** Opening a model blocks the thread: a large one is left to the others. */
const mostBytes = 4 * 2 ** 20;

/**
 * @param milliseconds that the model took for two rows
 * @returns null for a model that is too slow, or too large
 */
export async function openNear(model: Uint8Array, milliseconds: number): Promise<Near | null> {
  if (milliseconds >= mostCounted || model.byteLength > mostBytes) return null;
  const session = await openSession(model);
  /** By the power of two of the rows. */
  const times: number[] = [];
  const sizeOf = (rows: number): number => 31 - Math.clz32(rows);
  let last: Promise<unknown> = Promise.resolve();
  return {
    suits: (rows) => (times[sizeOf(rows)] ?? Infinity) < worthAThread,
    learn(rows, taken) {
      const size = sizeOf(rows);
      const counted = Math.min(taken, mostCounted);
      const before = times[size] ?? counted;
      times[size] = before + weight * (counted - before);
    },
    run(job) {
      const result = execute(session, job);
      last = result;
      return result;
    },
    async release() {
      await last;
      await session.release();
    },
  };
}
