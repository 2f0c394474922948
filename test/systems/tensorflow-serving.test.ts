import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { wheelFile } from "../../src/fetch/wheel.ts";
import { connectRole, resolveOptions } from "../../src/run/bind.ts";
import { tensorflowServing } from "../../src/systems/index.ts";
import { readReloadRequest, reloadFault, reloadRequest } from "../../src/systems/tensorflow-serving/messages.ts";
import type { ModelServer } from "../../src/systems/roles.ts";
import { codeOf, modelServerContract, packageOf } from "../contracts/model-server.ts";
import { pythonEnvironment } from "../servers/python.ts";
import { startTensorflowServingStandIn } from "../servers/tensorflow-serving.ts";
import { smallModel } from "../serve/model.ts";

/** Folders of the stand-in that the contract runs against. */
let started: { readonly models: string; readonly saved: string } | null = null;

function places(): { readonly models: string; readonly saved: string } {
  if (started === null) throw new Error("the stand-in has not been started");
  return started;
}

/** A stand-in, its SavedModels (in truth ONNX files), and how to connect to it. */
async function standIn(): Promise<{
  connect(): Promise<ModelServer>;
  stop(): Promise<void>;
}> {
  const server = await startTensorflowServingStandIn();
  const saved = await mkdtemp(join(tmpdir(), "millwright-saved-"));
  for (const [index, bias] of [0, 2].entries()) {
    const folder = join(saved, "delay", String(index + 1));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "saved_model.pb"), smallModel({ bias }));
  }
  started = { models: server.models, saved };
  const binding = tensorflowServing({
    url: server.url,
    grpc: server.grpc,
    models: server.models,
    savedModels: join(saved, "{endpoint}/{version}"),
  });
  return {
    connect: () => connectRole(binding, "server", (roles) => roles.server)(resolveOptions(binding), { directory: saved }),
    async stop() {
      await server.stop();
      await rm(saved, { recursive: true, force: true });
    },
  };
}

modelServerContract(
  "a stand-in for TensorFlow Serving that has its REST interface and its reloading over gRPC, behind our router",
  async () => ({ ...(await standIn()), nulls: false }),
  (deployed) => {
    test("what a killed process was about to bring holds up nobody, and is brought by the next one", async () => {
      const { server, folder } = deployed();
      const { models, saved } = places();
      const other = await packageOf(folder, "other", "1", smallModel({ bias: 7 }));
      await mkdir(join(models, "other"));
      await writeFile(join(models, "other/millwright.json"), JSON.stringify({ versions: { "1": { sha256: other.sha256, percent: 0 } } }));
      expect(await server.versions("other")).toEqual([{ version: "1", ready: false, percent: 0 }]);
      await server.remove("delay", "1");
      await server.deploy(await packageOf(folder, "delay", "1", smallModel()));
      await mkdir(join(saved, "other/1"), { recursive: true });
      await writeFile(join(saved, "other/1/saved_model.pb"), smallModel({ bias: 7 }));
      await server.deploy(other);
      expect(await server.versions("other")).toEqual([{ version: "1", ready: true, percent: 0 }]);
      await server.remove("other", "1");
      expect(await server.versions("other")).toEqual([]);
    });

    test("a version without a SavedModel is refused, and nothing is left of it", async () => {
      const { server, folder } = deployed();
      expect(await codeOf(server.deploy(await packageOf(folder, "delay", "7", smallModel({ bias: 7 }))))).toBe("no-saved-model");
      expect((await server.versions("delay")).map(({ version }) => version)).toEqual(["1", "2"]);
    });
  },
);

test("what TensorFlow Serving is told over gRPC is what its published protocol buffers say", async () => {
  const models = [
    { name: "delay", basePath: "/mnt/models/delay", versions: ["3", "12"] },
    { name: "risk", basePath: "/mnt/models/risk", versions: ["9007199254740993"] },
  ];
  const bytes = reloadRequest(models);
  expect(readReloadRequest(bytes)).toEqual(models);
  const published = await wheelFile({
    package: "tensorflow-serving-api",
    version: "2.19.1",
    sha256: "7121f4cb83c1b31f92b15edb6cdd7b36e690dbf0b9774edf72ff386cbd52925e",
    path: "tensorflow_serving/apis/model_management_pb2.py",
  });
  const environment = await pythonEnvironment(["protobuf==6.33.6"]);
  // Its only import of TensorFlow itself is an enumeration of error codes.
  const script = `
import json, sys, types
from google.protobuf import descriptor_pb2, descriptor_pool, json_format
codes = descriptor_pb2.FileDescriptorProto(name="tensorflow/core/protobuf/error_codes.proto", package="tensorflow.error", syntax="proto3")
enum = codes.enum_type.add(name="Code")
for number, name in [(0, "OK"), (3, "INVALID_ARGUMENT")]:
    enum.value.add(name=name, number=number)
descriptor_pool.Default().Add(codes)
for name in ["tensorflow", "tensorflow.core", "tensorflow.core.protobuf", "tensorflow.core.protobuf.error_codes_pb2"]:
    sys.modules[name] = types.ModuleType(name)
sys.modules["tensorflow.core.protobuf"].error_codes_pb2 = sys.modules["tensorflow.core.protobuf.error_codes_pb2"]
sys.modules["tensorflow.core.protobuf.error_codes_pb2"].xla_dot_tsl_dot_protobuf_dot_error__codes__pb2 = None
sys.path.insert(0, sys.argv[1])
from tensorflow_serving.apis import model_management_pb2 as published
request = published.ReloadConfigRequest.FromString(bytes.fromhex(sys.argv[2]))
refusal = published.ReloadConfigResponse()
refusal.status.error_code = 3
refusal.status.error_message = "no versions"
print(json.dumps({"request": json_format.MessageToDict(request), "again": request.SerializeToString().hex(), "refusal": refusal.SerializeToString().hex()}))
`;
  const { stdout, stderr } = await environment.run(["-c", script, join(dirname(published), "../.."), bytes.toString("hex")]);
  expect(stderr).toBe("");
  const said: { readonly request: object; readonly again: string; readonly refusal: string } = JSON.parse(stdout);
  expect(said.request).toEqual({
    config: {
      modelConfigList: {
        config: models.map(({ name, basePath, versions }) => ({
          name,
          basePath,
          modelPlatform: "tensorflow",
          modelVersionPolicy: { specific: { versions } },
        })),
      },
    },
  });
  expect(said.again).toBe(bytes.toString("hex"));
  expect(reloadFault(Buffer.from(said.refusal, "hex"))).toBe("no versions");
  expect(reloadFault(Buffer.alloc(0))).toBeNull();
});
