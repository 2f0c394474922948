import protobuf from "protobufjs/light.js";

/** The fields of a message: type and number. */
type Fields = Readonly<Record<string, readonly [type: string, id: number]>>;

/** `repeated T`, `map<string, T>` or `T`; fields of one group exclude each other. */
function message(fields: Fields, oneof: readonly string[] = []): protobuf.IType {
  const entries = Object.entries(fields).map(([name, [type, id]]) => {
    const [, value] = /^map<string, (.+)>$/.exec(type) ?? [];
    if (value !== undefined) return [name, { keyType: "string", type: value, id }];
    return [name, type.startsWith("repeated ") ? { rule: "repeated", type: type.slice(9), id } : { type, id }];
  });
  return { fields: Object.fromEntries(entries), ...(oneof.length === 0 ? {} : { oneofs: { choice: { oneof: [...oneof] } } }) };
}

const named: Fields = { name: ["string", 1], version: ["string", 2] };
const tensor: Fields = {
  name: ["string", 1],
  datatype: ["string", 2],
  shape: ["repeated int64", 3],
  parameters: ["map<string, InferParameter>", 4],
  contents: ["InferTensorContents", 5],
};
const infer: Fields = {
  model_name: ["string", 1],
  model_version: ["string", 2],
  id: ["string", 3],
  parameters: ["map<string, InferParameter>", 4],
};
const compute: Fields = { compute_input: ["Duration", 2], compute_infer: ["Duration", 3], compute_output: ["Duration", 4] };
const control: Fields = {
  repository_name: ["string", 1],
  model_name: ["string", 2],
  parameters: ["map<string, ModelRepositoryParameter>", 3],
};
const choices: Fields = { bool_param: ["bool", 1], int64_param: ["int64", 2], string_param: ["string", 3] };

