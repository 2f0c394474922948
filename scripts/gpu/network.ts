import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openRegistry } from "../../src/registry/registry.ts";
import type { ModelVersion } from "../../src/registry/version.ts";
import { evaluate } from "../../src/train/evaluate.ts";
import { buildGraph } from "../../src/train/onnx/build.ts";
import { addPreparation, classifierInputs, classifierOutputs, finishClassifier } from "../../src/train/onnx/export.ts";
import { modelInput } from "../../src/train/onnx/inputs.ts";
import { encodeModel } from "../../src/train/onnx/proto.ts";
import type { PreparedFeature } from "../../src/train/preparation.ts";
import { profileFeatures } from "../../src/train/profile.ts";

const columns = 32;
const hidden = 512;
const rows = 2000;

/** A registered network of two layers with drawn weights: enough to compare runtimes with, and nothing to learn. */
export function drawnNetwork(directory: string): ModelVersion {
  const random = draws(11);
  const features = Array.from({ length: columns }, (_, index): PreparedFeature => ({
    name: `x${index}`,
    type: "double",
    fitted: { method: "zscore", mean: 0.5, standardDeviation: 0.3 },
  }));
  const inputs = classifierInputs(features);
  const graph = buildGraph([...inputs, ...classifierOutputs].map(({ name }) => name));
  const weights = (count: number, scale: number): number[] => Array.from({ length: count }, () => (random() - 0.5) * scale);
  const one = graph.add("MatMul", [
    addPreparation(graph, features),
    graph.constant("float", weights(columns * hidden, 0.5), [columns, hidden]),
  ]);
  const two = graph.add("MatMul", [graph.add("Relu", [one]), graph.constant("float", weights(hidden, 0.2), [hidden, 1])]);
  finishClassifier(graph, graph.add("Sigmoid", [two]), null);
  const model = encodeModel(
    graph.finish({ name: "drawn", description: "drawn weights", inputs, outputs: classifierOutputs, metadata: {} }),
  );
  const values = features.map(
    ({ name }) => ({ kind: "number", name, type: "double", values: Float64Array.from({ length: rows }, random) }) as const,
  );
  writeFileSync(join(directory, "model.onnx"), model);
  writeFileSync(join(directory, "profile.json"), JSON.stringify(profileFeatures(values, rows)));
  const period = { from: "2026-01-01T00:00:00.000Z", to: "2026-02-01T00:00:00.000Z", rows };
  const metrics = evaluate(Float32Array.from([0, 1]), Float64Array.from([0.4, 0.6]), [], 0);
  const registry = openRegistry(join(directory, "models"));
  try {
    return registry.register({
      directory,
      files: ["model.onnx", "profile.json"],
      description: {
        model: "drawn",
        target: "none",
        trainer: "nothing: drawn weights",
        parameters: {},
        inputs: features.map(({ name, type }) => modelInput(name, type)),
        preparation: features,
        periods: { training: period, test: period },
        leftOut: { withoutLabel: 0, withoutTime: 0 },
        metrics: { ...metrics, trees: null, parity: { rows: 0, maximumDifference: 0 } },
        gate: { accepted: true, criteria: [] },
      },
      provenance: { inputs: {}, definitionHash: "", codeHash: "", run: "gpu-check", environment: "local", seconds: null },
    }).version;
  } finally {
    registry.close();
  }
}

function draws(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}
