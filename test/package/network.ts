import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ModelNode } from "../../src/define/node.ts";
import type { Registration } from "../../src/registry/registry.ts";
import { connect, openDuckDB } from "../../src/systems/duckdb/connection.ts";
import { acceptModel } from "../../src/train/accept.ts";
import type { TrainingData } from "../../src/train/columns.ts";
import { evaluate } from "../../src/train/evaluate.ts";
import { buildGraph } from "../../src/train/onnx/build.ts";
import { addPreparation, classifierInputs, classifierOutputs, finishClassifier } from "../../src/train/onnx/export.ts";
import { modelInput } from "../../src/train/onnx/inputs.ts";
import { onnxPredictor } from "../../src/train/onnx/predict.ts";
import { encodeModel } from "../../src/train/onnx/proto.ts";
import { fitPreparation, prepare, type PreparedFeature } from "../../src/train/preparation.ts";
import { profileFeatures } from "../../src/train/profile.ts";
import { readTrainingData } from "../../src/train/read.ts";
import type { Fitted } from "../../src/train/trainer.ts";
import { examplesQuery, modelNode } from "../train/model-node.ts";

/** A small network's definition: numbers scaled, texts one-hot; nothing of it is ever missing. */
export function networkNode(parts: Partial<ModelNode> = {}): ModelNode {
  return modelNode({
    features: ["a", "b", "d", "city", "member"],
    prepare: { a: "zscore", b: "zscore", d: "minmax", city: "onehot" },
    accept: { auc: { atLeast: 0.6 } },
    ...parts,
  });
}

/** Examples without missing numbers, with the draws behind them. */
const query = `SELECT happened, coalesce(amount, 0) AS a, coalesce(month, 6)::DOUBLE AS b, ln(population) AS d, city, member, label FROM (${examplesQuery(6000)})`;

/** Its rows as a trainer gets them; read anew on each call. */
export async function networkData(node: ModelNode): Promise<TrainingData> {
  const instance = await openDuckDB();
  const connection = await connect(instance);
  try {
    return await readTrainingData(connection, query, node);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/**
 * A network of one hidden layer as a trainer would leave it: `model.onnx` in a folder, with our preparation before two matrix products. Its hidden layer is drawn
 * at random and its last one learnt, which is quick and the same every time.
 */
export async function trainedNetwork(
  root: string,
  node: ModelNode,
  hidden = 256,
): Promise<{ readonly fitted: Fitted; readonly directory: string }> {
  const directory = mkdtempSync(join(root, "network-"));
  const data = await networkData(node);
  const features = fitPreparation(node, data.features, data.labels, data.trainingRows);
  const matrix = prepare(features, data.features, 0, data.trainingRows);
  const width = matrix.length / data.trainingRows;
  const random = draws(7);
  const first = Float32Array.from({ length: width * hidden }, () => (random() - 0.5) * 2);
  const last = learn(matrix, width, hidden, first, data.labels);
  const model = network(node.name, features, [width, hidden], first, last);
  writeFileSync(join(directory, "model.onnx"), model);
  const predictor = await onnxPredictor(model);
  const probabilities = Float64Array.from(await predictor.predict(data.features, data.trainingRows, data.rows));
  await predictor.close();
  const fitted: Fitted = {
    files: ["model.onnx"],
    trainer: "a network of the tests",
    parameters: { hidden },
    inputs: features.map(({ name, type }) => modelInput(name, type)),
    preparation: features,
    metrics: {
      ...evaluate(data.labels.subarray(data.trainingRows), probabilities, data.slices, data.trainingRows),
      trees: null,
      validationLoss: [],
      history: {},
      parity: { rows: probabilities.length, maximumDifference: 0 },
    },
    environment: null,
    log: null,
    profile: profileFeatures(data.features, data.trainingRows),
  };
  writeFileSync(join(directory, "profile.json"), JSON.stringify(fitted.profile));
  writeFileSync(join(directory, "model.json"), JSON.stringify({ split: node.split }));
  return { fitted: { ...fitted, files: ["model.onnx", "profile.json", "model.json"] }, directory };
}

/** What registers a trained model, with what a run would say of it. */
export function registrationOf(node: ModelNode, fitted: Fitted, directory: string): Registration {
  const period = { from: "2024-01-01T00:00:00.000Z", to: "2024-03-20T00:00:00.000Z", rows: 4800 };
  const { trainer, parameters, inputs, preparation, metrics } = fitted;
  return {
    directory,
    files: fitted.files,
    description: {
      model: node.name,
      target: node.target,
      trainer,
      parameters,
      inputs,
      preparation,
      metrics,
      periods: { training: period, test: period },
      leftOut: { withoutLabel: 0, withoutTime: 0 },
      gate: acceptModel(node, metrics),
    },
    provenance: { inputs: { examples: "17" }, definitionHash: "d1", codeHash: "c1", run: "run-1", environment: "local", seconds: 1 },
  };
}

function network(
  name: string,
  features: readonly PreparedFeature[],
  [width, hidden]: readonly [number, number],
  first: Float32Array,
  last: Float32Array,
): Uint8Array {
  const inputs = classifierInputs(features);
  const graph = buildGraph([...inputs, ...classifierOutputs].map((value) => value.name));
  const matrix = addPreparation(graph, features);
  const one = graph.add("MatMul", [matrix, graph.constant("float", [...first], [width, hidden])]);
  const two = graph.add("MatMul", [graph.add("Relu", [one]), graph.constant("float", [...last.subarray(0, hidden)], [hidden, 1])]);
  const sum = graph.add("Add", [two, graph.constant("float", [last[hidden] ?? 0])]);
  finishClassifier(graph, graph.add("Sigmoid", [sum]), null);
  return encodeModel(graph.finish({ name, description: name, inputs, outputs: classifierOutputs, metadata: { made: "by a test" } }));
}

/** Logistic regression on the hidden layer, by stochastic gradient descent; the last element is the constant. */
function learn(matrix: Float32Array, width: number, hidden: number, first: Float32Array, labels: Float32Array): Float32Array {
  const weights = new Float32Array(hidden + 1);
  const units = new Float32Array(hidden + 1).fill(1);
  const rows = matrix.length / width;
  for (let step = 0; step < 2 * rows; step++) {
    const row = (step * 7919) % rows;
    for (let unit = 0; unit < hidden; unit++) {
      let sum = 0;
      for (let column = 0; column < width; column++) {
        const value = matrix[row * width + column] ?? 0;
        if (value !== 0) sum += value * (first[column * hidden + unit] ?? 0);
      }
      units[unit] = Math.max(0, sum);
    }
    const score = weights.reduce((sum, weight, unit) => sum + weight * (units[unit] ?? 0), 0);
    const error = (labels[row] ?? 0) - 1 / (1 + Math.exp(-score));
    for (let unit = 0; unit <= hidden; unit++) weights[unit] = (weights[unit] ?? 0) + 0.003 * error * (units[unit] ?? 0);
  }
  return weights;
}

function draws(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}
