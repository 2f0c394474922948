import { contentField, fieldsOf } from "./wire.ts";

/** A tensor that a graph takes or gives; null where it is a sequence or a map instead. */
export interface ForeignValue {
  readonly name: string;
  /** ONNX's number of the element type: 1 is float, 11 double; null where it is no tensor. */
  readonly elementType: number | null;
}

/** What another program's ONNX file holds, as far as joining it needs. */
export interface ForeignModel {
  readonly irVersion: number;
  /** Domain to version; ONNX's own domain is the empty text. */
  readonly operatorSets: ReadonlyMap<string, number>;
  /** Without initializers, which older files list among the inputs. */
  readonly inputs: readonly ForeignValue[];
  readonly outputs: readonly ForeignValue[];
  /** Operators of the main graph, as `domain:type`. */
  readonly operators: ReadonlySet<string>;
  /** Weights lie in another file. */
  readonly externalData: boolean;
  /** Nodes, initializers and what else belongs to the graph's inside, as fields of a graph. */
  readonly inside: readonly Uint8Array[];
  /** Functions that the file defines, as fields of a model. */
  readonly functions: readonly Uint8Array[];
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");

/**
 * Reads a model; every name inside its graph and its subgraphs gets a prefix, so that it meets no name of ours.
 *
 * @throws Error where the bytes are no ONNX model.
 */
export function readForeign(model: Uint8Array, prefix: string): ForeignModel {
  let irVersion = 0;
  let graph: Uint8Array | null = null;
  const operatorSets = new Map<string, number>();
  const functions: Uint8Array[] = [];
  for (const field of fieldsOf(model)) {
    if (field.number === 1) irVersion = field.integer;
    else if (field.number === 7) graph = field.content;
    else if (field.number === 8) operatorSets.set(...operatorSet(field.content));
    else if (field.number === 25) functions.push(field.whole);
  }
  if (graph === null) throw new Error("it has no graph");
  const inputs: ForeignValue[] = [];
  const outputs: ForeignValue[] = [];
  const initializers = new Set<string>();
  const operators = new Set<string>();
  const inside: Uint8Array[] = [];
  let externalData = false;
  for (const field of fieldsOf(graph)) {
    if (field.number === 11) inputs.push(valueOf(field.content, prefix));
    else if (field.number === 12) outputs.push(valueOf(field.content, prefix));
    else if (insideGraph.has(field.number)) inside.push(rewritten(field.whole, graphNames, prefix));
    if (field.number === 1) operators.add(operatorOf(field.content));
    if (field.number === 5) {
      initializers.add(prefix + nameAt(field.content, 8));
      externalData ||= [...fieldsOf(field.content)].some(({ number, integer }) => number === 14 && integer === 1);
    }
  }
  const taken = inputs.filter(({ name }) => !initializers.has(name));
  return { irVersion, operatorSets, inputs: taken, outputs, operators, externalData, inside, functions };
}

/** Of GraphProto: node, initializer, value_info, quantization_annotation, sparse_initializer. */
const insideGraph: ReadonlySet<number> = new Set([1, 5, 13, 14, 15]);

/** Which fields of a message are names of values, and which hold messages with such names; numbers as in onnx.proto. */
interface Names {
  readonly names: readonly number[];
  readonly within: Readonly<Record<number, () => Names>>;
}

const tensor: Names = { names: [8], within: {} };
const value: Names = { names: [1], within: {} };
const attribute: Names = { names: [], within: { 6: () => graphNames, 11: () => graphNames } };
const node: Names = { names: [1, 2, 3], within: { 5: () => attribute } };
const annotationEntry: Names = { names: [2], within: {} };
const annotation: Names = { names: [1], within: { 2: () => annotationEntry } };
const graphNames: Names = {
  names: [],
  within: {
    1: () => node,
    5: () => tensor,
    11: () => value,
    12: () => value,
    13: () => value,
    14: () => annotation,
    15: () => ({ names: [], within: { 1: () => tensor } }),
  },
};

/** The same message with its names prefixed; the empty name, which stands for an input that is left out, stays. */
function rewritten(message: Uint8Array, { names, within }: Names, prefix: string): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { number, whole, content } of fieldsOf(message)) {
    const inner = within[number];
    if (names.includes(number) && content.length > 0) parts.push(contentField(number, Buffer.concat([Buffer.from(prefix), content])));
    else if (inner !== undefined) parts.push(contentField(number, rewritten(content, inner(), prefix)));
    else parts.push(whole);
  }
  return Buffer.concat(parts);
}

function operatorSet(message: Uint8Array): [string, number] {
  let domain = "";
  let version = 0;
  for (const { number, content, integer } of fieldsOf(message)) {
    if (number === 1) domain = text(content);
    else if (number === 2) version = integer;
  }
  return [domain === "ai.onnx" ? "" : domain, version];
}

function operatorOf(message: Uint8Array): string {
  return `${nameAt(message, 7)}:${nameAt(message, 4)}`;
}

function valueOf(message: Uint8Array, prefix: string): ForeignValue {
  let elementType: number | null = null;
  for (const type of at(message, 2))
    for (const tensorType of at(type, 1)) for (const { number, integer } of fieldsOf(tensorType)) if (number === 1) elementType = integer;
  return { name: prefix + nameAt(message, 1), elementType };
}

function nameAt(message: Uint8Array, number: number): string {
  return text(at(message, number)[0] ?? new Uint8Array());
}

function at(message: Uint8Array, number: number): Uint8Array[] {
  return [...fieldsOf(message)].filter((field) => field.number === number).map(({ content }) => content);
}
