import type { Type } from "protobufjs/light.js";
import { graphProto, modelProto } from "./schema.ts";

/** Element types of a tensor: TensorProto.DataType. */
export const elementTypes = { float: 1, int64: 7, string: 8, boolean: 9, double: 11 } as const;
export type ElementType = keyof typeof elementTypes;

export type Attribute =
  | { readonly float: number }
  | { readonly integer: number }
  | { readonly text: string }
  | { readonly floats: readonly number[] }
  | { readonly integers: readonly number[] }
  | { readonly texts: readonly string[] };

export interface Operator {
  readonly operator: string;
  /** Empty for ONNX's own operators, `ai.onnx.ml` for trees and encoders. */
  readonly domain: "" | "ai.onnx.ml";
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface Constant {
  readonly name: string;
  readonly type: "float" | "int64" | "double";
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** A named tensor; a text as a dimension is a size that each request chooses. */
export interface Value {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
}

export interface Graph {
  readonly name: string;
  readonly description: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly operators: readonly Operator[];
  readonly constants: readonly Constant[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** The version of the file format that we write: ONNX 1.12's. */
export const ownIrVersion = 8;

/** The operators that we write, by their sets. */
export const ownOperatorSets: readonly OperatorSet[] = [
  { domain: "", version: 17 },
  { domain: "ai.onnx.ml", version: 2 },
];

export interface OperatorSet {
  readonly domain: string;
  readonly version: number;
}

/** The graph as the bytes of an ONNX file; the same graph gives the same bytes. */
export function encodeModel(graph: Graph): Uint8Array {
  const head = { irVersion: ownIrVersion, operatorSets: ownOperatorSets, metadata: graph.metadata };
  return encode(modelProto, { ...headMessage(head), graph: graphMessage(graph) });
}

/** A model without a graph, which may follow as field 7. */
export function encodeModelHead(head: ModelHead): Uint8Array {
  return encode(modelProto, headMessage(head));
}

/** A graph alone. Its bytes may stand in several pieces, each with some of the operators. */
export function encodeGraph(graph: Graph): Uint8Array {
  return encode(graphProto, graphMessage(graph));
}

interface ModelHead {
  readonly irVersion: number;
  readonly operatorSets: readonly OperatorSet[];
  readonly metadata: Readonly<Record<string, string>>;
}

function encode(type: Type, message: Record<string, unknown>): Uint8Array {
  const fault = type.verify(message);
  if (fault !== null) throw new Error(`the ONNX model is not well formed: ${fault}`);
  return type.encode(message).finish();
}

function headMessage({ irVersion, operatorSets, metadata }: ModelHead): Record<string, unknown> {
  return {
    irVersion,
    producerName: "millwright",
    opsetImport: operatorSets.map(({ domain, version }) => ({ domain, version })),
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  };
}

function graphMessage(graph: Graph): Record<string, unknown> {
  return {
    ...(graph.name === "" ? {} : { name: graph.name, docString: graph.description }),
    node: graph.operators.map((node) => ({
      name: node.output,
      opType: node.operator,
      domain: node.domain,
      input: [...node.inputs],
      output: [node.output],
      attribute: Object.entries(node.attributes).map(([name, value]) => ({ name, ...encodeAttribute(value) })),
    })),
    initializer: graph.constants.map((constant) => ({
      name: constant.name,
      dataType: elementTypes[constant.type],
      dims: [...constant.shape],
      [`${constant.type}Data`]: [...constant.values],
    })),
    input: graph.inputs.map(encodeValue),
    output: graph.outputs.map(encodeValue),
  };
}

/** Attribute types: AttributeProto.AttributeType. */
function encodeAttribute(value: Attribute): Record<string, unknown> {
  if ("float" in value) return { type: 1, f: value.float };
  if ("integer" in value) return { type: 2, i: value.integer };
  if ("text" in value) return { type: 3, s: Buffer.from(value.text) };
  if ("floats" in value) return { type: 6, floats: [...value.floats] };
  if ("integers" in value) return { type: 7, ints: [...value.integers] };
  return { type: 8, strings: value.texts.map((text) => Buffer.from(text)) };
}

function encodeValue({ name, type, shape }: Value): Record<string, unknown> {
  const dim = shape.map((size) => (typeof size === "string" ? { dimParam: size } : { dimValue: size }));
  return { name, type: { tensorType: { elemType: elementTypes[type], shape: { dim } } } };
}
