import { contentField, fieldsOf } from "./wire.ts";

/** Fields of ONNX's messages: of a model its graph, of a graph its initializers, of a tensor what says where its elements lie. */
const graphOfModel = 7;
const initializerOfGraph = 5;
const tensor = { rawData: 9, externalData: 13, dataLocation: 14 } as const;

/** The files that the weights of a model lie in beside it, by the names that it gives them. */
export function externalFiles(model: Uint8Array): readonly string[] {
  const names = new Set<string>();
  for (const graph of fieldsOf(model)) {
    if (graph.number !== graphOfModel) continue;
    for (const field of fieldsOf(graph.content)) {
      const place = field.number === initializerOfGraph ? placeOf(field.content) : null;
      if (place !== null) names.add(place.file);
    }
  }
  return [...names];
}

/**
 * The same model with its weights inside, so that it is one file with one hash.
 *
 * @param files by the names that `externalFiles` gives
 * @throws Error where a file is missing or too short
 */
export function withWeightsInside(model: Uint8Array, files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  return rewrite(model, graphOfModel, (graph) => rewrite(graph, initializerOfGraph, (initializer) => withRawData(initializer, files)));
}

function rewrite(message: Uint8Array, number: number, change: (content: Uint8Array) => Uint8Array): Uint8Array {
  return Buffer.concat(
    [...fieldsOf(message)].map((field) => (field.number === number ? contentField(number, change(field.content)) : field.whole)),
  );
}

function withRawData(initializer: Uint8Array, files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const place = placeOf(initializer);
  if (place === null) return initializer;
  const bytes = files.get(place.file);
  const end = bytes === undefined ? 0 : place.offset + (place.length ?? bytes.length - place.offset);
  if (bytes === undefined || end > bytes.length) throw new Error(`the weights in ${place.file} are not all there`);
  const kept = [...fieldsOf(initializer)].filter(({ number }) => number !== tensor.externalData && number !== tensor.dataLocation);
  return Buffer.concat([...kept.map(({ whole }) => whole), contentField(tensor.rawData, bytes.subarray(place.offset, end))]);
}

/** Where a tensor's elements lie; null for one that has them itself. */
function placeOf(initializer: Uint8Array): { readonly file: string; readonly offset: number; readonly length: number | null } | null {
  const fields = [...fieldsOf(initializer)];
  if (!fields.some(({ number, integer }) => number === tensor.dataLocation && integer === 1)) return null;
  const said = new Map(
    fields.flatMap(({ number, content }) => {
      if (number !== tensor.externalData) return [];
      const [key = "", value = ""] = [1, 2].map((part) =>
        Buffer.from([...fieldsOf(content)].find((field) => field.number === part)?.content ?? []).toString("utf8"),
      );
      return [[key, value] as const];
    }),
  );
  const length = said.get("length");
  return {
    file: said.get("location") ?? "",
    offset: Number(said.get("offset") ?? 0),
    length: length === undefined ? null : Number(length),
  };
}
