import { isUtf8 } from "node:buffer";
import { dataFromBytes, dataFromJson } from "./convert.ts";
import { isDatatype } from "./datatype.ts";
import type { Data, Datatype } from "./datatype.ts";
import { Fault, shown } from "./fault.ts";
import { flatten } from "./flatten.ts";
import type { Port, Signature } from "./signature.ts";
import { timeoutParameter } from "./timeout.ts";

/** An output that a request asks for, and how it is to be sent. */
export interface RequestedOutput {
  /** Index among the signature's outputs. */
  readonly index: number;
  readonly binary: boolean;
}

/** A request that is known to fit the model. */
export interface InferRequest {
  readonly id: string | null;
  readonly rows: number;
  /** In the order of the signature's inputs, in the model's own types. */
  readonly inputs: readonly Data[];
  readonly outputs: readonly RequestedOutput[];
  /** Microseconds after which the answer is no longer wanted; null for no deadline. */
  readonly timeout: number | null;
}

export type Json = Readonly<Record<string, unknown>>;

interface Header {
  readonly json: Json;
  /** The binary tensors, one after the other in the order of the inputs. */
  readonly tail: Buffer;
}

const longestId = 200;

/** The data of an input, of which name and shape are known to fit. @throws Fault 400 */
export type ReadData = (input: Json, port: Port, shape: readonly number[], index: number) => Data;

/**
 * Reads the body of an inference request (Open Inference Protocol v2 with the binary tensor extension).
 * @param headerLength the header `inference-header-content-length`, when the request has one: where the JSON ends
 * @throws Fault 400 that names what is wrong
 */
export function parseRequest(body: Buffer, headerLength: string | undefined, signature: Signature): InferRequest {
  const { json, tail } = splitBody(body, headerLength);
  let offset = 0;
  const request = readRequest(json, signature, (input, port, shape) => {
    const { name } = port;
    const size = binarySize(input, name);
    if (size === null) return dataFromJson(name, datatypeOf(input, port), port.datatype, flatten(name, input["data"], shape));
    if (offset + size > tail.length)
      throw new Fault(400, "wrong-size", `input '${name}': its binary_data_size of ${size} bytes exceeds what the body holds`);
    offset += size;
    const bytes = tail.subarray(offset - size, offset);
    return dataFromBytes(name, datatypeOf(input, port), port.datatype, (shape[0] ?? 0) * port.width, bytes);
  });
  if (offset !== tail.length)
    throw new Fault(400, "wrong-size", `the body holds ${tail.length} bytes of binary tensors, and the inputs account for ${offset}`);
  return request;
}

/** Reads a request whose words are those of the JSON, and whose tensors stand where `read` finds them. @throws Fault 400 */
export function readRequest(json: Json, signature: Signature, read: ReadData): InferRequest {
  const id = json["id"];
  if (id !== undefined && (typeof id !== "string" || id.length > longestId))
    throw new Fault(400, "bad-request", `'id' must be a text of at most ${longestId} characters`);
  const outputs = requestedOutputs(json, signature);
  const { inputs, rows } = readInputs(json["inputs"], signature, read);
  return { id: id ?? null, rows, inputs, outputs, timeout: timeoutParameter(parametersOf(json, "the request")["timeout"]) };
}

function splitBody(body: Buffer, headerLength: string | undefined): Header {
  let end = body.length;
  if (headerLength !== undefined) {
    end = /^\d{1,12}$/.test(headerLength) ? Number(headerLength) : NaN;
    if (!(end <= body.length))
      throw new Fault(
        400,
        "bad-header",
        `inference-header-content-length is ${shown(headerLength)}; it must be at most the body's ${body.length} bytes`,
      );
  }
  const head = body.subarray(0, end);
  return { json: parseJson(head, "'inputs'"), tail: body.subarray(end) };
}

