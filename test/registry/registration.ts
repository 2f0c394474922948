import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Registration } from "../../src/registry/registry.ts";
import { acceptModel } from "../../src/train/accept.ts";
import { evaluate } from "../../src/train/evaluate.ts";
import { modelNode } from "../train/model-node.ts";

/** A trained model for tests, whose content follows from `weights` and whose AUC is 0.75. */
export function registration(
  root: string,
  weights: string,
  options: { readonly wanted?: number; readonly run?: string; readonly approval?: "required" } = {},
): Registration {
  const directory = mkdtempSync(join(root, "trained-"));
  writeFileSync(join(directory, "model.onnx"), weights);
  writeFileSync(join(directory, "metrics.json"), "{}");
  const carrier = { kind: "text", name: "carrier", type: "text", dictionary: ["UA", ""], codes: Int32Array.from([0, 1, 0, 1]) } as const;
  const metrics = evaluate(Float32Array.from([0, 0, 1, 1]), Float64Array.from([0.1, 0.6, 0.4, 0.9]), [carrier], 0);
  const period = { from: "2024-01-01T00:00:00.000Z", to: "2024-02-01T00:00:00.000Z", rows: 4 };
  return {
    directory,
    files: ["model.onnx", "metrics.json"],
    description: {
      model: "outcome",
      target: "late",
      trainer: "lightgbm 4.7.0",
      parameters: { trees: 3, refit: true },
      inputs: [{ name: "carrier", type: "text", datatype: "BYTES" }],
      preparation: [
        { name: "carrier", type: "text", fitted: { method: "ordinal", categories: ["UA", ""], codes: [0, 1], unknown: 0.5 } },
        { name: "distance", type: "double", fitted: { method: "zscore", mean: 812.25, standardDeviation: 3.5 } },
      ],
      periods: { training: period, test: period },
      leftOut: { withoutLabel: 7, withoutTime: 0 },
      metrics: { ...metrics, trees: 3, parity: { rows: 4, maximumDifference: 1.5e-7 } },
      gate: acceptModel(modelNode({ accept: { auc: { atLeast: options.wanted ?? 0.7 } } }), metrics),
      approval: options.approval ?? null,
    },
    provenance: {
      inputs: { delay_features: "8954597067493422955" },
      definitionHash: "d1",
      codeHash: "c1",
      run: options.run ?? "run-1",
      environment: "local",
      seconds: 1.5,
    },
  };
}
