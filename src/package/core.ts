import { MillwrightError } from "../error.ts";
import { elementType, elementTypes } from "./element-type.ts";
import { isStandard, readBy, type GraphNode, type OnnxGraph, type OnnxModel, type ValueInfo } from "./graph.ts";

/** A model in two: what turns raw features into numbers, and what computes on the numbers. */
export interface SplitModel {
  /** Raw features in, one matrix of floats `[N, F]` out; null where the core takes the model's own input. */
  readonly preparation: OnnxModel | null;
  /** One matrix of floats in; of ONNX's own operators only. */
  readonly core: OnnxModel;
  /** The core's input. */
  readonly input: string;
  /** The model's outputs that the core gives. */
  readonly outputs: readonly string[];
  /** Those that it does not, because operators of another domain make them: as a rule a label, which follows from the probabilities. */
  readonly leftOut: readonly string[];
}

/** Operators of `ai.onnx.ml` that prepare features; its others are models, or turn a model's result into something else. */
const preparing = new Set([
  "ArrayFeatureExtractor",
  "Binarizer",
  "CategoryMapper",
  "FeatureVectorizer",
  "Imputer",
  "LabelEncoder",
  "Normalizer",
  "OneHotEncoder",
  "Scaler",
]);

/**
 * Cuts a model after its preparation: at the first matrix of floats through which everything passes and after which there are only ONNX's
 * own operators. Texts, doubles and `ai.onnx.ml` lie before it, where ONNX Runtime computes them; what lies after it also runs in runtimes that know neither.
 *
 * @throws MillwrightError `no-core` where a part of the model itself is of operators that are not ONNX's own, as trees are, or no tensor parts it.
 */
export function coreOf(model: OnnxModel, where: string): SplitModel {
  const { graph } = model;
  const types = elementTypes(graph);
  const [only] = feeds(graph);
  if (only !== undefined && feeds(graph).length === 1 && types.get(only.name) === elementType.float) {
    const whole = coreAfter(graph, only.name, types);
    if (whole.outputs.length > 0) return split(model, null, only, whole);
  }
  let best: { readonly tensor: string; readonly core: Core } | null = null;
  for (const node of graph.node) {
    const [tensor] = node.output;
    if (tensor === undefined || types.get(tensor) !== elementType.float || node.opType === "TreeEnsembleRegressor") continue;
    const before = needed(graph, [tensor], new Set());
    if (before.some((other) => !isStandard(other.domain) && !preparing.has(other.opType))) continue;
    const core = coreAfter(graph, tensor, types);
    if (core.outputs.length > (best?.core.outputs.length ?? 0)) best = { tensor, core };
    if (core.outputs.length === graph.output.length) break;
  }
  if (best === null) throw noCore(graph, types, where);
  const value = matrix(best.tensor, null);
  const preparation = part(model, `${graph.name}_preparation`, needed(graph, [best.tensor], new Set()), graph.input, [value]);
  return split(model, preparation, value, best.core);
}

/** A split whose matrix between the two has so many columns. */
export function withWidth(parts: SplitModel, columns: number): SplitModel {
  const value = matrix(parts.input, columns);
  const { preparation, core } = parts;
  return {
    ...parts,
    preparation: preparation && { ...preparation, graph: { ...preparation.graph, output: [value] } },
    core: { ...core, graph: { ...core.graph, input: [value] } },
  };
}

interface Core {
  readonly outputs: readonly string[];
  readonly nodes: readonly GraphNode[];
}

/** The outputs that a tensor alone decides, by ONNX's own operators on anything but texts and doubles. */
function coreAfter(graph: OnnxGraph, tensor: string, types: ReadonlyMap<string, number>): Core {
  const inputs = new Set(feeds(graph).map(({ name }) => name));
  const outputs = graph.output.map(({ name }) => name);
  const plain = outputs.filter((name) => {
    if (name === tensor) return false;
    const nodes = needed(graph, [name], new Set([tensor]));
    const passed = new Set(nodes.flatMap(readBy));
    return (
      passed.has(tensor) &&
      nodes.every((node) => isStandard(node.domain) && !isUnfit(node, types)) &&
      ![...passed].some((read) => read !== tensor && inputs.has(read))
    );
  });
  if (!plain.some((name) => types.get(name) === elementType.float)) return { outputs: [], nodes: [] };
  return { outputs: plain, nodes: needed(graph, plain, new Set([tensor])) };
}

