import { MillwrightError } from "../error.ts";
import { modelProto } from "../train/onnx/schema.ts";

/** What protobuf.js gives for a 64-bit integer. */
type Long = number | { toNumber(): number };

export interface GraphNode {
  readonly name: string;
  /** `MatMul`. */
  readonly opType: string;
  /** Empty for ONNX's own operators; also written `ai.onnx`. */
  readonly domain: string;
  /** Empty names stand for optional inputs that are left out. */
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly {
    readonly name: string;
    readonly i?: Long;
    readonly ints?: readonly Long[];
    readonly floats?: readonly number[];
    readonly g?: OnnxGraph | null;
    readonly graphs?: readonly OnnxGraph[];
  }[];
}

/** A tensor's declared type; the element types are numbered as in ONNX's TensorProto.DataType. */
export interface ValueInfo {
  readonly name: string;
  readonly type?: {
    readonly tensorType?: {
      readonly elemType: number;
      readonly shape?: { readonly dim: readonly { readonly dimValue?: Long | null; readonly dimParam?: string | null }[] } | null;
    } | null;
  } | null;
}

export interface OnnxGraph {
  readonly node: readonly GraphNode[];
  readonly name: string;
  readonly initializer: readonly {
    readonly name: string;
    readonly dims: readonly Long[];
    readonly dataType: number;
    readonly dataLocation?: number;
    readonly rawData?: Uint8Array;
    readonly int64Data?: readonly Long[];
  }[];
  readonly sparseInitializer: readonly Uint8Array[];
  readonly input: readonly ValueInfo[];
  readonly output: readonly ValueInfo[];
  readonly valueInfo: readonly ValueInfo[];
}

/** An ONNX file, as far as packaging looks into it; the rest is carried along unread. */
export interface OnnxModel {
  readonly irVersion: Long;
  readonly opsetImport: readonly { readonly domain: string; readonly version: Long }[];
  readonly graph: OnnxGraph;
  readonly metadataProps: readonly { readonly key: string; readonly value: string }[];
}

/** Versions of ONNX's own operators that packages are made of; the older ones lack what our preparation is written in. */
export const supportedOpsets: { readonly from: number; readonly to: number } = { from: 13, to: 22 };

/**
 * Reads an ONNX file.
 *
 * @param opsets versions of ONNX's own operators that the caller understands
 * @throws MillwrightError `onnx-unreadable`; `onnx-external-data` where weights lie in other files; `onnx-opset` where the operators' version is not one of `opsets`.
 */
export function readModel(bytes: Uint8Array, where: string, opsets: typeof supportedOpsets = supportedOpsets): OnnxModel {
  const model = decode(bytes, where);
  if (model.graph.initializer.some(({ dataLocation }) => dataLocation === 1))
    throw new MillwrightError({
      code: "onnx-external-data",
      what: "the model keeps weights in files beside it, which a package does not carry",
      where,
      fix: "save it as one file: onnx.save_model(model, path, save_as_external_data=False)",
    });
  const opset = opsetOf(model);
  if (opset < opsets.from || opset > opsets.to)
    throw new MillwrightError({
      code: "onnx-opset",
      what: `the model uses version ${opset} of ONNX's operators; packages are made of versions ${opsets.from} to ${opsets.to}`,
      where,
      fix: "export it with another opset, e.g. target_opset=17 of skl2onnx or opset_version=17 of torch.onnx.export",
    });
  return model;
}

/** A model as the bytes of an ONNX file. */
export function writeModel(model: OnnxModel): Uint8Array {
  return modelProto.encode(modelProto.create({ ...model })).finish();
}

/** The version of ONNX's own operators that a model uses; 0 where it names none. */
export function opsetOf(model: OnnxModel): number {
  const own = model.opsetImport.find(({ domain }) => isStandard(domain));
  return own === undefined ? 0 : Number(own.version);
}

/** Whether a domain is ONNX's own. */
export function isStandard(domain: string): boolean {
  return domain === "" || domain === "ai.onnx";
}

/** How often each operator is used: `MatMul`, `ai.onnx.ml.LabelEncoder`; those of inner graphs too. */
export function operatorsOf(graph: OnnxGraph): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const node of everyNode(graph)) {
    const name = isStandard(node.domain) ? node.opType : `${node.domain}.${node.opType}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

function everyNode(graph: OnnxGraph): readonly GraphNode[] {
  return graph.node.flatMap((node) => [node, ...innerGraphs(node).flatMap(everyNode)]);
}

function innerGraphs(node: GraphNode): readonly OnnxGraph[] {
  return node.attribute.flatMap(({ g, graphs }) => [...(g ? [g] : []), ...(graphs ?? [])]);
}

/** Every tensor that a node reads, also from within its inner graphs. */
export function readBy(node: GraphNode): readonly string[] {
  return [...node.input.filter((name) => name !== ""), ...innerGraphs(node).flatMap((graph) => graph.node.flatMap(readBy))];
}

function decode(bytes: Uint8Array, where: string): OnnxModel {
  const unreadable = (reason: string, cause?: unknown): MillwrightError =>
    new MillwrightError(
      { code: "onnx-unreadable", what: `the file is no ONNX model: ${reason}`, where, fix: "check what wrote it" },
      cause === undefined ? {} : { cause },
    );
  let decoded;
  try {
    decoded = modelProto.decode(bytes);
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : String(error), error);
  }
  if (!isModel(decoded)) throw unreadable("it holds no graph");
  return decoded;
}

function isModel(value: object): value is OnnxModel {
  return "graph" in value && typeof value.graph === "object" && value.graph !== null && "opsetImport" in value;
}
