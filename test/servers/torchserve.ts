import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { javaCommand } from "../../src/fetch/java.ts";
import { freePort } from "./port.ts";
import { startServer } from "./process.ts";
import { pythonEnvironment } from "./python.ts";

const requirements: readonly string[] = [
  "torchserve==0.12.0",
  "flatbuffers==25.12.19",
  "ml_dtypes==0.5.4",
  "numpy==2.4.6",
  "onnxruntime==1.32.0",
  "packaging==26.3",
  "pillow==12.0.0",
  "protobuf==6.33.6",
  "psutil==7.1.3",
  "pyyaml==6.0.3",
  "wheel==0.45.1",
];

export interface Torchserve {
  /** Of the inference interface, `http://127.0.0.1:port`. */
  readonly url: string;
  readonly management: string;
  /** The folder of its model store. */
  readonly store: string;
  output(): string;
  stop(): Promise<void>;
}

/**
 * A real TorchServe without any model, its tokens off, started as its own launcher starts it (`java -jar model-server.jar`). Its worker imports
 * `torch` only to look whether an answer is a tensor of it: an empty module of that name stands in, for the real one is near a gigabyte.
 */
export async function startTorchserve(): Promise<Torchserve> {
  const java = await javaCommand(17, "TorchServe");
  const environment = await pythonEnvironment(requirements);
  const packages = environment.env["PYTHONPATH"] ?? "";
  const folder = await mkdtemp(join(tmpdir(), "millwright-torchserve-"));
  const [store, modules, temporary] = [join(folder, "store"), join(folder, "modules"), join(folder, "tmp")];
  for (const made of [store, modules, temporary]) await mkdir(made);
  await writeFile(join(modules, "torch.py"), "class Tensor:\n    pass\n");
  const [inference, management, metrics, grpc, grpcManagement] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const address = (port: number): string => `http://127.0.0.1:${port}`;
  const properties = {
    inference_address: address(inference),
    management_address: address(management),
    metrics_address: address(metrics),
    grpc_inference_port: String(grpc),
    grpc_management_port: String(grpcManagement),
    model_store: store,
    enable_model_api: "true",
    disable_token_authorization: "true",
    disable_system_metrics: "true",
    number_of_netty_threads: "2",
    async_logging: "false",
  };
  await writeFile(
    join(folder, "config.properties"),
    Object.entries(properties)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(""),
  );
  const path = [modules, packages].join(":");
  const server = startServer(
    java,
    [
      `-Dmodel_server_home=${packages}`,
      `-Djava.io.tmpdir=${temporary}`,
      "-Xmx512m",
      "-cp",
      ".:" + join(packages, "ts/frontend/*"),
      "org.pytorch.serve.ModelServer",
      "--python",
      environment.python,
      "-f",
      join(folder, "config.properties"),
      "-s",
      store,
      "-ncs",
    ],
    {
      cwd: folder,
      env: { ...process.env, ...environment.env, PYTHONPATH: path, TS_CONFIG_FILE: join(folder, "config.properties"), TEMP: temporary },
      folder,
    },
  );
  const url = address(inference);
  for (const deadline = Date.now() + 120_000; ; await sleep(100)) {
    const reply = await fetch(`${url}/ping`).catch(() => null);
    if (reply?.ok === true) break;
    if (Date.now() < deadline) continue;
    await server.stop();
    throw new Error(`TorchServe was not ready within two minutes:\n${server.output()}`);
  }
  return { url, management: address(management), store, output: () => server.output(), stop: () => server.stop() };
}
