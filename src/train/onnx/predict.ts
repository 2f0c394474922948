import type { TrainingColumn } from "../columns.ts";
import { feedsOf } from "./feeds.ts";

/** Rows given to the runtime at once: bounds the memory that its inner tensors take. */
const batch = 8192;

/** An ONNX file made ready for prediction in one thread, as a server would run it. */
export interface OnnxPredictor {
  /** The probabilities of the positive label for rows `[from, to)` of raw columns. */
  predict(columns: readonly TrainingColumn[], from: number, to: number): Promise<Float32Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** Loads an ONNX file of ours. Prediction holds up its thread. */
export async function onnxPredictor(model: Uint8Array): Promise<OnnxPredictor> {
  const { InferenceSession } = await import("onnxruntime-node");
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  return {
    async predict(columns, from, to) {
      const result = new Float32Array(to - from);
      for (let start = from; start < to; start += batch) {
        const end = Math.min(start + batch, to);
        const { probabilities } = await session.run(await feedsOf(columns, start, end), ["probabilities"]);
        if (probabilities === undefined || !(probabilities.data instanceof Float32Array))
          throw new Error("the ONNX model gave no probabilities");
        for (let row = start; row < end; row++) result[row - from] = probabilities.data[2 * (row - start) + 1] ?? Number.NaN;
      }
      return result;
    },
    close: () => session.release(),
  };
}
