import { built } from "../built.ts";
import { randomNumbers } from "../../src/random.ts";

const { buildGraph }: typeof import("../../src/train/onnx/build.ts") = await import(built("train/onnx/build"));
const { encodeModel }: typeof import("../../src/train/onnx/proto.ts") = await import(built("train/onnx/proto"));

export const features = 20;
const trees = 100;
const depth = 6;

/** A classifier of 100 full trees of depth 6 over `input` [N, 20], with `probabilities` [N, 2]: splits and leaves are random, which costs what learned ones cost. */
export function treesModel(): Uint8Array {
  const next = randomNumbers(5);
  const inner = 2 ** depth - 1;
  const all = 2 ** (depth + 1) - 1;
  const nodes = Array.from({ length: trees * all }, (_, index) => ({ tree: Math.floor(index / all), node: index % all }));
  const leaf = ({ node }: { readonly node: number }): boolean => node >= inner;
  const leaves = nodes.filter(leaf);
  const graph = buildGraph(["input", "probabilities"]);
  const raw = graph.add(
    "TreeEnsembleRegressor",
    ["input"],
    {
      n_targets: { integer: 1 },
      nodes_treeids: { integers: nodes.map(({ tree }) => tree) },
      nodes_nodeids: { integers: nodes.map(({ node }) => node) },
      nodes_featureids: { integers: nodes.map((each) => (leaf(each) ? 0 : Math.floor(next() * features))) },
      nodes_values: { floats: nodes.map((each) => (leaf(each) ? 0 : next())) },
      nodes_modes: { texts: nodes.map((each) => (leaf(each) ? "LEAF" : "BRANCH_LEQ")) },
      nodes_truenodeids: { integers: nodes.map((each) => (leaf(each) ? 0 : 2 * each.node + 1)) },
      nodes_falsenodeids: { integers: nodes.map((each) => (leaf(each) ? 0 : 2 * each.node + 2)) },
      target_treeids: { integers: leaves.map(({ tree }) => tree) },
      target_nodeids: { integers: leaves.map(({ node }) => node) },
      target_ids: { integers: leaves.map(() => 0) },
      target_weights: { floats: leaves.map(() => (next() - 0.5) / 10) },
    },
    { domain: "ai.onnx.ml" },
  );
  const positive = graph.add("Sigmoid", [raw]);
  graph.add(
    "Concat",
    [graph.add("Sub", [graph.constant("float", [1]), positive]), positive],
    { axis: { integer: 1 } },
    { output: "probabilities" },
  );
  return encodeModel(
    graph.finish({
      name: "trees",
      description: "",
      inputs: [{ name: "input", type: "float", shape: ["N", features] }],
      outputs: [{ name: "probabilities", type: "float", shape: ["N", 2] }],
      metadata: {},
    }),
  );
}

/** One row, as a client sends it; all servers take the same bytes. */
export function requestBody(): string {
  const next = randomNumbers(7);
  const data = Array.from({ length: features }, () => Number(next().toFixed(6)));
  return JSON.stringify({ inputs: [{ name: "input", datatype: "FP32", shape: [1, features], data }] });
}
