import { Fault, shown } from "../fault.ts";
import { flatten } from "../flatten.ts";
import { parametersOf, parseJson } from "../request.ts";
import type { Asked, Backend, ServerProtocol } from "./protocols.ts";

type Json = Readonly<Record<string, unknown>>;

/** TensorFlow's types of tensors, as its metadata names them, in the protocol's. */
const datatypes: Readonly<Record<string, string>> = {
  DT_BOOL: "BOOL",
  DT_INT8: "INT8",
  DT_INT16: "INT16",
  DT_INT32: "INT32",
  DT_INT64: "INT64",
  DT_UINT8: "UINT8",
  DT_UINT16: "UINT16",
  DT_UINT32: "UINT32",
  DT_UINT64: "UINT64",
  DT_HALF: "FP16",
  DT_FLOAT: "FP32",
  DT_DOUBLE: "FP64",
  DT_STRING: "BYTES",
};

/** The signature that TensorFlow names where a client names none. */
const signature = "serving_default";

/**
 * TensorFlow Serving's REST interface in its columnar form. It does not say the types of what it answers: they are those of the
 * signature, which is asked for once a version.
 */
export function tensorflowServing({ url, headers }: Backend): ServerProtocol {
  const outputs = new Map<string, Promise<ReadonlyMap<string, string>>>();
  const pathOf = ({ endpoint, version }: Asked): string =>
    `/v1/models/${encodeURIComponent(endpoint)}/versions/${encodeURIComponent(version)}`;
  const outputsOf = (asked: Asked): Promise<ReadonlyMap<string, string>> => {
    const path = pathOf(asked);
    const known = outputs.get(path) ?? readOutputs(`${url}${path}/metadata`, headers);
    outputs.set(path, known);
    known.catch(() => outputs.delete(path));
    return known;
  };
  return {
    inferPath: (asked) => `${pathOf(asked)}:predict`,
    describePath: () => null,
    refusal: () => null,
    translation: {
      request: (body) => Buffer.from(JSON.stringify({ signature_name: signature, inputs: inputsOf(parseJson(body, "'inputs'")) })),
      async response(asked, body, request) {
        const types = await outputsOf(asked);
        const answered = parseJson(body, "'outputs'")["outputs"];
        // The name is left out where there is one output only.
        const named: Json = types.size === 1 ? { [[...types.keys()][0] ?? ""]: answered } : objectOf(answered);
        const tensors = Object.entries(named).map(([name, value]) => ({
          name,
          datatype: types.get(name) ?? "FP32",
          shape: shapeOf(value),
          data: flat(value),
        }));
        const id = parseJson(request, "'inputs'")["id"];
        return Buffer.from(
          JSON.stringify({
            model_name: asked.endpoint,
            model_version: asked.version,
            ...(typeof id === "string" ? { id } : {}),
            outputs: tensors,
          }),
        );
      },
    },
  };
}

function inputsOf({ inputs }: Json): Json {
  if (!Array.isArray(inputs)) throw new Fault(400, "bad-request", "'inputs' must be an array of tensors");
  return Object.fromEntries(
    inputs.map((input: unknown) => {
      const { name, shape, data, ...others } = objectOf(input);
      if (typeof name !== "string" || !isShape(shape))
        throw new Fault(400, "bad-request", "every input must have a text 'name' and a 'shape'");
      if (parametersOf(others, `input '${name}'`)["binary_data_size"] !== undefined)
        throw new Fault(400, "unsupported", `input '${name}': binary tensors are not offered where TensorFlow Serving answers; send JSON`);
      const elements = flatten(name, data, shape);
      if (elements.includes(null))
        throw new Fault(
          400,
          "wrong-value",
          `input '${name}': TensorFlow has no null; send the value that the model takes for a missing one`,
        );
      return [name, nested(elements, shape)];
    }),
  );
}

async function readOutputs(url: string, headers: Readonly<Record<string, string>>): Promise<ReadonlyMap<string, string>> {
  const reply = await fetch(url, { headers });
  if (!reply.ok) throw new Fault(503, "no-signature", "the server does not tell the model's signature", { "retry-after": "1" });
  const metadata = objectOf(objectOf(JSON.parse(await reply.text()))["metadata"]);
  const found = objectOf(objectOf(objectOf(metadata["signature_def"])["signature_def"])[signature]);
  return new Map(
    Object.entries(objectOf(found["outputs"])).map(([name, output]) => [name, datatypes[String(objectOf(output)["dtype"])] ?? "FP32"]),
  );
}

function objectOf(value: unknown): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return Object.fromEntries(Object.entries(value));
  throw new Fault(502, "bad-answer", `an object was expected, not ${shown(value)}`);
}

function isShape(shape: unknown): shape is readonly number[] {
  return Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function nested(elements: readonly unknown[], shape: readonly number[]): unknown {
  const [size = 0, ...rest] = shape;
  if (rest.length === 0) return elements;
  const step = rest.reduce((product, each) => product * each, 1);
  return Array.from({ length: size }, (_, index) => nested(elements.slice(index * step, (index + 1) * step), rest));
}

function shapeOf(value: unknown): readonly number[] {
  return Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : [];
}

function flat(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.flatMap(flat) : [value];
}
