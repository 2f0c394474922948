import { isStandard, type GraphNode, type OnnxGraph } from "./graph.ts";

/** ONNX's numbers of element types, TensorProto.DataType, as far as they matter here. */
export const elementType = { float: 1, int64: 7, text: 8, boolean: 9, double: 11 } as const;

const comparisons = new Set(["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not", "And", "Or", "Xor", "IsNaN", "IsInf"]);
const counts = new Set(["Shape", "Size", "ArgMax", "ArgMin", "NonZero"]);

/**
 * The element type of every tensor: as declared, else by its operator. Most operators give what their first input is; a tensor of an operator
 * that does otherwise and is not known here gets a wrong type, so that what is built on it must be tried before it is used.
 */
export function elementTypes(graph: OnnxGraph): ReadonlyMap<string, number> {
  const types = new Map<string, number>();
  for (const { name, dataType } of graph.initializer) types.set(name, dataType);
  for (const node of graph.node) {
    const type = resultType(node, types);
    for (const name of node.output) if (type !== undefined) types.set(name, type);
    for (const { name, type: declared } of graph.input) if (declared?.tensorType) types.set(name, declared.tensorType.elemType);
  }
  for (const { name, type } of [...graph.input, ...graph.output, ...graph.valueInfo])
    if (type?.tensorType) types.set(name, type.tensorType.elemType);
  return types;
}

function resultType(node: GraphNode, types: ReadonlyMap<string, number>): number | undefined {
  const { opType, input, attribute } = node;
  if (!isStandard(node.domain)) {
    if (opType === "ArrayFeatureExtractor") return types.get(input[0] ?? "");
    if (opType !== "LabelEncoder") return elementType.float;
    const has = (name: string): boolean => attribute.some((given) => given.name === name);
    return has("values_strings") ? elementType.text : has("values_int64s") ? elementType.int64 : elementType.float;
  }
  if (opType === "Cast") return Number(attribute.find(({ name }) => name === "to")?.i ?? 0);
  if (comparisons.has(opType)) return elementType.boolean;
  if (counts.has(opType)) return elementType.int64;
  const [first, second] = input;
  return types.get((opType === "Where" ? second : first) ?? "");
}
