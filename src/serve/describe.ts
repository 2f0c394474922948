import { readFileSync } from "node:fs";
import { datatypes } from "./datatype.ts";
import type { Deployment } from "./deployment.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Port } from "./signature.ts";
import type { Duration, VersionStatistics } from "./statistics.ts";

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

/** `versions` are all that the endpoint serves. */
export function describeModel({ name, signature }: Deployment, { versions }: Endpoint): object {
  const tensor = (port: Port): object => ({ name: port.name, datatype: port.datatype, shape: port.shape });
  return {
    name,
    versions: versions.map(({ deployment }) => deployment.version),
    platform: "onnxruntime_onnx",
    inputs: signature.inputs.map(tensor),
    outputs: signature.outputs.map(tensor),
  };
}

/** As Triton writes a configuration: a batched model's dimensions do not name the rows. */
export function describeConfiguration({ name, signature, limits }: Deployment, { versions }: Endpoint): object {
  const { maxBatch, preferredBatches, maxDelayMicroseconds, workers } = limits;
  // Triton's versions are whole numbers.
  const numbers = versions.map(({ deployment }) => Number(deployment.version)).filter(Number.isSafeInteger);
  const tensor = (port: Port): object => ({ name: port.name, data_type: datatypes[port.datatype].triton, dims: port.shape.slice(1) });
  return {
    name,
    platform: "onnxruntime_onnx",
    backend: "onnxruntime",
    version_policy: { specific: { versions: numbers } },
    max_batch_size: maxBatch,
    input: signature.inputs.map(tensor),
    output: signature.outputs.map(tensor),
    dynamic_batching: {
      preferred_batch_size: preferredBatches.length === 0 ? [maxBatch] : preferredBatches,
      max_queue_delay_microseconds: maxDelayMicroseconds,
    },
    instance_group: [{ name, kind: "KIND_CPU", count: workers }],
  };
}

/** Times are nanoseconds, `last_inference` milliseconds since 1970. */
export function describeStatistics({ name, version, statistics: of }: Deployment): object {
  return {
    name,
    version,
    last_inference: of.lastInference,
    inference_count: of.inferences,
    execution_count: of.executions,
    inference_stats: {
      success: duration(of.success),
      fail: duration(of.fail),
      queue: duration(of.queue),
      ...computeDurations(of),
      cache_hit: duration(none),
      cache_miss: duration(none),
    },
    batch_stats: [...of.bySize].map(([size, sized]) => ({ batch_size: size, ...computeDurations(sized) })),
    memory_usage: [],
    response_stats: {},
  };
}

const none: Duration = { count: 0, milliseconds: 0 };

function duration({ count, milliseconds }: Duration): object {
  return { count, ns: Math.round(Math.max(0, milliseconds) * 1e6) };
}

function computeDurations(of: Pick<VersionStatistics, "computeInput" | "computeInfer" | "computeOutput">): object {
  return {
    compute_input: duration(of.computeInput),
    compute_infer: duration(of.computeInfer),
    compute_output: duration(of.computeOutput),
  };
}
