import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ModelNode, PackagingNode } from "../define/node.ts";
import type { TrainingData } from "../train/columns.ts";
import type { Fitted } from "../train/trainer.ts";
import { maximumDifference } from "../train/onnx/parity.ts";
import { profileNumbers } from "../train/profile.ts";
import { figureChanges, judge, lostTooMuch, type Judged } from "./judge.ts";
import { latencies } from "./latency.ts";
import { optimise, runtimeName } from "./optimise.ts";
import type { PackagingOutcome, PackagingStep } from "./outcome.ts";
import { onnxPackages } from "./packages.ts";
import { quantisableOperators, quantise } from "./quantise.ts";

/** The largest change of a probability that optimising may bring: it reorders sums of floats, no more. */
export const optimiseLimit = 1e-5;

export interface PackRequest {
  readonly node: ModelNode;
  /** The folder with the trained files. */
  readonly directory: string;
  /** Reads training and test rows again: a trainer takes them over. */
  readonly read: () => Promise<TrainingData>;
  readonly signal: AbortSignal;
}

export interface Packed<F> {
  /** With the served file's own figures, and one file more where it is not the trained one. */
  readonly fitted: F;
  /** Null where the model asks for no packaging. */
  readonly packaging: PackagingOutcome | null;
}

/**
 * Makes a trained model's file ready to be served as its definition asks: optimised, then quantised; each step's result is measured on the test rows
 * and taken only within its bound. The file that is served is `model.onnx` afterwards; where that is not the trained one any more,
 * the trained one is kept as `model.trained.onnx`. The gate is to judge the figures that come back: they are those of the file that is served.
 *
 * @throws MillwrightError `package-program`, `python-requirements`, `no-python` from quantising.
 */
export async function packTrained<F extends Fitted>(fitted: F, { node, directory, read, signal }: PackRequest): Promise<Packed<F>> {
  const { packaging } = node;
  if (packaging === null || (!packaging.optimise && packaging.quantise === null)) return { fitted, packaging: null };
  const file = join(directory, "model.onnx");
  const data = await read();
  const trained = await judge(new Uint8Array(await readFile(file)), data);
  const steps: PackagingStep[] = [];
  let served = trained;
  const work: readonly (() => Promise<Tried>)[] = [
    ...(packaging.optimise ? [() => tryOptimise(served, node, data)] : []),
    ...(packaging.quantise === null ? [] : [quantiseWith(packaging.quantise)]),
  ];
  function quantiseWith(wanted: NonNullable<PackagingNode["quantise"]>): () => Promise<Tried> {
    return () => tryQuantise(served, wanted, { node, data, signal });
  }
  for (const attempt of work) {
    signal.throwIfAborted();
    const { step, result } = await attempt();
    steps.push(step);
    if (step.accepted && result !== null) served = result;
  }
  const names = steps.filter(({ accepted }) => accepted).map(({ step }) => (step === "optimise" ? "optimised" : "quantised"));
  const outcome: PackagingOutcome = { served: names.length === 2 ? "optimised and quantised" : (names[0] ?? "trained"), steps };
  if (served === trained) return { fitted, packaging: outcome };
  await rename(file, join(directory, "model.trained.onnx"));
  await writeFile(file, served.model);
  return {
    fitted: {
      ...fitted,
      files: [...fitted.files, "model.trained.onnx"],
      metrics: { ...fitted.metrics, ...served.metrics },
      profile: { ...fitted.profile, predictions: profileNumbers(served.probabilities) },
    },
    packaging: outcome,
  };
}

interface Tried {
  readonly step: PackagingStep;
  /** Null where there is nothing new. */
  readonly result: Judged | null;
}

async function tryOptimise(before: Judged, node: ModelNode, data: TrainingData): Promise<Tried> {
  const by = await runtimeName();
  const { model, reason: what } = await optimise(before.model, `model '${node.name}'`);
  if (model === null) return { step: { step: "optimise", by, accepted: false, reason: what, measured: null }, result: null };
  const after = await judge(model, data);
  const measured = await measure(before, after, node, {}, data);
  const accepted = measured.maximumDifference <= optimiseLimit;
  const reason = `${what}; no test row's probability ${accepted ? "moves" : "may move"} by more than ${optimiseLimit}${accepted ? "" : `, and one moves by ${measured.maximumDifference}`}`;
  return { step: { step: "optimise", by, accepted, reason, measured }, result: after };
}

async function tryQuantise(
  before: Judged,
  { ranges, calibrationRows, maximumLoss }: NonNullable<PackagingNode["quantise"]>,
  { node, data, signal }: { readonly node: ModelNode; readonly data: TrainingData; readonly signal: AbortSignal },
): Promise<Tried> {
  const by = `${onnxPackages[0]?.replace("==", " ") ?? "onnxruntime"}, int8, ${ranges} ranges`;
  if (quantisableOperators(before.model, `model '${node.name}'`) === 0) {
    const reason = "the model has no MatMul, Gemm or Conv, which is what is quantised (trees have none): nothing was changed";
    return { step: { step: "quantise", by, accepted: false, reason, measured: null }, result: null };
  }
  const { trainingRows } = data;
  const calibration =
    ranges === "dynamic" ? null : { columns: data.features, from: Math.max(0, trainingRows - calibrationRows), to: trainingRows };
  const after = await judge(await quantise({ model: before.model, calibration, where: node.origin, signal }), data);
  const measured = await measure(before, after, node, maximumLoss, data);
  const { bytes } = measured;
  const grown = bytes.after >= bytes.before ? `the file would not be smaller: ${bytes.before} bytes, ${bytes.after} then` : null;
  const lost = lostTooMuch(measured.figures) ?? grown;
  const reason = lost ?? `within the stated loss on ${measured.testRows} test rows`;
  return { step: { step: "quantise", by, accepted: lost === null, reason, measured }, result: after };
}

async function measure(
  before: Judged,
  after: Judged,
  node: ModelNode,
  maximumLoss: Readonly<Record<string, number>>,
  data: TrainingData,
): Promise<NonNullable<PackagingStep["measured"]>> {
  const testRows = data.rows - data.trainingRows;
  const [first = {}, second = {}] = await latencies([before.model, after.model], data.features, data.trainingRows, testRows);
  return {
    bytes: { before: before.model.length, after: after.model.length },
    latency: { before: first, after: second },
    figures: figureChanges(Object.keys(node.accept), before.metrics, after.metrics, maximumLoss),
    maximumDifference: maximumDifference(before.probabilities, after.probabilities),
    testRows,
  };
}
