import { expect, test } from "vitest";
import { readForeign } from "../../../src/train/onnx/foreign.ts";
import { joinProblem } from "../../../src/train/onnx/join.ts";
import { encodeModel, type Graph } from "../../../src/train/onnx/proto.ts";
import { contentField, fieldsOf, varintOf } from "../../../src/train/onnx/wire.ts";

const graph: Graph = {
  name: "small",
  description: "",
  inputs: [{ name: "rows", type: "float", shape: ["N", 2] }],
  outputs: [{ name: "p", type: "float", shape: ["N", 1] }],
  operators: [{ operator: "Mul", domain: "", inputs: ["rows", "", "weights"], output: "p", attributes: {} }],
  constants: [{ name: "weights", type: "float", shape: [2], values: [1, 2] }],
  metadata: {},
};

test("every name of a value gets the prefix, but for the empty one that leaves an input out", () => {
  const model = readForeign(encodeModel(graph), "script/");
  expect(model.inputs).toEqual([{ name: "script/rows", elementType: 1 }]);
  expect(model.outputs).toEqual([{ name: "script/p", elementType: 1 }]);
  const [node = new Uint8Array()] = model.inside;
  const [inner] = [...fieldsOf(node)];
  const names = [...fieldsOf(inner?.content ?? new Uint8Array())]
    .filter(({ number }) => number <= 2)
    .map(({ content }) => String(Buffer.from(content)));
  expect(names).toEqual(["script/rows", "", "script/weights", "script/p"]);
});

test("names inside a subgraph get the prefix too, and fields that nobody here knows stay", () => {
  const text = (value: string): Uint8Array => Buffer.from(value);
  const inner = contentField(
    1,
    Buffer.concat([contentField(1, text("outer")), contentField(2, text("within")), contentField(4, text("Neg"))]),
  );
  const attribute = Buffer.concat([contentField(1, text("then_branch")), contentField(6, inner), contentField(999, text("unknown"))]);
  const node = Buffer.concat([contentField(1, text("condition")), contentField(4, text("If")), contentField(5, attribute)]);
  const model = Buffer.concat([varintOf(8), varintOf(8), contentField(7, contentField(1, node))]);
  const read = readForeign(model, "x/");
  expect(read.irVersion).toBe(8);
  expect(read.operators).toEqual(new Set([":If"]));
  const said = String(Buffer.concat([...read.inside]));
  for (const part of ["x/condition", "x/outer", "x/within", "unknown", "then_branch"]) expect(said).toContain(part);
  expect(said).not.toContain("x/then_branch");
  expect(said).not.toContain("x/unknown");
});

test("what is no model is refused", () => {
  for (const bytes of [Buffer.from("not a model"), encodeModel(graph).subarray(0, 40), new Uint8Array()])
    expect(() => readForeign(bytes, "")).toThrow();
});

test("a model of an old operator set is taken where its operators have not changed since", () => {
  const model = readForeign(encodeModel(graph), "");
  const of = (version: number, operators: readonly string[], learning = 2): string | null =>
    joinProblem({
      ...model,
      operatorSets: new Map([
        ["", version],
        ["ai.onnx.ml", learning],
      ]),
      operators: new Set(operators),
    });
  expect(of(17, [":Softmax"])).toBeNull();
  expect(of(9, [":Mul", ":Cast"])).toBeNull();
  expect(of(9, [":Mul", ":Softmax"])).toContain("operator set 9, older than 13");
  expect(of(17, ["ai.onnx.ml:LabelEncoder"], 1)).toContain("LabelEncoder");
  expect(of(17, ["ai.onnx.ml:TreeEnsembleClassifier"], 1)).toBeNull();
});
