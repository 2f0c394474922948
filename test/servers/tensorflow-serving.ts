import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { startInference, type InferenceServer } from "../../src/serve/server.ts";
import { readReloadRequest, type ServedConfig } from "../../src/systems/tensorflow-serving/messages.ts";

export interface TensorflowServingStandIn {
  readonly url: string;
  /** `127.0.0.1:port` */
  readonly grpc: string;
  /** The folder of its models. */
  readonly models: string;
  /** The bytes of the requests that told it what to serve. */
  readonly told: readonly Buffer[];
  stop(): Promise<void>;
}

interface Tensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly unknown[];
}

const types: Readonly<Record<string, string>> = {
  BOOL: "DT_BOOL",
  INT64: "DT_INT64",
  FP32: "DT_FLOAT",
  FP64: "DT_DOUBLE",
  BYTES: "DT_STRING",
};

/**
 * No TensorFlow Serving: what its documentation says of its REST interface (status, metadata, predict in columnar form) and of HandleReloadConfigRequest,
 * over an ONNX file that stands in a SavedModel's place, because the server itself is in no registry.
 */
export async function startTensorflowServingStandIn(): Promise<TensorflowServingStandIn> {
  const folder = await mkdtemp(join(tmpdir(), "millwright-serving-"));
  const models = join(folder, "models");
  await mkdir(models);
  const inference = await startInference({ models: [], workers: 1 });
  const told: Buffer[] = [];
  let served: readonly ServedConfig[] = [];
  const reload = async (bytes: Buffer): Promise<Buffer> => {
    told.push(bytes);
    const list = readReloadRequest(bytes);
    const files = list.map(({ name, basePath, versions }) => ({
      name,
      sources: versions.map((version, index) => ({
        version,
        file: join(basePath, version, "saved_model.pb"),
        percent: index === 0 ? 100 : 0,
      })),
    }));
    const missing = files.flatMap(({ sources }) => sources).find(({ file }) => !existsSync(file));
    // As a status with the code INVALID_ARGUMENT.
    if (missing !== undefined) return Buffer.from([0x0a, 2, 0x08, 3]);
    for (const { name } of served) if (!list.some((one) => one.name === name)) await inference.serve(name, []);
    for (const { name, sources } of files) await inference.serve(name, sources);
    served = list;
    return Buffer.alloc(0);
  };
  const control = await startControl(reload);
  const http = createServer((request, response) => {
    answer(inference, request, response).catch((error: unknown) => send(response, 500, { error: String(error) }));
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  if (address === null || typeof address === "string") throw new Error("the system lent no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    grpc: `127.0.0.1:${control.port}`,
    models,
    told,
    async stop() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      control.server.forceShutdown();
      await inference.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startControl(reload: (bytes: Buffer) => Promise<Buffer>): Promise<{ readonly server: grpc.Server; readonly port: number }> {
  const identity = (bytes: Buffer): Buffer => bytes;
  const server = new grpc.Server();
  const definition = {
    HandleReloadConfigRequest: {
      path: "/tensorflow.serving.ModelService/HandleReloadConfigRequest",
      requestStream: false,
      responseStream: false,
      requestSerialize: identity,
      requestDeserialize: identity,
      responseSerialize: identity,
      responseDeserialize: identity,
    },
  };
  server.addService(definition, {
    HandleReloadConfigRequest(call: grpc.ServerUnaryCall<Buffer, Buffer>, reply: grpc.sendUnaryData<Buffer>) {
      reload(call.request).then(
        (bytes) => reply(null, bytes),
        (error: unknown) => reply({ code: grpc.status.INVALID_ARGUMENT, details: String(error) }),
      );
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return { server, port };
}

async function answer(inference: InferenceServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, name = "", version = "", rest = ""] = /^\/v1\/models\/([^/:]+)\/versions\/(\d+)(.*)$/.exec(request.url ?? "") ?? [];
  const found = inference.models().some((one) => one.name === name && one.version === version);
  if (!found) return send(response, 404, { error: `Servable not found for request: Specific(${name}, ${version})` });
  const model = `${inference.url}/v2/models/${name}/versions/${version}`;
  if (rest === "") {
    const status = { version, state: "AVAILABLE", status: { error_code: "OK", error_message: "" } };
    return send(response, 200, { model_version_status: [status] });
  }
  if (rest === "/metadata") {
    const { inputs, outputs }: { readonly inputs: readonly Tensor[]; readonly outputs: readonly Tensor[] } = JSON.parse(
      await (await fetch(model)).text(),
    );
    const info = (tensors: readonly Tensor[]): object =>
      Object.fromEntries(
        tensors.map((tensor) => [
          tensor.name,
          {
            dtype: types[tensor.datatype],
            tensor_shape: { dim: tensor.shape.map((size) => ({ size: String(size), name: "" })), unknown_rank: false },
            name: `${tensor.name}:0`,
          },
        ]),
      );
    const signature = { inputs: info(inputs), outputs: info(outputs), method_name: "tensorflow/serving/predict" };
    const metadata = { signature_def: { signature_def: { serving_default: signature } } };
    return send(response, 200, { model_spec: { name, signature_name: "", version }, metadata });
  }
  if (rest !== ":predict" || request.method !== "POST") return send(response, 404, { error: "Malformed request" });
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (chunk instanceof Buffer) chunks.push(chunk);
  const asked: { readonly signature_name?: string; readonly inputs: Readonly<Record<string, unknown>> } = JSON.parse(
    Buffer.concat(chunks).toString(),
  );
  const { inputs }: { readonly inputs: readonly Tensor[] } = JSON.parse(await (await fetch(model)).text());
  const tensors = inputs.flatMap(({ name: input, datatype }) =>
    input in asked.inputs ? [{ name: input, datatype, shape: shapeOf(asked.inputs[input]), data: asked.inputs[input] }] : [],
  );
  const reply = await fetch(`${model}/infer`, { method: "POST", body: JSON.stringify({ inputs: tensors }) });
  const body: { readonly outputs?: readonly Tensor[]; readonly error?: string } = JSON.parse(await reply.text());
  if (!reply.ok) return send(response, 400, { error: body.error ?? "" });
  send(response, 200, {
    outputs: Object.fromEntries((body.outputs ?? []).map(({ name: output, shape, data }) => [output, nested(data, shape)])),
  });
}

function shapeOf(value: unknown): readonly number[] {
  return Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : [];
}

function nested(data: readonly unknown[], [rows = 0, width]: readonly number[]): readonly unknown[] {
  return width === undefined ? data : Array.from({ length: rows }, (_, row) => data.slice(row * width, (row + 1) * width));
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) }).end(text);
}
