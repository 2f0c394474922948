import { datatypes } from "../../serve/datatype.ts";
import type { Port, Signature } from "../../serve/signature.ts";

export interface TritonConfig {
  readonly name: string;
  readonly backend: "onnxruntime" | "python";
  /** Those that are to be loaded. */
  readonly versions: readonly string[];
  readonly signature: Signature;
  readonly maxBatch: number;
  readonly maxDelayMicroseconds: number;
  readonly instances: number;
  readonly device: "cpu" | "gpu";
}

/**
 * The text of a model's `config.pbtxt`, from the signature of its ONNX file: the first dimension is the batch, which Triton does not name.
 * A tensor without another one gets a dimension of 1 on the outside, for Triton has no tensors without any.
 */
export function tritonConfig(config: TritonConfig): string {
  const { name, backend, versions, signature, maxBatch, maxDelayMicroseconds, instances, device } = config;
  return `name: ${quoted(name)}
backend: "${backend}"
default_model_filename: "${backend === "python" ? "model.py" : "model.onnx"}"
max_batch_size: ${maxBatch}
version_policy: { specific: { versions: [${versions.toSorted((a, b) => Number(a) - Number(b)).join(", ")}] } }
input [
  ${signature.inputs.map(tensor).join(",\n  ")}
]
output [
  ${signature.outputs.map(tensor).join(",\n  ")}
]
dynamic_batching { max_queue_delay_microseconds: ${maxDelayMicroseconds} }
instance_group [ { kind: ${device === "gpu" ? "KIND_GPU" : "KIND_CPU"} count: ${instances} } ]
`;
}

function tensor({ name, datatype, shape }: Port): string {
  const dimensions = shape.slice(1);
  const head = `{ name: ${quoted(name)} data_type: ${datatypes[datatype].triton}`;
  return dimensions.length === 0 ? `${head} dims: [1] reshape: { shape: [] } }` : `${head} dims: [${dimensions.join(", ")}] }`;
}

/** Of protobuf's text format: it reads octal escapes of bytes. */
function quoted(text: string): string {
  const bytes = [...Buffer.from(text, "utf8")].map((byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`,
  );
  return `"${bytes.join("")}"`;
}
