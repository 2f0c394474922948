import type { TrainingColumn } from "../train/columns.ts";
import { feedsOf } from "../train/onnx/feeds.ts";

/** How long one thread of ONNX Runtime takes for a request, in milliseconds: the median of the rounds. */
export interface Latency {
  /** Rows of a request to its median. */
  readonly [rows: string]: number;
}

const sizes = [1, 64] as const;
const rounds = 31;

/**
 * Measures models in turns, so that what else the machine does falls on all alike.
 *
 * @param from - Requests are made of the rows from here on; there is at least one.
 */
export async function latencies(
  models: readonly Uint8Array[],
  columns: readonly TrainingColumn[],
  from: number,
  rows: number,
): Promise<readonly Latency[]> {
  const { InferenceSession } = await import("onnxruntime-node");
  const sessions = [];
  try {
    for (const model of models)
      sessions.push(await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4 }));
    const results: Record<string, number>[] = models.map(() => ({}));
    for (const size of sizes.filter((wanted) => wanted <= rows)) {
      const feeds = await feedsOf(columns, from, from + size);
      const times: number[][] = models.map(() => []);
      for (let round = 0; round < rounds; round++) {
        for (const [index, session] of sessions.entries()) {
          const began = performance.now();
          await session.run(feeds);
          times[index]?.push(performance.now() - began);
        }
      }
      for (const [index, list] of times.entries()) {
        const sorted = list.toSorted((a, b) => a - b);
        const result = results[index];
        if (result !== undefined) result[String(size)] = Number((sorted[Math.floor(rounds / 2)] ?? Number.NaN).toFixed(4));
      }
    }
    return results;
  } finally {
    for (const session of sessions) await session.release();
  }
}
