import type { TrainingData } from "../columns.ts";
import { onnxPredictor } from "./predict.ts";

/** How far an ONNX file's probabilities lie from the trainer's own. */
export interface Parity {
  /** Infinite where one of the two is no number. */
  readonly maximumDifference: number;
  /** The test row, from 0, in which it is so large. */
  readonly row: number;
}

/** Asks an ONNX file of ours for every test row, from raw values, and compares. Holds up its thread. */
export async function largestDifference(onnx: Uint8Array, data: TrainingData, own: Float64Array): Promise<Parity> {
  const predictor = await onnxPredictor(onnx);
  const exported = await predictor.predict(data.features, data.trainingRows, data.rows);
  await predictor.close();
  let worst: Parity = { maximumDifference: 0, row: 0 };
  for (const [row, probability] of own.entries()) {
    const found = Math.abs(probability - (exported[row] ?? Number.NaN));
    const difference = Number.isNaN(found) ? Number.POSITIVE_INFINITY : found;
    if (difference > worst.maximumDifference) worst = { maximumDifference: difference, row };
  }
  return worst;
}
