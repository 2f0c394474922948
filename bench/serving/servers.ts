import { copyFile, mkdtemp, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../test/servers/port.ts";
import { startServer } from "../../test/servers/process.ts";
import { pythonEnvironment } from "../../test/servers/python.ts";
import { startTriton } from "../../test/servers/triton.ts";
import { processesOf } from "./cpu.ts";
import { features } from "./model.ts";

/** A server that answers `POST {url}/v2/models/trees/infer`. */
export interface Served {
  readonly url: string;
  stop(): Promise<void>;
}

export const mlserverVersion = "1.7.1";
export const tritonVersion = "2.51.0";

// Pinned with what it brings: a later one of any would be another measurement. With a newer uvloop its workers do not start.
const mlserverRequirements =
  "aiofiles==25.1.0 aiohappyeyeballs==2.7.1 aiohttp==3.14.5 aiokafka==0.14.0 aiosignal==1.4.0 annotated-types==0.8.0 anyio==4.16.0 asgiref==3.13.0 async-timeout==5.0.1 attrs==26.1.0 brotli==1.2.1 certifi==2026.10.18 click==8.5.1 fastapi==0.115.14 flatbuffers==25.12.19 frozenlist==1.8.0 gevent==26.9.0 geventhttpclient==2.6.1 googleapis-common-protos==1.76.0 greenlet==3.3.2 grpcio==1.85.1 h11==0.16.0 idna==3.20 importlib_resources==6.5.2 ml_dtypes==0.5.4 mlserver==1.7.1 multidict==7.2.1 numpy==2.4.6 onnxruntime==1.32.0 opentelemetry-api==1.45.2 opentelemetry-exporter-otlp-common==0.66b2 opentelemetry-exporter-otlp-proto-common==1.45.2 opentelemetry-exporter-otlp-proto-grpc==1.45.2 opentelemetry-instrumentation==0.66b2 opentelemetry-instrumentation-asgi==0.66b2 opentelemetry-instrumentation-fastapi==0.66b2 opentelemetry-instrumentation-grpc==0.66b2 opentelemetry-proto==1.45.2 opentelemetry-sdk==1.45.2 opentelemetry-semantic-conventions==0.66b2 opentelemetry-util-http==0.66b2 orjson==3.13.0 packaging==26.3 pandas==3.1.1 prometheus_client==0.26.0 propcache==0.5.4 protobuf==6.33.6 py-grpc-prometheus==0.8.0 pydantic==2.14.3 pydantic-settings==2.16.3 pydantic_core==2.50.4 python-dateutil==4.0.0 python-dotenv==1.2.4 python-multipart==0.0.34 python-rapidjson==1.25 starlette==0.46.2 starlette_exporter==0.24.0 tritonclient==2.73.0 typing-inspection==0.4.5 typing_extensions==4.16.0 tzdata==2026.6 urllib3==2.8.0 uvicorn==0.54.0 uvloop==0.21.0 wrapt==2.5.2 yarl==1.25.1 zope.event==6.2 zope.interface==8.7".split(
    " ",
  );

/** Millwright as it is built, with its own defaults. */
export async function startOurs(file: string): Promise<Served> {
  const server = startServer(process.execPath, [fileURLToPath(new URL("ours.ts", import.meta.url)), file]);
  const [, url = ""] = await server.ready(/listening (\S+)/, 60);
  return { url, stop: () => server.stop() };
}

/** Triton with its Python backend, a process per core, dynamic batching. */
export async function startTheirTriton(file: string): Promise<Served> {
  const { url, stop } = await startTriton([
    {
      name: "trees",
      file,
      maxBatch: 64,
      inputs: [["input", "TYPE_FP32", [features]]],
      outputs: [["probabilities", "TYPE_FP32", [2]]],
      instances: availableParallelism(),
    },
  ]);
  return { url, stop };
}

/** MLServer with a worker process per core and adaptive batching of 64 rows within 5 ms, without its logs. */
export async function startMlserver(file: string): Promise<Served> {
  const environment = await pythonEnvironment(mlserverRequirements);
  const folder = await mkdtemp(join(tmpdir(), "millwright-mlserver-"));
  const [http, grpc, metrics] = [await freePort(), await freePort(), await freePort()];
  await copyFile(fileURLToPath(new URL("mlserver_trees.py", import.meta.url)), join(folder, "mlserver_trees.py"));
  await writeFile(
    join(folder, "settings.json"),
    JSON.stringify({
      host: "127.0.0.1",
      http_port: http,
      grpc_port: grpc,
      metrics_port: metrics,
      parallel_workers: availableParallelism(),
      debug: false,
      logging_settings: { version: 1, disable_existing_loggers: true },
    }),
  );
  await writeFile(
    join(folder, "model-settings.json"),
    JSON.stringify({
      name: "trees",
      implementation: "mlserver_trees.Trees",
      max_batch_size: 64,
      max_batch_time: 0.005,
      parameters: { uri: file, version: "1" },
    }),
  );
  const env = { ...process.env, ...environment.env, PYTHONPATH: `${folder}:${environment.env["PYTHONPATH"] ?? ""}` };
  const server = startServer(environment.python, ["-c", "from mlserver.cli import main; main()", "start", folder], {
    cwd: folder,
    env,
    folder,
  });
  const url = `http://127.0.0.1:${http}`;
  for (const deadline = Date.now() + 120_000; ; await sleep(100)) {
    const reply = await fetch(`${url}/v2/models/trees/ready`).catch(() => null);
    if (reply?.ok === true) break;
    if (Date.now() > deadline) throw new Error(`MLServer was not ready within two minutes:\n${server.output()}`);
  }
  return {
    url,
    async stop() {
      // Its workers outlive it when it is ended at once, and hold its output; their resource tracker goes with them, and takes the semaphores away.
      const workers = [...processesOf([folder])].filter(([, { command }]) => command.includes("multiprocessing-fork"));
      const stopped = server.stop();
      for (const [pid] of workers) process.kill(pid, "SIGKILL");
      await stopped;
    },
  };
}
