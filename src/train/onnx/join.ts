import type { PreparedFeature } from "../preparation.ts";
import { buildGraph } from "./build.ts";
import { addPreparation, classifierInputs, classifierOutputs, finishClassifier } from "./export.ts";
import type { ForeignModel } from "./foreign.ts";
import { encodeGraph, encodeModelHead, ownIrVersion, ownOperatorSets, type Graph } from "./proto.ts";
import { contentField } from "./wire.ts";

/** How another program's model gives its probabilities: of 0 and of 1 side by side, or of 1 alone. */
export interface ForeignOutput {
  readonly name: string;
  readonly shape: "both" | "positive";
}

/** Of ONNX's own operators, the oldest set that has all that the preparation uses as it uses them. */
export const oldestOperators = 13;

/** LabelEncoder took another form in the second set of ai.onnx.ml. */
const oldestMachineLearning = 2;

/** Operators that mean the same from set 7 to the newest: a model of an older set that has no others may be called one of a newer set. */
const unchanged: ReadonlySet<string> = new Set(
  (
    "Abs Add And Cast Concat Div Equal Exp Flatten Gather Gemm Greater Identity Less Log MatMul Mul Neg Not Or Relu Reshape Shape Sigmoid " +
    "Sqrt Sub Tanh Transpose Where"
  ).split(" "),
);

/** Why a model cannot stand behind our preparation; null when it can. */
export function joinProblem({ operatorSets, operators }: ForeignModel): string | null {
  const own = operatorSets.get("") ?? oldestOperators;
  const changed = [...operators].filter((operator) => operator.startsWith(":") && !unchanged.has(operator.slice(1)));
  if (own < 7 || (own < oldestOperators && changed.length > 0)) return `it uses ONNX's operator set ${own}, older than ${oldestOperators}`;
  const learning = operatorSets.get("ai.onnx.ml") ?? oldestMachineLearning;
  return learning < oldestMachineLearning && operators.has("ai.onnx.ml:LabelEncoder")
    ? `it uses LabelEncoder of ai.onnx.ml ${learning}, older than ${oldestMachineLearning}`
    : null;
}

/**
 * One model of two: our preparation, which takes raw features, before another program's model, which takes the prepared matrix. It gives
 * `label` and `probabilities` as every classifier of ours does. The operators of the other model are left as they are; its names are prefixed.
 *
 * @param foreign - As `readForeign` gives it, with a model that `joinProblem` has nothing against.
 */
export function joinPreparation(
  name: string,
  features: readonly PreparedFeature[],
  foreign: ForeignModel,
  output: ForeignOutput,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const [matrix] = foreign.inputs;
  if (matrix === undefined) throw new Error("the model takes no input");
  const inputs = classifierInputs(features);
  const builder = buildGraph([...inputs, ...classifierOutputs].map((value) => value.name));
  addPreparation(builder, features, matrix.name);
  const before = builder.length();
  const raw = output.shape === "both" ? output.name : builder.add("Reshape", [output.name, builder.constant("int64", [-1, 1])]);
  const given = builder.cast(raw, "float");
  const one = builder.constant("int64", [1]);
  const positive = output.shape === "both" ? builder.add("Gather", [given, one], { axis: { integer: 1 } }) : given;
  finishClassifier(builder, positive, output.shape === "both" ? given : null);
  const description = `${name}: label and probabilities from raw features`;
  const graph = builder.finish({ name, description, inputs, outputs: classifierOutputs, metadata });
  return assemble(graph, before, foreign);
}

/** A message's repeated fields may come in pieces: our first operators, the other model's inside, our last operators. */
function assemble(graph: Graph, before: number, foreign: ForeignModel): Uint8Array {
  const first = encodeGraph({ ...graph, operators: graph.operators.slice(0, before) });
  const last = encodeGraph({ ...emptyGraph, operators: graph.operators.slice(before) });
  const operatorSets = new Map(foreign.operatorSets);
  operatorSets.set("ai.onnx.ml", Math.max(operatorSets.get("ai.onnx.ml") ?? 0, oldestMachineLearning));
  const own = ownOperatorSets.find(({ domain }) => domain === "")?.version ?? oldestOperators;
  operatorSets.set("", Math.max(operatorSets.get("") ?? own, oldestOperators));
  const head = encodeModelHead({
    irVersion: Math.max(ownIrVersion, foreign.irVersion),
    operatorSets: [...operatorSets].map(([domain, version]) => ({ domain, version })),
    metadata: graph.metadata,
  });
  return Buffer.concat([head, contentField(7, Buffer.concat([first, ...foreign.inside, last])), ...foreign.functions]);
}

const emptyGraph: Graph = {
  name: "",
  description: "",
  inputs: [],
  outputs: [],
  operators: [],
  constants: [],
  metadata: {},
};
