import { bytesFromStrings } from "./bytes.ts";
import type { Data } from "./datatype.ts";
import type { RequestedOutput } from "./request.ts";
import type { Signature } from "./signature.ts";

/** What is sent back for an inference request. */
export interface InferResponse {
  readonly headers: Readonly<Record<string, string>>;
  /** A text goes to the socket in one piece with its header, which is cheaper. */
  readonly body: Buffer | string;
}

export interface Answer {
  readonly model: string;
  readonly version: string;
  readonly id: string;
  readonly rows: number;
  /** In the order of the signature's outputs. */
  readonly outputs: readonly Data[];
}

/** Writes the asked outputs as JSON, or as binary tensors behind the JSON. NaN and infinities are null in JSON, which has none. */
export function writeResponse(answer: Answer, signature: Signature, requested: readonly RequestedOutput[]): InferResponse {
  const binary: Buffer[] = [];
  const tensors: string[] = [];
  for (const { index, binary: asBinary } of requested) {
    const port = signature.outputs[index];
    const data = answer.outputs[index];
    if (port === undefined || data === undefined) continue;
    const shape = [answer.rows, ...port.shape.slice(1)].join(",");
    const head = `{"name":${JSON.stringify(port.name)},"datatype":"${port.datatype}","shape":[${shape}],`;
    if (asBinary) {
      const bytes = Array.isArray(data) ? bytesFromStrings(data) : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      binary.push(bytes);
      tensors.push(`${head}"parameters":{"binary_data_size":${bytes.length}}}`);
    } else {
      tensors.push(`${head}"data":[${elementsAsJson(data, port.datatype === "BOOL")}]}`);
    }
  }
  const json = `{"model_name":${JSON.stringify(answer.model)},"model_version":${JSON.stringify(answer.version)},"id":${JSON.stringify(answer.id)},"outputs":[${tensors.join(",")}]}`;
  if (binary.length === 0) return { headers: { "content-type": "application/json" }, body: json };
  return {
    headers: { "content-type": "application/octet-stream", "inference-header-content-length": String(Buffer.byteLength(json)) },
    body: Buffer.concat([Buffer.from(json), ...binary]),
  };
}

function elementsAsJson(data: Data, boolean: boolean): string {
  if (Array.isArray(data)) return data.map((element) => JSON.stringify(element)).join(",");
  if (boolean) return data.join(",").replaceAll("1", "true").replaceAll("0", "false");
  if (data instanceof Float32Array || data instanceof Float64Array)
    return Array.from(data, (element) => (Number.isFinite(element) ? String(element) : "null")).join(",");
  return data.join(",");
}
