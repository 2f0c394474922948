import type { GraphNode, OnnxGraph } from "../../package/graph.ts";

/** Lengths of a tensor's axes. */
export type Dimensions = readonly number[];

/** What is known of a graph's tensors: their shapes, and the whole numbers of those that give shapes to others. */
export interface Shapes {
  readonly of: (name: string) => Dimensions | undefined;
}

/** The size of a tensor. */
export function elements(dimensions: Dimensions): number {
  return dimensions.reduce((product, length) => product * length, 1);
}

/** A node's attribute of whole numbers. */
export function wholeNumbers(node: GraphNode, name: string): readonly number[] {
  return (node.attribute.find((attribute) => attribute.name === name)?.ints ?? []).map(Number);
}

function wholeNumber(node: GraphNode, name: string, otherwise: number): number {
  const value = node.attribute.find((attribute) => attribute.name === name)?.i;
  return value === undefined ? otherwise : Number(value);
}

/**
 * The shapes of a graph's tensors for one sample: as declared and as follows from the operators that change them in a simple way.
 *
 * @param length of axes that are named instead of numbered, other than the first (which is the batch); undefined leaves them unknown
 */
export function shapesOf(graph: OnnxGraph, length: number | undefined): Shapes {
  const known = new Map<string, Dimensions>();
  const contents = new Map<string, readonly number[]>();
  for (const { name, dims, rawData, int64Data } of graph.initializer) {
    known.set(name, dims.map(Number));
    if (dims.length === 1) contents.set(name, int64Data !== undefined && int64Data.length > 0 ? int64Data.map(Number) : longs(rawData));
  }
  for (const { name, type } of [...graph.input, ...graph.valueInfo, ...graph.output]) {
    const dims = type?.tensorType?.shape?.dim;
    if (known.has(name) || dims === undefined) continue;
    const lengths = dims.map(({ dimValue }, axis) => (Number(dimValue ?? 0) > 0 ? Number(dimValue) : axis === 0 ? 1 : length));
    const complete = lengths.filter((value) => value !== undefined);
    if (complete.length === dims.length) known.set(name, complete);
  }
  for (const node of graph.node) {
    const [output = ""] = node.output;
    if (known.has(output)) continue;
    const shape = outputShape(
      node,
      (name) => known.get(name),
      (name) => contents.get(name),
    );
    if (shape?.every((value) => value > 0)) known.set(output, shape);
  }
  return { of: (name) => known.get(name) };
}

/** 64-bit whole numbers from their bytes. */
function longs(bytes: Uint8Array | undefined): readonly number[] {
  if (bytes === undefined || bytes.length === 0 || bytes.length % 8 !== 0) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 8 }, (_, index) => Number(view.getBigInt64(index * 8, true)));
}

const alike = new Set(
  "Relu LeakyRelu PRelu Sigmoid Tanh Erf Gelu Softmax LogSoftmax Clip HardSwish HardSigmoid Elu BatchNormalization LayerNormalization InstanceNormalization LRN Identity Cast Dropout Exp Log Sqrt Neg Abs Not Normalizer Scaler QuantizeLinear DequantizeLinear".split(
    " ",
  ),
);
const broadcasting = new Set("Add Sub Mul Div Pow Where Max Min Equal Greater Less And Or Sum".split(" "));

