import type { TrainingColumn } from "../columns.ts";
import { missingNumber } from "../preparation.ts";
import { modelInput } from "./inputs.ts";

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
  const { InferenceSession, Tensor } = await import("onnxruntime-node");
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  return {
    async predict(columns, from, to) {
      const result = new Float32Array(to - from);
      for (let start = from; start < to; start += batch) {
        const end = Math.min(start + batch, to);
        const feeds = Object.fromEntries(
          columns.map((column) => {
            const values = rawValues(column, start, end);
            const shape = [end - start, 1];
            if (Array.isArray(values)) return [column.name, new Tensor("string", values, shape)];
            if (values instanceof BigInt64Array) return [column.name, new Tensor("int64", values, shape)];
            if (values instanceof Uint8Array) return [column.name, new Tensor("bool", values, shape)];
            return [column.name, new Tensor("float64", values, shape)];
          }),
        );
        const { probabilities } = await session.run(feeds, ["probabilities"]);
        if (probabilities === undefined || !(probabilities.data instanceof Float32Array))
          throw new Error("the ONNX model gave no probabilities");
        for (let row = start; row < end; row++) result[row - from] = probabilities.data[2 * (row - start) + 1] ?? Number.NaN;
      }
      return result;
    },
    close: () => session.release(),
  };
}

function rawValues(column: TrainingColumn, from: number, to: number): string[] | BigInt64Array | Uint8Array | Float64Array {
  if (column.kind === "text") return Array.from(column.codes.subarray(from, to), (code) => column.dictionary[code] ?? "");
  if (column.kind === "boolean") return column.values.slice(from, to);
  const values = column.values.slice(from, to);
  if (modelInput(column.name, column.type).datatype !== "INT64") return values;
  return BigInt64Array.from(values, (value) => BigInt(Number.isNaN(value) ? missingNumber : value));
}
