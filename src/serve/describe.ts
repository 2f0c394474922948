import { readFileSync } from "node:fs";
import { datatypes } from "./datatype.ts";
import type { BatchLimits, Deployment } from "./deployment.ts";
import type { Port } from "./signature.ts";

// The replies of the Open Inference Protocol that say what the server and its models are. Configuration, statistics and
// the index are Triton's extensions, because its clients ask for them; every field is one that those clients read.

const packageFile: { readonly version: string } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

export function describeServer(): object {
  return {
    name: "millwright",
    version: packageFile.version,
    extensions: ["binary_tensor_data", "model_configuration", "statistics", "model_repository"],
  };
}

export function describeModel({ name, version, signature }: Deployment): object {
  const tensor = (port: Port): object => ({ name: port.name, datatype: port.datatype, shape: port.shape });
  return {
    name,
    versions: [version],
    platform: "onnxruntime_onnx",
    inputs: signature.inputs.map(tensor),
    outputs: signature.outputs.map(tensor),
  };
}

/** As Triton writes a configuration: a batched model's dimensions do not name the rows. */
export function describeConfiguration(
  { name, version, signature }: Deployment,
  { maxBatch, maxDelayMicroseconds, workers }: BatchLimits,
): object {
  const tensor = (port: Port): object => ({ name: port.name, data_type: datatypes[port.datatype].triton, dims: port.shape.slice(1) });
  return {
    name,
    platform: "onnxruntime_onnx",
    backend: "onnxruntime",
    version_policy: { specific: { versions: [version] } },
    max_batch_size: maxBatch,
    input: signature.inputs.map(tensor),
    output: signature.outputs.map(tensor),
    dynamic_batching: { preferred_batch_size: [maxBatch], max_queue_delay_microseconds: maxDelayMicroseconds },
    instance_group: [{ name, kind: "KIND_CPU", count: workers }],
  };
}

/** Times are nanoseconds, `last_inference` milliseconds since 1970. */
export function describeStatistics({ name, version, statistics: of }: Deployment): object {
  const duration = (count: number, milliseconds: number): object => ({ count, ns: Math.round(milliseconds * 1e6) });
  return {
    name,
    version,
    last_inference: of.lastInference,
    inference_count: of.inferences,
    execution_count: of.batches,
    inference_stats: {
      success: duration(of.requests, of.succeededMilliseconds),
      fail: duration(of.failures, of.failedMilliseconds),
      queue: duration(of.batches, of.waitedMilliseconds),
      compute_input: duration(of.batches, 0),
      compute_infer: duration(of.batches, of.computeMilliseconds),
      compute_output: duration(of.batches, 0),
    },
    batch_stats: [],
  };
}

export function describeIndexEntry({ name, version, runner }: Deployment): object {
  const ready = runner.alive() > 0;
  return { name, version, state: ready ? "READY" : "UNAVAILABLE", reason: ready ? "" : "its worker threads are being replaced" };
}
