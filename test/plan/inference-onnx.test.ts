import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { writeModel, type GraphNode, type OnnxModel } from "../../src/package/graph.ts";
import { modelOfFile } from "../../src/plan/inference/onnx.ts";

const main = new URL("../../src/cli/main.ts", import.meta.url).pathname;

type Attributes = Readonly<Record<string, number | readonly number[]>>;

/** The numbers by which ONNX says what kind of value an attribute holds. */
const kinds = { whole: 2, floats: 6, wholes: 7 } as const;

function node(opType: string, input: readonly string[], output: string, attributes: Attributes = {}, domain = ""): GraphNode {
  const attribute = Object.entries(attributes).map(([name, value]) =>
    typeof value === "number"
      ? { name, type: kinds.whole, i: value }
      : value.every(Number.isInteger)
        ? { name, type: kinds.wholes, ints: value }
        : { name, type: kinds.floats, floats: value },
  );
  return { name: output, opType, domain, input, output: [output], attribute };
}

function bytesOf(
  nodes: readonly GraphNode[],
  weights: Readonly<Record<string, readonly number[]>>,
  input: readonly (number | string)[],
): Uint8Array {
  const dim = input.map((length) => (typeof length === "number" ? { dimValue: length } : { dimParam: length }));
  const model: OnnxModel = {
    irVersion: 8,
    opsetImport: [{ domain: "", version: 17 }],
    metadataProps: [],
    graph: {
      name: "graph",
      node: nodes,
      initializer: Object.entries(weights).map(([name, dims]) => ({ name, dims, dataType: 1 })),
      sparseInitializer: [],
      input: [{ name: "x", type: { tensorType: { elemType: 1, shape: { dim } } } }],
      output: [],
      valueInfo: [],
    },
  };
  return writeModel(model);
}

const convolution = bytesOf(
  [
    node("Conv", ["x", "w"], "c", { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] }),
    node("Relu", ["c"], "r"),
    node("GlobalAveragePool", ["r"], "p"),
    node("Flatten", ["p"], "f", { axis: 1 }),
    node("Gemm", ["f", "v"], "y", { transB: 1 }),
  ],
  { w: [8, 3, 3, 3], v: [10, 8] },
  ["batch", 3, 32, 32],
);

test("a network's operations, parameters and activations are those counted by hand", () => {
  const model = modelOfFile(convolution, "net.onnx", undefined);
  // 8 x 16 x 16 numbers of 27 multiplications and additions each, as many again for Relu, 8 for the mean, 80 for the last layer.
  expect(model.gigaOperations * 1e9).toBeCloseTo(2 * 2048 * 27 + 2048 + 8 + 2 * 80, 6);
  expect(model.parameters * 1e9).toBeCloseTo(8 * 27 + 80, 6);
  expect(model.activations * 1e6).toBeCloseTo(2048 + 10, 6);
  expect(model.layers).toBe(4);
});

test("axes that have names take the length that is given, and are an error without it", () => {
  const bytes = bytesOf([node("MatMul", ["x", "w"], "y")], { w: [64, 128] }, ["batch", "tokens", 64]);
  expect(modelOfFile(bytes, "m.onnx", 10).gigaOperations * 1e9).toBeCloseTo(2 * 10 * 64 * 128, 6);
  expect(() => modelOfFile(bytes, "m.onnx", undefined)).toThrow("the shape of the first input of MatMul 'y' is not known");
});

test("a tree ensemble costs its levels, not its nodes", () => {
  const trees = Array.from({ length: 3 }, (_, tree) => Array.from({ length: 15 }, () => tree)).flat();
  const bytes = bytesOf([node("TreeEnsembleRegressor", ["x"], "y", { nodes_treeids: trees }, "ai.onnx.ml")], {}, ["batch", 5]);
  expect(modelOfFile(bytes, "t.onnx", undefined).gigaOperations * 1e9).toBeCloseTo(2 * 3 * 4, 6);
});

test("the command counts a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "millwright-plan-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "net.onnx");
  writeFileSync(file, convolution);
  const args = ["--model", file, "--accelerator", "T4", "--precision", "fp32", "--batch", "1", "--json"];
  const answer = JSON.parse(execFileSync(process.execPath, [main, "plan", "inference", ...args], { encoding: "utf8" }));
  // So small a network waits for its kernels to start.
  expect(answer).toMatchObject({ bound: "overhead", basis: "formula" });
});
