import type { TrainingData } from "../columns.ts";
import { onnxPredictor } from "./predict.ts";

/** How far an ONNX file's probabilities lie from the trainer's own. */
export interface Parity {
  /** Infinite where one of the two is no number. */
  readonly maximumDifference: number;
  /** The test row, from 0, in which it is so large. */
  readonly row: number;
}

/** Where two lists of probabilities differ most. */
function worstOf(a: ArrayLike<number>, b: ArrayLike<number>): Parity {
  let worst: Parity = { maximumDifference: 0, row: 0 };
  for (let row = 0; row < a.length; row++) {
    const found = Math.abs((a[row] ?? Number.NaN) - (b[row] ?? Number.NaN));
    const difference = Number.isNaN(found) ? Number.POSITIVE_INFINITY : found;
    if (difference > worst.maximumDifference) worst = { maximumDifference: difference, row };
  }
  return worst;
}

/** The largest difference of two models' probabilities; infinite where one of them is not a number. */
export function maximumDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return worstOf(a, b).maximumDifference;
}

/** Asks an ONNX file of ours for every test row, from raw values, and compares; gives its probabilities, too. Holds up its thread. */
export async function largestDifference(
  onnx: Uint8Array,
  data: TrainingData,
  own: Float64Array,
): Promise<Parity & { readonly probabilities: Float32Array }> {
  const predictor = await onnxPredictor(onnx);
  try {
    const probabilities = await predictor.predict(data.features, data.trainingRows, data.rows);
    return { ...worstOf(own, probabilities), probabilities };
  } finally {
    await predictor.close();
  }
}
