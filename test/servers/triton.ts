import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "./port.ts";
import { startServer } from "./process.ts";
import { pythonEnvironment } from "./python.ts";
import type { PythonEnvironment } from "./python.ts";

/** tritonclient and what it needs, for HTTP and gRPC, with ONNX Runtime beside it. */
export const clientRequirements: readonly string[] = [
  "tritonclient[http,grpc]==2.73.0",
  "onnxruntime==1.32.0",
  "numpy==1.26.4",
  "protobuf==6.33.6",
  "grpcio==1.85.1",
];

/** The tritonserver that nvidia-pytriton brings; of pytriton itself nothing is used. */
const serverRequirements: readonly string[] = [...clientRequirements, "nvidia-pytriton==0.7.0"];

/** A model for Triton's Python backend. */
export interface TritonModel {
  readonly name: string;
  /** ONNX. */
  readonly file: string;
  readonly maxBatch: number;
  /** Name, `TYPE_FP32` and the like, and the dimensions after the rows. */
  readonly inputs: readonly TritonTensor[];
  readonly outputs: readonly TritonTensor[];
  /** Of dynamic batching. @default 0 */
  readonly maxDelayMicroseconds?: number;
  /** Processes that run the model. @default 1 */
  readonly instances?: number;
}

export type TritonTensor = readonly [name: string, type: string, dims: readonly number[]];

export interface Triton {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** `127.0.0.1:port` */
  readonly grpc: string;
  /** Python with tritonclient. */
  readonly environment: PythonEnvironment;
  /** The folder of its model repository. */
  readonly repository: string;
  output(): string;
  stop(): Promise<void>;
}

/** A real Triton on a processor, with its Python backend and dynamic batching; clients may load and unload. */
export async function startTriton(models: readonly TritonModel[]): Promise<Triton> {
  const environment = await pythonEnvironment(serverRequirements);
  const packages = environment.env["PYTHONPATH"] ?? "";
  const installed = join(packages, "pytriton/tritonserver");
  const folder = await mkdtemp(join(tmpdir(), "millwright-triton-"));
  const { stdout } = await environment.run(["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]);
  // The backend looks for its interpreter's program beside itself, and the cache is not ours to change.
  const backend = join(folder, "backends/python");
  await mkdir(backend, { recursive: true });
  await cp(join(installed, "backends/python"), backend, { recursive: true });
  const stub = "triton_python_backend_stub";
  await symlink(join(installed, "python_backend_stubs", stdout.trim(), stub), join(backend, stub));
  const repository = join(folder, "models");
  await mkdir(repository);
  for (const model of models) {
    const home = join(repository, model.name);
    await mkdir(join(home, "1"), { recursive: true });
    await cp(fileURLToPath(new URL("triton-model.py", import.meta.url)), join(home, "1/model.py"));
    await writeFile(join(home, "config.pbtxt"), configuration(model));
  }
  const [http, grpc] = [await freePort(), await freePort()];
  const address = "127.0.0.1";
  // It is ended at once, and then leaves its shared memory behind.
  const region = basename(folder);
  const server = startServer(
    join(installed, "bin/tritonserver"),
    [
      `--model-repository=${repository}`,
      `--backend-directory=${join(folder, "backends")}`,
      `--http-address=${address}`,
      `--http-port=${http}`,
      `--grpc-address=${address}`,
      `--grpc-port=${grpc}`,
      "--allow-metrics=false",
      "--model-control-mode=explicit",
      `--backend-config=python,shm-region-prefix-name=${region}`,
      ...models.map(({ name }) => `--load-model=${name}`),
    ],
    { folder, env: { ...process.env, ...environment.env } },
  );
  const url = `http://${address}:${http}`;
  await server.ready(/Started HTTPService/, 120);
  // It says so a little before it listens.
  for (const deadline = Date.now() + 60_000; ; await setTimeout(50)) {
    const ready = await fetch(`${url}/v2/health/ready`).catch((error: unknown) => (Date.now() < deadline ? null : Promise.reject(error)));
    if (ready?.ok === true) break;
  }
  return {
    url,
    grpc: `${address}:${grpc}`,
    environment,
    repository,
    output: () => server.output(),
    async stop() {
      await server.stop();
      for (const name of await readdir("/dev/shm")) if (name.startsWith(region)) await rm(join("/dev/shm", name), { force: true });
    },
  };
}

function configuration({ name, file, maxBatch, inputs, outputs, maxDelayMicroseconds = 0, instances = 1 }: TritonModel): string {
  const tensors = (list: readonly TritonTensor[]): string =>
    list
      .map(([tensor, type, dims]) =>
        // An output that has no dimension but the rows.
        dims.length === 0
          ? `{ name: "${tensor}" data_type: ${type} dims: [1] reshape: { shape: [] } }`
          : `{ name: "${tensor}" data_type: ${type} dims: [${dims.join(", ")}] }`,
      )
      .join(",\n  ");
  const parameter = (key: string, value: string): string =>
    `parameters { key: "${key}" value: { string_value: ${JSON.stringify(value)} } }`;
  return `name: "${name}"
backend: "python"
max_batch_size: ${maxBatch}
input [
  ${tensors(inputs)}
]
output [
  ${tensors(outputs)}
]
dynamic_batching { max_queue_delay_microseconds: ${maxDelayMicroseconds} }
instance_group [ { kind: KIND_CPU count: ${instances} } ]
${parameter("FILE", file)}
`;
}
