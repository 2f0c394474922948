import { MillwrightError } from "../../error.ts";
import { isStandard, readModel, type GraphNode, type OnnxGraph } from "../../package/graph.ts";
import type { InferenceModel } from "../catalogue/inference-models.ts";
import { elements, shapesOf, wholeNumbers, type Shapes } from "./shapes.ts";

/**
 * A model as its ONNX file describes it, its operations counted for one sample: two for each multiplication with its addition in Conv,
 * MatMul, Gemm, LSTM and GRU, one for each number that another operator writes, two for each level of a tree.
 *
 * @param length of axes that the file names instead of numbering (tokens, most often); the first axis is the batch
 * @throws MillwrightError `onnx-shapes` where a shape is not known that the count needs; those of `readModel`
 */
export function modelOfFile(bytes: Uint8Array, where: string, length: number | undefined): InferenceModel {
  const { graph } = readModel(bytes, where, countedOpsets);
  const shapes = shapesOf(graph, length);
  const kernels = graph.node.filter(({ opType }) => !free.has(opType));
  const operations = kernels.reduce((sum, node) => sum + operationsOf(node, shapes, where), 0);
  // The passes over the memory's bus are per number that a product writes: src/plan/inference/samples.ts.
  const products = kernels.filter(({ opType }) => heavy.has(opType));
  const writing = products.length > 0 ? products : kernels;
  const written = writing.reduce((sum, { output }) => sum + elements(shapes.of(output[0] ?? "") ?? [0]), 0);
  const parameters = parametersOf(graph);
  return {
    name: where,
    also: [],
    kind: "network",
    gigaOperations: operations / 1e9,
    parameters,
    active: parameters,
    activations: written / 1e6,
    layers: kernels.length,
    hidden: 0,
    keyValue: 0,
    source: `counted from ${where}`,
  };
}

/** Shapes follow from the same rules in all versions; what newer ones add is counted by what it writes. */
const countedOpsets = { from: 1, to: Number.POSITIVE_INFINITY } as const;

/** Operators that move nothing when they run. */
const free = new Set("Constant Identity Shape Reshape Flatten Squeeze Unsqueeze Dropout Cast ConstantOfShape".split(" "));

/** Billions: numbers of the tensors that are kept, and of the trees. */
function parametersOf(graph: OnnxGraph): number {
  const kept = graph.initializer.reduce((sum, { dims }) => sum + elements(dims.map(Number)), 0);
  const inNodes = graph.node.flatMap(({ attribute }) => attribute).reduce((sum, { floats }) => sum + (floats?.length ?? 0), 0);
  return (kept + inNodes) / 1e9;
}

function operationsOf(node: GraphNode, shapes: Shapes, where: string): number {
  if (node.domain === "ai.onnx.ml") return ofTrees(node);
  // What other makers' operators do is theirs: only what they write is counted.
  const [input, weights, recurrent] = node.input.map((name) => shapes.of(name));
  const output = shapes.of(node.output[0] ?? "");
  const needed = isStandard(node.domain) && heavy.has(node.opType);
  if (!needed) return output === undefined ? 0 : elements(output);
  const unknown = (what: string) =>
    new MillwrightError({
      code: "onnx-shapes",
      what: `the shape of ${what} of ${node.opType} '${node.name || (node.output[0] ?? "")}' is not known, so its operations cannot be counted`,
      where,
      fix: "give --sequence where axes have names, or run onnx.shape_inference.infer_shapes on the file",
    });
  if (weights === undefined) throw unknown("the second input");
  switch (node.opType) {
    case "Conv":
      if (output === undefined) throw unknown("the output");
      return 2 * elements(output) * elements(weights.slice(1));
    case "ConvTranspose":
      if (input === undefined) throw unknown("the first input");
      return 2 * elements(input) * elements(weights.slice(1));
    case "LSTM":
    case "GRU":
      if (input === undefined || recurrent === undefined) throw unknown("an input");
      return 2 * (input[0] ?? 1) * (elements(weights) + elements(recurrent));
    case "Gemm":
      return 2 * elements(weights);
    default:
      if (input === undefined) throw unknown("the first input");
      return 2 * elements(input) * (weights.at(-1) ?? 1);
  }
}

const heavy = new Set(["Conv", "ConvTranspose", "MatMul", "Gemm", "LSTM", "GRU"]);

/** A tree is as deep as its nodes fill; what is no tree reads its coefficients once. */
function ofTrees(node: GraphNode): number {
  const ids = wholeNumbers(node, "nodes_treeids");
  const trees = new Set(ids).size;
  if (trees > 0) return 2 * trees * Math.max(1, Math.log2(ids.length / trees + 1));
  return 2 * node.attribute.reduce((most, { floats }) => Math.max(most, floats?.length ?? 0), 1);
}