/** The shape of a node's first output, where the operator is one that we know. */
function outputShape(
  node: GraphNode,
  shape: (name: string) => Dimensions | undefined,
  content: (name: string) => readonly number[] | undefined,
): Dimensions | undefined {
  const inputs = node.input.filter((name) => name !== "").map(shape);
  const [first, second] = inputs;
  if (first === undefined) return undefined;
  if (alike.has(node.opType)) return first;
  if (broadcasting.has(node.opType)) return inputs.reduce<Dimensions | undefined>(broadcast, []);
  switch (node.opType) {
    case "Conv":
      return second && [first[0] ?? 1, second[0] ?? 0, ...windows(node, first.slice(2), second.slice(2))];
    case "MaxPool":
    case "AveragePool":
      return [...first.slice(0, 2), ...windows(node, first.slice(2), wholeNumbers(node, "kernel_shape"))];
    case "GlobalAveragePool":
    case "GlobalMaxPool":
      return [...first.slice(0, 2), ...first.slice(2).map(() => 1)];
    case "Gemm":
      return second && [first[wholeNumber(node, "transA", 0)] ?? 1, second[1 - wholeNumber(node, "transB", 0)] ?? 0];
    case "MatMul":
      return second && [...(broadcast(first.slice(0, -2), second.slice(0, -2)) ?? []), first.at(-2) ?? 1, second.at(-1) ?? 1];
    case "Flatten":
      return [elements(first.slice(0, wholeNumber(node, "axis", 1))), elements(first.slice(wholeNumber(node, "axis", 1)))];
    case "Transpose":
      return wholeNumbers(node, "perm").map((axis) => first[axis] ?? 0);
    case "Concat": {
      const axis = wholeNumber(node, "axis", 0);
      const lengths = inputs.map((dims) => dims?.at(axis) ?? Number.NaN);
      return first.with(
        axis,
        lengths.reduce((sum, value) => sum + value, 0),
      );
    }
    case "Gather":
      return second && first.toSpliced(wholeNumber(node, "axis", 0), 1, ...second);
    case "ConstantOfShape":
      return content(node.input[0] ?? "");
    case "Unsqueeze":
      return axesOf(node, content)
        .map((axis) => (axis < 0 ? axis + first.length + axesOf(node, content).length : axis))
        .toSorted((a, b) => a - b)
        .reduce<Dimensions>((dims, axis) => dims.toSpliced(axis, 0, 1), first);
    case "Squeeze": {
      const axes = axesOf(node, content).map((axis) => (axis < 0 ? axis + first.length : axis));
      return first.filter((length, axis) => (axes.length > 0 ? !axes.includes(axis) : length !== 1));
    }
    case "Reshape":
      return reshaped(first, content(node.input[1] ?? ""));
    default:
      return undefined;
  }
}

/** An attribute until version 12 of ONNX's operators, an input since. */
function axesOf(node: GraphNode, content: (name: string) => readonly number[] | undefined): readonly number[] {
  return content(node.input[1] ?? "") ?? wholeNumbers(node, "axes");
}

function broadcast(a: Dimensions | undefined, b: Dimensions | undefined): Dimensions | undefined {
  if (a === undefined || b === undefined) return undefined;
  const rank = Math.max(a.length, b.length);
  const at = (dims: Dimensions, axis: number) => dims[axis - rank + dims.length] ?? 1;
  return Array.from({ length: rank }, (_, axis) => Math.max(at(a, axis), at(b, axis)));
}

/** How often a window fits on each axis. */
function windows(node: GraphNode, lengths: Dimensions, kernel: Dimensions): Dimensions {
  const [pads, strides, dilations] = ["pads", "strides", "dilations"].map((name) => wholeNumbers(node, name));
  const same = !pads?.length && node.attribute.some(({ name }) => name === "auto_pad");
  return lengths.map((length, axis) => {
    const stride = strides?.[axis] ?? 1;
    if (same) return Math.ceil(length / stride);
    const span = (dilations?.[axis] ?? 1) * ((kernel[axis] ?? 1) - 1) + 1;
    return Math.floor((length + (pads?.[axis] ?? 0) + (pads?.[axis + lengths.length] ?? 0) - span) / stride) + 1;
  });
}

function reshaped(from: Dimensions, to: readonly number[] | undefined): Dimensions | undefined {
  if (to === undefined) return undefined;
  const lengths = to.map((length, axis) => (length === 0 ? (from[axis] ?? 0) : length));
  const rest = elements(from) / elements(lengths.filter((length) => length !== -1));
  return lengths.map((length) => (length === -1 ? rest : length));
}