/** The JSON object of a body; `holds` is what belongs into it. @throws Fault 400 */
export function parseJson(body: Buffer, holds: string): Json {
  if (!isUtf8(body)) throw new Fault(400, "bad-json", "the body's JSON is not UTF-8");
  let json: unknown;
  try {
    json = JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw new Fault(
      400,
      "bad-json",
      `the body is not JSON: ${error instanceof Error ? error.message : String(error)} (a missing value is written null)`,
    );
  }
  if (!isObject(json)) throw new Fault(400, "bad-request", `the body must be a JSON object with ${holds}`);
  return json;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readInputs(
  sent: unknown,
  { inputs: ports }: Signature,
  read: ReadData,
): { readonly inputs: readonly Data[]; readonly rows: number } {
  if (!Array.isArray(sent)) throw new Fault(400, "bad-request", "'inputs' must be an array of tensors");
  const found = new Map<string, Data>();
  let rows = -1;
  let first = "";
  for (const [index, input] of sent.entries()) {
    if (!isObject(input) || typeof input["name"] !== "string")
      throw new Fault(400, "bad-request", "every input must be an object with a text 'name'");
    const name = input["name"];
    const port = ports.find((candidate) => candidate.name === name);
    if (port === undefined)
      throw new Fault(400, "unknown-input", `the model has no input ${shown(name)}; it takes ${ports.map((each) => each.name).join(", ")}`);
    if (found.has(name)) throw new Fault(400, "duplicate-input", `input '${name}' is sent twice`);
    const shape = checkedShape(input["shape"], port);
    if (rows === -1) [rows, first] = [shape[0] ?? 0, name];
    if (shape[0] !== rows) throw new Fault(400, "row-count", `input '${name}' has ${shape[0]} rows, and input '${first}' has ${rows}`);
    found.set(name, read(input, port, shape, index));
  }
  return { rows, inputs: ports.map((port) => found.get(port.name) ?? missing(port)) };
}

function missing(port: Port): never {
  throw new Fault(400, "missing-input", `input '${port.name}' is missing (a missing value is sent as null, or as NaN or an empty text)`);
}

/** The type that an input is sent as. @throws Fault 400 */
export function datatypeOf(input: Json, port: Port): Datatype {
  const datatype = input["datatype"];
  if (isDatatype(datatype)) return datatype;
  throw new Fault(400, "wrong-type", `input '${port.name}': unknown datatype ${shown(datatype)}; the model takes ${port.datatype}`);
}

function checkedShape(shape: unknown, port: Port): readonly number[] {
  const fits =
    Array.isArray(shape) &&
    shape.length === port.shape.length &&
    shape.every((size, axis) => Number.isSafeInteger(size) && (axis === 0 ? size >= 1 : size === port.shape[axis]));
  if (fits) return shape;
  throw new Fault(
    400,
    "wrong-shape",
    `input '${port.name}': expected the shape [${port.shape.join(",")}] with at least one row, given ${shown(shape)}`,
  );
}

export function parametersOf(owner: Json, what: string): Json {
  const parameters = owner["parameters"] ?? {};
  if (isObject(parameters)) return parameters;
  throw new Fault(400, "bad-request", `${what}: 'parameters' must be an object`);
}

/** The bytes of an input that is sent as a binary tensor; null when its elements stand in the JSON. */
function binarySize(input: Json, name: string): number | null {
  const parameters = parametersOf(input, `input '${name}'`);
  if (parameters["shared_memory_region"] !== undefined)
    throw new Fault(400, "unsupported", `input '${name}': shared memory is not offered`);
  const size = parameters["binary_data_size"];
  if (size === undefined) return null;
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0)
    throw new Fault(400, "wrong-size", `input '${name}': binary_data_size must be a whole number, given ${shown(size)}`);
  if (input["data"] !== undefined) throw new Fault(400, "bad-request", `input '${name}' has both 'data' and binary_data_size`);
  return size;
}

function requestedOutputs(json: Json, { outputs: ports }: Signature): readonly RequestedOutput[] {
  const binary = parametersOf(json, "the request")["binary_data_output"] === true;
  const asked = json["outputs"];
  if (asked === undefined || (Array.isArray(asked) && asked.length === 0)) return ports.map((_, index) => ({ index, binary }));
  if (!Array.isArray(asked)) throw new Fault(400, "bad-request", "'outputs' must be an array");
  const seen = new Set<number>();
  return asked.map((output: unknown) => {
    if (!isObject(output) || typeof output["name"] !== "string")
      throw new Fault(400, "bad-request", "every output must be an object with a text 'name'");
    const name = output["name"];
    const index = ports.findIndex((port) => port.name === name);
    if (index === -1)
      throw new Fault(
        400,
        "unknown-output",
        `the model has no output ${shown(name)}; it gives ${ports.map((port) => port.name).join(", ")}`,
      );
    if (seen.has(index)) throw new Fault(400, "duplicate-output", `output '${name}' is asked for twice`);
    seen.add(index);
    const parameters = parametersOf(output, `output '${name}'`);
    for (const extension of ["classification", "shared_memory_region"]) {
      if (parameters[extension] !== undefined) throw new Fault(400, "unsupported", `output '${name}': ${extension} is not offered`);
    }
    return { index, binary: typeof parameters["binary_data"] === "boolean" ? parameters["binary_data"] : binary };
  });
}