/** Whether a node computes texts or doubles, which accelerators' runtimes do not. */
function isUnfit(node: GraphNode, types: ReadonlyMap<string, number>): boolean {
  return node.output.some((name) => types.get(name) === elementType.double || types.get(name) === elementType.text);
}

/** Inputs that a request gives; older files list constants among them. */
function feeds(graph: OnnxGraph): readonly ValueInfo[] {
  const constants = new Set(graph.initializer.map(({ name }) => name));
  return graph.input.filter(({ name }) => !constants.has(name));
}

/** The nodes by which the wanted tensors are computed, in order, stopping at the given ones. */
function needed(graph: OnnxGraph, wanted: readonly string[], given: ReadonlySet<string>): readonly GraphNode[] {
  const names = new Set(wanted);
  const nodes: GraphNode[] = [];
  for (const node of graph.node.toReversed()) {
    if (!node.output.some((name) => names.has(name) && !given.has(name))) continue;
    nodes.push(node);
    for (const name of readBy(node)) names.add(name);
  }
  return nodes.toReversed();
}

function split(model: OnnxModel, preparation: OnnxModel | null, input: ValueInfo, { outputs, nodes }: Core): SplitModel {
  const { graph } = model;
  const kept = graph.output.filter(({ name }) => outputs.includes(name));
  return {
    preparation,
    core: part(model, preparation === null ? graph.name : `${graph.name}_core`, nodes, [input], kept),
    input: input.name,
    outputs,
    leftOut: graph.output.map(({ name }) => name).filter((name) => !outputs.includes(name)),
  };
}

/** A model of some of the nodes, with the constants and declarations that they need. */
function part(
  model: OnnxModel,
  name: string,
  nodes: readonly GraphNode[],
  inputs: readonly ValueInfo[],
  outputs: readonly ValueInfo[],
): OnnxModel {
  const { graph } = model;
  const ends = new Set([...inputs, ...outputs].map((value) => value.name));
  const read = new Set(nodes.flatMap(readBy));
  const domains = new Set(nodes.map(({ domain }) => domain));
  return {
    ...model,
    opsetImport: model.opsetImport.filter(({ domain }) => isStandard(domain) || domains.has(domain)),
    graph: {
      ...graph,
      name,
      node: nodes,
      input: inputs,
      output: outputs,
      initializer: graph.initializer.filter((constant) => read.has(constant.name)),
      valueInfo: graph.valueInfo.filter((value) => read.has(value.name) && !ends.has(value.name)),
    },
  };
}

function matrix(name: string, columns: number | null): ValueInfo {
  const dim = [{ dimParam: "N" }, columns === null ? {} : { dimValue: columns }];
  return { name, type: { tensorType: { elemType: elementType.float, shape: { dim } } } };
}

function noCore(graph: OnnxGraph, types: ReadonlyMap<string, number>, where: string): MillwrightError {
  const foreign = [
    ...new Set(
      graph.node
        .filter(({ domain, opType }) => !isStandard(domain) && !preparing.has(opType))
        .map(({ domain, opType }) => `${opType} (${domain})`),
    ),
  ];
  return new MillwrightError({
    code: "no-core",
    what:
      foreign.length > 0
        ? `the model itself is made of ${foreign.join(", ")}, which OpenVINO and TensorRT do not support`
        : graph.output.some(({ name }) => types.get(name) === elementType.double)
          ? "the model computes its result in doubles, which TensorRT does not, so that no core of floats can be cut out of it"
          : "the model has no matrix of floats that parts its preparation from the rest",
    where,
    fix: `serve it with ONNX Runtime (--for onnx), as our server and Triton's onnxruntime backend do${foreign.length > 0 ? "" : "; or cast the prepared features to float before the model"}`,
  });
}
