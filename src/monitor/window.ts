import { MillwrightError } from "../error.ts";
import type { PredictionBatch } from "../serve/prediction.ts";
import { numberOf } from "./values.ts";
import type { FeatureValues } from "./values.ts";

/** The newest rows of some features. */
export interface Window {
  /** @throws MillwrightError `drift-input` when the model has no such input, or more than one element a row */
  add(batch: PredictionBatch): void;
  /** In no particular order of rows. */
  columns(): Readonly<Record<string, FeatureValues>>;
  /** The probabilities of 1 of the same rows; null of a model that gives none. */
  scores(): Float64Array | null;
}

interface Ring {
  readonly name: string;
  /** Numbers as doubles, so that a window of numbers costs eight bytes a value; texts as they are. */
  numbers: Float64Array | null;
  texts: string[];
}

/** Keeps the newest `capacity` rows in rings, one per feature. */
export function createWindow(features: readonly string[], capacity: number): Window {
  const rings = features.map((name): Ring => ({ name, numbers: null, texts: [] }));
  let scores: Float64Array | null = null;
  let next = 0;
  let filled = 0;
  return {
    add(batch) {
      const skip = Math.max(0, batch.rows - capacity);
      for (const ring of rings) {
        const index = batch.signature.inputs.findIndex(({ name }) => name === ring.name);
        const data = batch.inputs[index];
        if (data === undefined || batch.signature.inputs[index]?.width !== 1) {
          throw new MillwrightError({
            code: "drift-input",
            what: `the endpoint ${batch.endpoint} has no input ${ring.name} of one value a row, which the training profile has`,
            fix: "watch a version with the profile of its own training",
          });
        }
        if (Array.isArray(data)) {
          for (let row = skip; row < batch.rows; row++) ring.texts[(next + row - skip) % capacity] = data[row] ?? "";
        } else {
          ring.numbers ??= new Float64Array(capacity);
          for (let row = skip; row < batch.rows; row++) ring.numbers[(next + row - skip) % capacity] = numberOf(data[row]);
        }
      }
      const found = scoresOf(batch);
      if (found !== null) {
        scores ??= new Float64Array(capacity).fill(Number.NaN);
        for (let row = skip; row < batch.rows; row++) scores[(next + row - skip) % capacity] = found(row);
      }
      const added = batch.rows - skip;
      next = (next + added) % capacity;
      filled = Math.min(capacity, filled + added);
    },
    columns: () => Object.fromEntries(rings.map((ring) => [ring.name, ring.numbers?.subarray(0, filled) ?? ring.texts.slice(0, filled)])),
    scores: () => scores?.subarray(0, filled) ?? null,
  };
}

/** The probability of 1 by row, of models as they are trained here: `probabilities`, two elements a row. */
function scoresOf({ signature, outputs }: PredictionBatch): ((row: number) => number) | null {
  const index = signature.outputs.findIndex(({ name, width }) => name === "probabilities" && width === 2);
  const data = outputs[index];
  return data === undefined ? null : (row) => numberOf(data[2 * row + 1]);
}
