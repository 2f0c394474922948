import { missingNumber, type PreparedFeature } from "../preparation.ts";
import { floorToFloat, missingGoesLeft, type Tree } from "../lightgbm/trees.ts";
import { buildGraph, type GraphBuilder } from "./build.ts";
import { elementTypeOf, modelInput } from "./inputs.ts";
import { encodeModel, type Attribute, type Value } from "./proto.ts";

/** The outputs of every classifier: `label` is 1 where the probability of 1 is at least a half. */
export const modelOutputs: readonly { readonly name: string; readonly datatype: string; readonly shape: readonly number[] }[] = [
  { name: "label", datatype: "INT64", shape: [-1] },
  { name: "probabilities", datatype: "FP32", shape: [-1, 2] },
];

/**
 * A classifier as ONNX: raw features in, preparation and trees inside, `label` and `probabilities` (of 0 and of 1) out.
 * The trees are a regressor followed by a sigmoid, because the logistic transformation of TreeEnsembleClassifier
 * is left out by some runtimes when all leaves are positive.
 *
 * @returns The bytes of the `.onnx` file.
 */
export function exportClassifier(
  name: string,
  features: readonly PreparedFeature[],
  trees: readonly Tree[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const inputs = classifierInputs(features);
  const graph = buildGraph([...inputs, ...classifierOutputs].map((value) => value.name));
  const matrix = addPreparation(graph, features);
  const raw = graph.add("TreeEnsembleRegressor", [matrix], treeAttributes(trees), { domain: "ai.onnx.ml" });
  finishClassifier(graph, graph.add("Sigmoid", [raw]), null);
  const description = `${name}: label and probabilities from raw features`;
  return encodeModel(graph.finish({ name, description, inputs, outputs: classifierOutputs, metadata }));
}

/** The outputs as the graph declares them. */
export const classifierOutputs: readonly Value[] = [
  { name: "label", type: "int64", shape: ["N"] },
  { name: "probabilities", type: "float", shape: ["N", 2] },
];

/** The raw features as inputs, `[N, 1]` each. */
export function classifierInputs(features: readonly PreparedFeature[]): readonly Value[] {
  return features.map(({ name, type }) => ({ name, type: elementTypeOf[modelInput(name, type).datatype], shape: ["N", 1] }));
}

/** From the raw features to the prepared matrix `[N, F]` of floats; gives its name, which is `output` where that is given. */
export function addPreparation(graph: GraphBuilder, features: readonly PreparedFeature[], output?: string): string {
  const prepared = features.map((feature) => addFeature(graph, feature));
  const [only] = prepared;
  if (prepared.length === 1 && only !== undefined && output === undefined) return only;
  return graph.add("Concat", prepared, { axis: { integer: 1 } }, output === undefined ? {} : { output });
}

/** From the probabilities of 1, `[N, 1]`, to the outputs; `both` is a tensor that already holds those of 0 and of 1. */
export function finishClassifier(graph: GraphBuilder, positive: string, both: string | null): void {
  if (both === null) {
    const negative = graph.add("Sub", [graph.constant("float", [1]), positive]);
    graph.add("Concat", [negative, positive], { axis: { integer: 1 } }, { output: "probabilities" });
  } else graph.add("Identity", [both], {}, { output: "probabilities" });
  const label = graph.cast(graph.add("GreaterOrEqual", [positive, graph.constant("float", [0.5])]), "int64");
  graph.add("Reshape", [label, graph.constant("int64", [-1])], {}, { output: "label" });
}

/** From a feature's raw tensor `[N, 1]` to its prepared floats `[N, width]`. */
function addFeature(graph: GraphBuilder, feature: PreparedFeature): string {
  const { name, fitted } = feature;
  const number = (value: number): string => graph.constant("double", [value]);
  switch (fitted.method) {
    case "none":
      return graph.cast(rawNumber(graph, feature), "float");
    case "zscore":
      return graph.cast(
        graph.add("Div", [graph.add("Sub", [rawNumber(graph, feature), number(fitted.mean)]), number(fitted.standardDeviation || 1)]),
        "float",
      );
    case "minmax":
      return graph.cast(
        graph.add("Div", [
          graph.add("Sub", [rawNumber(graph, feature), number(fitted.minimum)]),
          number(fitted.maximum - fitted.minimum || 1),
        ]),
        "float",
      );
    case "log": {
      const raw = rawNumber(graph, feature);
      const logarithm = graph.add("Log", [graph.add("Add", [graph.add("Abs", [raw]), number(1)])]);
      return graph.cast(graph.add("Mul", [graph.add("Sign", [raw]), logarithm]), "float");
    }
    case "ordinal":
      return encode(graph, feature, fitted.codes, fitted.unknown);
    case "onehot": {
      if (fitted.categories.length === 0) throw new Error(`the one-hot feature ${name} has no categories`);
      const codes = fitted.categories.map((_, code) => code);
      return graph.cast(
        graph.add("Equal", [encode(graph, feature, codes, -1), graph.constant("float", codes, [1, codes.length])]),
        "float",
      );
    }
  }
}

/** A raw number, boolean or instant as double, with NaN where it is missing. */
function rawNumber(graph: GraphBuilder, { name, type }: PreparedFeature): string {
  const { datatype } = modelInput(name, type);
  if (datatype === "FP64") return name;
  const value = graph.cast(name, "double");
  if (datatype === "BOOL") return value;
  const missing = graph.add("Equal", [name, graph.constant("int64", [missingNumber])]);
  return graph.add("Where", [missing, graph.constant("double", [Number.NaN]), value]);
}

/** Category to code; a category that training did not see becomes `unknown`. */
function encode(graph: GraphBuilder, { name, type, fitted }: PreparedFeature, codes: readonly number[], unknown: number): string {
  if (fitted.method !== "ordinal" && fitted.method !== "onehot") throw new Error(`${name} has no categories`);
  const values = { values_floats: { floats: codes }, default_float: { float: unknown } };
  const { datatype } = modelInput(name, type);
  if (datatype === "BYTES")
    return graph.add(
      "LabelEncoder",
      [name],
      { keys_strings: { texts: fitted.categories.map(String) }, ...values },
      { domain: "ai.onnx.ml" },
    );
  const keys = { keys_int64s: { integers: fitted.categories.map(Number) }, ...values };
  if (datatype !== "FP64")
    return graph.add("LabelEncoder", [datatype === "INT64" ? name : graph.cast(name, "int64")], keys, { domain: "ai.onnx.ml" });
  const present = graph.add("Where", [graph.add("IsNaN", [name]), graph.constant("double", [missingNumber]), name]);
  return graph.add("LabelEncoder", [graph.cast(present, "int64")], keys, { domain: "ai.onnx.ml" });
}

/** The trees as TreeEnsembleRegressor writes them: parallel lists over all nodes of all trees; a tree's inner nodes come first, then its leaves. */
function treeAttributes(trees: readonly Tree[]): Record<string, Attribute> {
  const nodes = {
    tree: [] as number[],
    node: [] as number[],
    feature: [] as number[],
    value: [] as number[],
    mode: [] as string[],
    yes: [] as number[],
    no: [] as number[],
    missing: [] as number[],
  };
  const leaves = { tree: [] as number[], node: [] as number[], weight: [] as number[] };
  for (const [index, tree] of trees.entries()) {
    const inner = tree.features.length;
    const child = (at: number): number => (at >= 0 ? at : inner - at - 1);
    for (let node = 0; node < inner + tree.leaves.length; node++) {
      const leaf = node >= inner;
      const threshold = leaf ? 0 : (tree.thresholds[node] ?? 0);
      nodes.tree.push(index);
      nodes.node.push(node);
      nodes.feature.push(leaf ? 0 : (tree.features[node] ?? 0));
      nodes.value.push(leaf ? 0 : floorToFloat(threshold));
      nodes.mode.push(leaf ? "LEAF" : "BRANCH_LEQ");
      nodes.yes.push(leaf ? 0 : child(tree.left[node] ?? 0));
      nodes.no.push(leaf ? 0 : child(tree.right[node] ?? 0));
      nodes.missing.push(!leaf && missingGoesLeft(tree.decisions[node] ?? 0, threshold) ? 1 : 0);
      if (!leaf) continue;
      leaves.tree.push(index);
      leaves.node.push(node);
      leaves.weight.push(tree.leaves[node - inner] ?? 0);
    }
  }
  return {
    n_targets: { integer: 1 },
    nodes_treeids: { integers: nodes.tree },
    nodes_nodeids: { integers: nodes.node },
    nodes_featureids: { integers: nodes.feature },
    nodes_values: { floats: nodes.value },
    nodes_modes: { texts: nodes.mode },
    nodes_truenodeids: { integers: nodes.yes },
    nodes_falsenodeids: { integers: nodes.no },
    nodes_missing_value_tracks_true: { integers: nodes.missing },
    target_treeids: { integers: leaves.tree },
    target_nodeids: { integers: leaves.node },
    target_ids: { integers: leaves.tree.map(() => 0) },
    target_weights: { floats: leaves.weight },
  };
}