// The Open Inference Protocol over gRPC with the parts of Triton's extensions that are offered: fields and their numbers are the
// protocol's, names of inner messages are ours, for they are not sent.
const schema: protobuf.INamespace = {
  nested: {
    Empty: message({}),
    Flag: message({ flag: ["bool", 1] }),
    Named: message(named),
    ServerMetadataResponse: message({ name: ["string", 1], version: ["string", 2], extensions: ["repeated string", 3] }),
    ModelMetadataResponse: message({
      name: ["string", 1],
      versions: ["repeated string", 2],
      platform: ["string", 3],
      inputs: ["repeated TensorMetadata", 4],
      outputs: ["repeated TensorMetadata", 5],
    }),
    TensorMetadata: message({ name: ["string", 1], datatype: ["string", 2], shape: ["repeated int64", 3] }),

    InferParameter: message({ ...choices, double_param: ["double", 4], uint64_param: ["uint64", 5] }, [
      ...Object.keys(choices),
      "double_param",
      "uint64_param",
    ]),
    InferTensorContents: message({
      bool_contents: ["repeated bool", 1],
      int_contents: ["repeated int32", 2],
      int64_contents: ["repeated int64", 3],
      uint_contents: ["repeated uint32", 4],
      uint64_contents: ["repeated uint64", 5],
      fp32_contents: ["repeated float", 6],
      fp64_contents: ["repeated double", 7],
      bytes_contents: ["repeated bytes", 8],
    }),
    Tensor: message(tensor),
    RequestedOutput: message({ name: ["string", 1], parameters: ["map<string, InferParameter>", 2] }),
    ModelInferRequest: message({
      ...infer,
      inputs: ["repeated Tensor", 5],
      outputs: ["repeated RequestedOutput", 6],
      raw_input_contents: ["repeated bytes", 7],
    }),
    ModelInferResponse: message({ ...infer, outputs: ["repeated Tensor", 5], raw_output_contents: ["repeated bytes", 6] }),
    ModelStreamInferResponse: message({ error_message: ["string", 1], infer_response: ["ModelInferResponse", 2] }),

    ModelConfigResponse: message({ config: ["ModelConfig", 1] }),
    ModelConfig: message({
      name: ["string", 1],
      platform: ["string", 2],
      version_policy: ["VersionPolicy", 3],
      max_batch_size: ["int32", 4],
      input: ["repeated ConfigInput", 5],
      output: ["repeated ConfigOutput", 6],
      instance_group: ["repeated InstanceGroup", 7],
      dynamic_batching: ["DynamicBatching", 11],
      backend: ["string", 17],
    }),
    VersionPolicy: message({ specific: ["SpecificVersions", 3] }),
    SpecificVersions: message({ versions: ["repeated int64", 1] }),
    ConfigInput: message({ name: ["string", 1], data_type: ["DataType", 2], dims: ["repeated int64", 4] }),
    ConfigOutput: message({ name: ["string", 1], data_type: ["DataType", 2], dims: ["repeated int64", 3] }),
    InstanceGroup: message({ name: ["string", 1], count: ["int32", 2], kind: ["InstanceKind", 4] }),
    DynamicBatching: message({ preferred_batch_size: ["repeated int32", 1], max_queue_delay_microseconds: ["uint64", 2] }),
    InstanceKind: { values: { KIND_AUTO: 0, KIND_GPU: 1, KIND_CPU: 2, KIND_MODEL: 3 } },
    DataType: {
      values: {
        TYPE_INVALID: 0,
        TYPE_BOOL: 1,
        TYPE_UINT8: 2,
        TYPE_UINT16: 3,
        TYPE_UINT32: 4,
        TYPE_UINT64: 5,
        TYPE_INT8: 6,
        TYPE_INT16: 7,
        TYPE_INT32: 8,
        TYPE_INT64: 9,
        TYPE_FP32: 11,
        TYPE_FP64: 12,
        TYPE_STRING: 13,
      },
    },

    ModelStatisticsResponse: message({ model_stats: ["repeated ModelStatistics", 1] }),
    ModelStatistics: message({
      name: ["string", 1],
      version: ["string", 2],
      last_inference: ["uint64", 3],
      inference_count: ["uint64", 4],
      execution_count: ["uint64", 5],
      inference_stats: ["InferStatistics", 6],
      batch_stats: ["repeated BatchStatistics", 7],
    }),
    Duration: message({ count: ["uint64", 1], ns: ["uint64", 2] }),
    InferStatistics: message({
      success: ["Duration", 1],
      fail: ["Duration", 2],
      queue: ["Duration", 3],
      compute_input: ["Duration", 4],
      compute_infer: ["Duration", 5],
      compute_output: ["Duration", 6],
      cache_hit: ["Duration", 7],
      cache_miss: ["Duration", 8],
    }),
    BatchStatistics: message({ batch_size: ["uint64", 1], ...compute }),

    RepositoryIndexRequest: message({ repository_name: ["string", 1], ready: ["bool", 2] }),
    RepositoryIndexResponse: message({ models: ["repeated ModelIndex", 1] }),
    ModelIndex: message({ name: ["string", 1], version: ["string", 2], state: ["string", 3], reason: ["string", 4] }),
    ModelControlRequest: message(control),
    ModelRepositoryParameter: message({ ...choices, bytes_param: ["bytes", 4] }, [...Object.keys(choices), "bytes_param"]),
  },
};

const root = protobuf.Root.fromJSON(schema);

/** A decoded message: 64-bit integers are decimal digits, bytes are buffers, absent lists are empty. */
export type Message = Readonly<Record<string, unknown>>;

/** @throws Error for bytes that are no such message */
export function decode(name: string, bytes: Uint8Array): Message {
  const type = root.lookupType(name);
  return type.toObject(type.decode(bytes), { longs: String, arrays: true, enums: String });
}

export function encode(name: string, value: object): Buffer {
  const type = root.lookupType(name);
  return Buffer.from(type.encode(type.fromObject(value)).finish());
}
