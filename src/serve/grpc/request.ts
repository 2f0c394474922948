import { checkConvertible, dataFromBytes, dataFromTyped } from "../convert.ts";
import type { Data, Datatype } from "../datatype.ts";
import { Fault } from "../fault.ts";
import { datatypeOf, readRequest } from "../request.ts";
import type { InferRequest } from "../request.ts";
import type { Port, Signature } from "../signature.ts";
import type { Message } from "./messages.ts";

/** Where the elements of a type stand when they are not sent as bytes. */
const contentsOf: Readonly<Record<Datatype, string>> = Object.freeze({
  BOOL: "bool_contents",
  INT8: "int_contents",
  INT16: "int_contents",
  INT32: "int_contents",
  INT64: "int64_contents",
  UINT8: "uint_contents",
  UINT16: "uint_contents",
  UINT32: "uint_contents",
  UINT64: "uint64_contents",
  FP32: "fp32_contents",
  FP64: "fp64_contents",
  BYTES: "bytes_contents",
});

/**
 * Reads a decoded ModelInferRequest.
 * @throws Fault 400 that names what is wrong
 */
export function parseInferRequest(message: Message, signature: Signature): InferRequest {
  const raw = buffers(message["raw_input_contents"]);
  const inputs = messages(message["inputs"]);
  if (raw.length > 0 && raw.length !== inputs.length)
    throw new Fault(400, "wrong-size", `the request has ${inputs.length} inputs, and 'raw_input_contents' has ${raw.length} elements`);
  const id = message["id"];
  const json = {
    ...(typeof id === "string" && id !== "" ? { id } : {}),
    parameters: parametersOf(message),
    inputs: inputs.map((input) => ({ ...input, shape: list(input["shape"]).map(Number), parameters: parametersOf(input) })),
    outputs: messages(message["outputs"]).map((output) => ({ ...output, parameters: parametersOf(output) })),
  };
  return readRequest(json, signature, (input, port, [rows = 0], index) => {
    if (Object.hasOwn(parametersOf(input), "shared_memory_region"))
      throw new Fault(400, "unsupported", `input '${port.name}': shared memory is not offered`);
    const from = datatypeOf(input, port);
    const length = rows * port.width;
    const bytes = raw[index];
    const contents = input["contents"];
    if (bytes === undefined) return typed(port, from, length, isMessage(contents) ? contents : {});
    if (isMessage(contents)) throw new Fault(400, "bad-request", `input '${port.name}' has both 'contents' and 'raw_input_contents'`);
    return dataFromBytes(port.name, from, port.datatype, length, bytes);
  });
}

function typed(port: Port, from: Datatype, length: number, contents: Message): Data {
  const { name, datatype: to } = port;
  checkConvertible(name, from, to);
  const field = contentsOf[from];
  const other = Object.keys(contents).find((key) => key !== field && list(contents[key]).length > 0);
  if (other !== undefined)
    throw new Fault(400, "wrong-type", `input '${name}' is sent as ${from}: its elements belong into ${field}, not ${other}`);
  const elements = list(contents[field]);
  if (elements.length !== length)
    throw new Fault(400, "wrong-shape", `input '${name}': its shape has ${length} elements, '${field}' has ${elements.length}`);
  return dataFromTyped(name, from, to, elements);
}

/** The values of parameters, of whichever type they are. */
export function parametersOf(owner: Message): Message {
  const parameters = owner["parameters"];
  if (!isMessage(parameters)) return {};
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => {
      if (!isMessage(value)) return [name, value];
      const [[kind, choice] = ["", null]] = Object.entries(value);
      // Whole numbers of 64 bits come as digits.
      return [name, kind === "int64_param" || kind === "uint64_param" ? Number(choice) : choice];
    }),
  );
}

function isMessage(value: unknown): value is Message {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function messages(value: unknown): readonly Message[] {
  return list(value).filter(isMessage);
}

function buffers(value: unknown): readonly Buffer[] {
  return list(value).filter((each) => Buffer.isBuffer(each));
}
