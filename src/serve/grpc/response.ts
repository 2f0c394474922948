import { bytesFromStrings } from "../bytes.ts";
import type { Data, Datatype } from "../datatype.ts";
import type { Inferred } from "../inference.ts";
import type { Message } from "./messages.ts";

/**
 * The reply of ModelInfer, as it is encoded. A request that sent its inputs as bytes gets bytes, one that sent typed elements gets those.
 * @param raw whether the inputs came as bytes
 */
export function inferResponse(name: string, { deployment, request, id, outputs }: Inferred, raw: boolean): Message {
  const tensors: object[] = [];
  const bytes: Buffer[] = [];
  for (const { index } of request.outputs) {
    const port = deployment.signature.outputs[index];
    const data = outputs[index];
    if (port === undefined || data === undefined) continue;
    const tensor = { name: port.name, datatype: port.datatype, shape: [request.rows, ...port.shape.slice(1)] };
    tensors.push(raw ? tensor : { ...tensor, contents: contents(port.datatype, data) });
    if (raw) bytes.push(Array.isArray(data) ? bytesFromStrings(data) : Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  }
  return { model_name: name, model_version: deployment.version, id, outputs: tensors, raw_output_contents: bytes };
}

function contents(datatype: Datatype, data: Data): object {
  if (Array.isArray(data)) return { bytes_contents: data.map((text) => Buffer.from(text, "utf8")) };
  if (datatype === "BOOL") return { bool_contents: Array.from(data, Boolean) };
  if (data instanceof BigInt64Array) return { int64_contents: Array.from(data, String) };
  if (data instanceof BigUint64Array) return { uint64_contents: Array.from(data, String) };
  if (data instanceof Float32Array) return { fp32_contents: Array.from(data) };
  if (data instanceof Float64Array) return { fp64_contents: Array.from(data) };
  return datatype.startsWith("UINT") ? { uint_contents: Array.from(data, Number) } : { int_contents: Array.from(data, Number) };
}
