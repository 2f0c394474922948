import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { coreOf } from "../../src/package/core.ts";
import { operatorsOf, readModel, writeModel } from "../../src/package/graph.ts";
import { modelProto } from "../../src/train/onnx/schema.ts";
import { buildGraph, type GraphBuilder } from "../../src/train/onnx/build.ts";
import { encodeModel, type ElementType, type Value } from "../../src/train/onnx/proto.ts";

/** A model of a text and a number, `[N, 1]` each; `finish` makes the outputs of the prepared matrix `[N, 2]`. */
function model(outputs: readonly Value[], number: ElementType, finish: (graph: GraphBuilder, matrix: string) => void): Uint8Array {
  const inputs: readonly Value[] = [
    { name: "city", type: "string", shape: ["N", 1] },
    { name: "amount", type: number, shape: ["N", 1] },
  ];
  const graph = buildGraph([...inputs, ...outputs].map(({ name }) => name));
  const attributes = { keys_strings: { texts: ["a", "b"] }, values_floats: { floats: [1, 2] }, default_float: { float: -1 } };
  const city = graph.add("LabelEncoder", ["city"], attributes, { domain: "ai.onnx.ml" });
  const encoded = number === "double" ? graph.cast(city, "double") : city;
  finish(graph, graph.add("Concat", [encoded, "amount"], { axis: { integer: 1 } }));
  return encodeModel(graph.finish({ name: "small", description: "", inputs, outputs, metadata: { kept: "yes" } }));
}

const probabilities: Value = { name: "probabilities", type: "float", shape: ["N", 1] };
const product = (graph: GraphBuilder, matrix: string, type: "float" | "double", output?: string): string => {
  const product = graph.add("MatMul", [matrix, graph.constant(type, [0.5, -0.25], [2, 1])]);
  return graph.add("Sigmoid", [product], {}, output === undefined ? {} : { output });
};

const asked = { city: new Tensor("string", ["a", "zz", "b"], [3, 1]), amount: new Tensor("float32", [1, 2, -3], [3, 1]) };
async function run(bytes: Uint8Array, feeds: Record<string, Tensor>): Promise<InferenceSession.ReturnType> {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 4 });
  const result = await session.run(feeds);
  await session.release();
  return result;
}

describe("cutting a model after its preparation", () => {
  test("texts stay before the cut, ONNX's own operators after it, and the two give what the whole gave", async () => {
    const whole = model([probabilities], "float", (graph, matrix) => void product(graph, matrix, "float", "probabilities"));
    const { preparation, core, input, outputs, leftOut } = coreOf(readModel(whole, "small"), "small");
    if (preparation === null) throw new Error("nothing was cut");
    expect([...operatorsOf(preparation.graph).keys()]).toEqual(["ai.onnx.ml.LabelEncoder", "Concat"]);
    expect([...operatorsOf(core.graph).keys()]).toEqual(["MatMul", "Sigmoid"]);
    expect([outputs, leftOut]).toEqual([["probabilities"], []]);
    expect(core.opsetImport.map(({ domain }) => domain)).toEqual([""]);
    const between = (await run(writeModel(preparation), asked))[input];
    if (!(between instanceof Tensor)) throw new Error("no matrix");
    const [wanted, found] = [await run(whole, asked), await run(writeModel(core), { [input]: between })];
    expect(found["probabilities"]?.data).toEqual(wanted["probabilities"]?.data);
  });

  test("an output that other operators make is left out, and named", () => {
    const label: Value = { name: "label", type: "float", shape: ["N", 1] };
    const whole = model([label, probabilities], "float", (graph, matrix) => {
      const made = product(graph, matrix, "float", "probabilities");
      graph.add("Binarizer", [made], { threshold: { float: 0.5 } }, { domain: "ai.onnx.ml", output: "label" });
    });
    expect(coreOf(readModel(whole, "small"), "small")).toMatchObject({ outputs: ["probabilities"], leftOut: ["label"] });
  });

  test("a model that reckons in doubles, or is made of foreign operators, has no core: the error says which", () => {
    const doubles = model(
      [{ ...probabilities, type: "double" }],
      "double",
      (graph, matrix) => void product(graph, matrix, "double", "probabilities"),
    );
    expect(() => coreOf(readModel(doubles, "small.onnx"), "small.onnx")).toThrow(
      /computes its result in doubles[\s\S]*at small\.onnx[\s\S]*cast the prepared features to float/,
    );
    const linear = model([probabilities], "float", (graph, matrix) => {
      const attributes = { coefficients: { floats: [1, 2] }, intercepts: { floats: [0] }, targets: { integer: 1 } };
      graph.add("LinearRegressor", [matrix], attributes, { domain: "ai.onnx.ml", output: "probabilities" });
    });
    expect(() => coreOf(readModel(linear, "small.onnx"), "small.onnx")).toThrow(/made of LinearRegressor \(ai\.onnx\.ml\)/);
  });

  test("a model of one matrix of floats is its own core", () => {
    const inputs: readonly Value[] = [{ name: "rows", type: "float", shape: ["N", 2] }];
    const graph = buildGraph(["rows", "probabilities"]);
    product(graph, "rows", "float", "probabilities");
    const whole = encodeModel(graph.finish({ name: "own", description: "", inputs, outputs: [probabilities], metadata: {} }));
    expect(coreOf(readModel(whole, "own"), "own")).toMatchObject({ preparation: null, input: "rows", outputs: ["probabilities"] });
  });
});

describe("reading a model", () => {
  const bytes = model([probabilities], "float", (graph, matrix) => void product(graph, matrix, "float", "probabilities"));

  test("and writing it again loses nothing that a runtime sees", async () => {
    const again = writeModel(readModel(bytes, "small"));
    expect(readModel(again, "small").metadataProps).toEqual([{ key: "kept", value: "yes" }]);
    expect((await run(again, asked))["probabilities"]?.data).toEqual((await run(bytes, asked))["probabilities"]?.data);
  });

  test("refuses what is no model, operators of an unknown version, and weights in other files", () => {
    const changed = (parts: object): Uint8Array =>
      modelProto.encode(modelProto.create({ ...readModel(bytes, "small"), ...parts })).finish();
    expect(() => readModel(Buffer.from("not a model"), "a.onnx")).toThrow(/no ONNX model[\s\S]*at a\.onnx/);
    expect(() => readModel(new Uint8Array(), "a.onnx")).toThrow(/it holds no graph/);
    expect(() => readModel(changed({ opsetImport: [{ domain: "", version: 9 }] }), "a.onnx")).toThrow(
      /version 9 of ONNX's operators; packages are made of versions 13 to 22/,
    );
    const { graph } = readModel(bytes, "small");
    const outside = { ...graph, initializer: graph.initializer.map((tensor) => ({ ...tensor, dataLocation: 1 })) };
    expect(() => readModel(changed({ graph: outside }), "a.onnx")).toThrow(/keeps weights in files beside it/);
  });
});
