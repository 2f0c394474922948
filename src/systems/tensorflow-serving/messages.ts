import protobuf from "protobufjs/light.js";

/** A model as TensorFlow Serving is told to serve it. */
export interface ServedConfig {
  readonly name: string;
  /** As the server sees it; its folders of versions lie there. */
  readonly basePath: string;
  /** Whole numbers. */
  readonly versions: readonly string[];
}

// Fields and their numbers are those of tensorflow_serving/apis and config (model_management.proto, model_server_config.proto,
// file_system_storage_path_source.proto, status.proto); names of inner messages are ours, for they are not sent.
const root = protobuf.Root.fromJSON({
  nested: {
    ReloadConfigRequest: { fields: { config: { type: "ModelServerConfig", id: 1 } } },
    ModelServerConfig: { fields: { modelConfigList: { type: "ModelConfigList", id: 1 } } },
    ModelConfigList: { fields: { config: { rule: "repeated", type: "ModelConfig", id: 1 } } },
    ModelConfig: {
      fields: {
        name: { type: "string", id: 1 },
        basePath: { type: "string", id: 2 },
        modelPlatform: { type: "string", id: 4 },
        modelVersionPolicy: { type: "ServableVersionPolicy", id: 7 },
      },
    },
    ServableVersionPolicy: { fields: { specific: { type: "Specific", id: 102 } } },
    Specific: { fields: { versions: { rule: "repeated", type: "int64", id: 1 } } },
    ReloadConfigResponse: { fields: { status: { type: "StatusProto", id: 1 } } },
    StatusProto: { fields: { errorCode: { type: "int32", id: 1 }, errorMessage: { type: "string", id: 2 } } },
  },
});

/** The whole list of what is to be served: what is not in it is unloaded. */
export function reloadRequest(models: readonly ServedConfig[]): Buffer {
  const type = root.lookupType("ReloadConfigRequest");
  const config = models.map(({ name, basePath, versions }) => ({
    name,
    basePath,
    modelPlatform: "tensorflow",
    modelVersionPolicy: { specific: { versions } },
  }));
  return Buffer.from(type.encode(type.fromObject({ config: { modelConfigList: { config } } })).finish());
}

/** The reverse of `reloadRequest`. */
export function readReloadRequest(bytes: Uint8Array): readonly ServedConfig[] {
  const type = root.lookupType("ReloadConfigRequest");
  const request: {
    readonly config?: {
      readonly modelConfigList?: {
        readonly config?: readonly {
          readonly name: string;
          readonly basePath: string;
          readonly modelVersionPolicy?: { readonly specific?: { readonly versions: readonly string[] } };
        }[];
      };
    };
  } = type.toObject(type.decode(bytes), { longs: String, arrays: true });
  return (request.config?.modelConfigList?.config ?? []).map(({ name, basePath, modelVersionPolicy }) => ({
    name,
    basePath,
    versions: modelVersionPolicy?.specific?.versions ?? [],
  }));
}

/** What the server says of a list that it does not take; null where it took it. */
export function reloadFault(bytes: Uint8Array): string | null {
  const type = root.lookupType("ReloadConfigResponse");
  const { status }: { readonly status?: { readonly errorCode?: number; readonly errorMessage?: string } } = type.toObject(
    type.decode(bytes),
  );
  return (status?.errorCode ?? 0) === 0 ? null : (status?.errorMessage ?? `error ${status?.errorCode}`);
}
