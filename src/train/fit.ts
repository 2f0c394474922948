import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MillwrightError } from "../error.ts";
import type { WorkerTask } from "./boosted-trees.ts";
import { evaluate } from "./evaluate.ts";
import { growTrees, hasBothLabels, predictTrees, refuseOneLabel, type Grown, type Rows } from "./lightgbm/booster.ts";
import { lightgbmVersion, loadLightGBM, type LightGBM } from "./lightgbm/library.ts";
import { parseTrees } from "./lightgbm/trees.ts";
import { exportClassifier } from "./onnx/export.ts";
import { modelInput } from "./onnx/inputs.ts";
import { largestDifference } from "./onnx/parity.ts";
import { fitPreparation, prepare, widthOf, type PreparedFeature } from "./preparation.ts";
import { profileFeatures, profileNumbers } from "./profile.ts";
import type { Fitted } from "./trainer.ts";

/** The largest difference of probability that the ONNX file may have from the trainer's own prediction. */
export const parityLimit = 1e-5;

/** Thrown by the caller's `afterTree` to end the training early. */
export class Cancelled extends Error {}

/**
 * Prepares, grows, exports, and compares the export with the trainer's own prediction on every test row.
 * Early stopping judges by the newest share of the training rows; the final trees are then grown on all of them.
 * Holds up its thread.
 *
 * @throws MillwrightError `one-label`, `onnx-parity`, `openmp-missing`.
 */
export async function fitBoostedTrees(task: WorkerTask, afterTree: (done: number, total: number) => void): Promise<Fitted> {
  const { node, data, parameters, directory } = task;
  const threads = usefulThreads(task);
  const library = await loadLightGBM(task.library);
  refuseOneLabel(data.labels.subarray(0, data.trainingRows), node);
  const early = parameters.earlyStopping > 0;
  const start = early ? validationStart(data.times, data.trainingRows, parameters.validationFraction) : data.trainingRows;
  const validationFrom = hasBothLabels(data.labels.subarray(0, start)) ? start : data.trainingRows; // nothing to learn from before it: no early stopping
  let total = parameters.trees * (early && parameters.refit ? 2 : 1);
  let before = 0;
  const stage = (rows: number, validate: boolean, trees: number): Grown & { preparation: PreparedFeature[] } => {
    const preparation = fitPreparation(node, data.features, data.labels, rows);
    const rowsOf = (from: number, to: number): Rows => ({
      matrix: prepare(preparation, data.features, from, to),
      labels: data.labels.slice(from, to),
      columns: preparation.reduce((sum, feature) => sum + widthOf(feature), 0),
    });
    const grown = growTrees({
      library,
      parameters: { ...parameters, trees },
      threads,
      training: rowsOf(0, rows),
      validation: validate ? rowsOf(rows, data.trainingRows) : null,
      afterTree: (done) => afterTree(before + done, total),
    });
    return { ...grown, preparation };
  };
  const first = stage(validationFrom, validationFrom < data.trainingRows, parameters.trees);
  before = first.validationLoss.length;
  total = before + first.trees;
  const final = first.validationLoss.length > 0 && parameters.refit ? stage(data.trainingRows, false, first.trees) : first;
  const own = predict(library, final, data, threads);
  const onnx = exportClassifier(node.name, final.preparation, parseTrees(final.text), task.metadata);
  const { maximumDifference, probabilities } = await compareWithOnnx(onnx, own, task);
  await Promise.all([writeFile(join(directory, "model.onnx"), onnx), writeFile(join(directory, "model.lightgbm.txt"), final.text)]);
  return {
    files: ["model.onnx", "model.lightgbm.txt"],
    trainer: `lightgbm ${lightgbmVersion}`,
    parameters: { ...parameters },
    inputs: final.preparation.map(({ name, type }) => modelInput(name, type)),
    preparation: final.preparation,
    metrics: {
      ...evaluate(data.labels.subarray(data.trainingRows), own, data.slices, data.trainingRows),
      trees: final.trees,
      validationLoss: first.validationLoss,
      history:
        first.validationLoss.length === 0 ? {} : { validationLoss: first.validationLoss.map((value, tree) => ({ step: tree + 1, value })) },
      parity: { rows: own.length, maximumDifference },
    },
    environment: null,
    log: null,
    profile: { ...profileFeatures(data.features, data.trainingRows), predictions: profileNumbers(Float64Array.from(probabilities)) },
  };
}

function predict(
  library: LightGBM,
  { text, preparation }: Grown & { preparation: PreparedFeature[] },
  data: WorkerTask["data"],
  threads: number,
): Float64Array<ArrayBuffer> {
  const matrix = prepare(preparation, data.features, data.trainingRows, data.rows);
  return predictTrees(library, text, { matrix, columns: matrix.length / (data.rows - data.trainingRows) }, threads);
}

async function compareWithOnnx(onnx: Uint8Array, own: Float64Array, { data, node }: WorkerTask): ReturnType<typeof largestDifference> {
  const parity = await largestDifference(onnx, data, own);
  const { maximumDifference, row } = parity;
  if (maximumDifference <= parityLimit) return parity;
  throw new MillwrightError({
    code: "onnx-parity",
    what: `the ONNX file of model '${node.name}' differs by ${maximumDifference} from LightGBM's own prediction in test row ${row + 1}, more than ${parityLimit}`,
    where: node.origin,
    fix: "report it as a defect, with this model's definition; nothing was registered",
  });
}

/** Threads wait for each other at every leaf: on few values that costs more than it gains. */
function usefulThreads({ data, threads }: WorkerTask): number {
  return Math.max(1, Math.min(threads, Math.floor((data.trainingRows * data.features.length) / 500_000)));
}

/** Where the newest share of the training rows begins; rows of one time are not parted. Equals `rows` where that leaves no rows to train on. */
function validationStart(times: Float64Array, rows: number, fraction: number): number {
  let start = Math.floor(rows * (1 - fraction));
  while (start > 0 && times[start - 1] === times[start]) start--;
  return start === 0 ? rows : start;
}
