import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./port.ts";
import { startServer } from "./process.ts";
import { pythonEnvironment } from "./python.ts";

export const mlserverVersion = "1.7.1";

/** With what it brings, and ONNX Runtime. With a newer uvloop its workers do not start. */
export const mlserverRequirements: readonly string[] =
  "aiofiles==25.1.0 aiohappyeyeballs==2.7.1 aiohttp==3.14.5 aiokafka==0.14.0 aiosignal==1.4.0 annotated-types==0.8.0 anyio==4.16.0 asgiref==3.13.0 async-timeout==5.0.1 attrs==26.1.0 brotli==1.2.1 certifi==2026.10.18 click==8.5.1 fastapi==0.115.14 flatbuffers==25.12.19 frozenlist==1.8.0 gevent==26.9.0 geventhttpclient==2.6.1 googleapis-common-protos==1.76.0 greenlet==3.3.2 grpcio==1.85.1 h11==0.16.0 idna==3.20 importlib_resources==6.5.2 ml_dtypes==0.5.4 mlserver==1.7.1 multidict==7.2.1 numpy==2.4.6 onnxruntime==1.32.0 opentelemetry-api==1.45.2 opentelemetry-exporter-otlp-common==0.66b2 opentelemetry-exporter-otlp-proto-common==1.45.2 opentelemetry-exporter-otlp-proto-grpc==1.45.2 opentelemetry-instrumentation==0.66b2 opentelemetry-instrumentation-asgi==0.66b2 opentelemetry-instrumentation-fastapi==0.66b2 opentelemetry-instrumentation-grpc==0.66b2 opentelemetry-proto==1.45.2 opentelemetry-sdk==1.45.2 opentelemetry-semantic-conventions==0.66b2 opentelemetry-util-http==0.66b2 orjson==3.13.0 packaging==26.3 pandas==3.1.1 prometheus_client==0.26.0 propcache==0.5.4 protobuf==6.33.6 py-grpc-prometheus==0.8.0 pydantic==2.14.3 pydantic-settings==2.16.3 pydantic_core==2.50.4 python-dateutil==4.0.0 python-dotenv==1.2.4 python-multipart==0.0.34 python-rapidjson==1.25 starlette==0.46.2 starlette_exporter==0.24.0 tritonclient==2.73.0 typing-inspection==0.4.5 typing_extensions==4.16.0 tzdata==2026.6 urllib3==2.8.0 uvicorn==0.54.0 uvloop==0.21.0 wrapt==2.5.2 yarl==1.25.1 zope.event==6.2 zope.interface==8.7".split(
    " ",
  );

export interface Mlserver {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** The folder that it looks for models in. */
  readonly repository: string;
  output(): string;
  stop(): Promise<void>;
}

/** A real MLServer without any model, whose models run in its own process. */
export async function startMlserver(): Promise<Mlserver> {
  const environment = await pythonEnvironment(mlserverRequirements);
  const folder = await mkdtemp(join(tmpdir(), "millwright-mlserver-"));
  const repository = join(folder, "models");
  await mkdir(repository);
  const [http, grpc, metrics] = [await freePort(), await freePort(), await freePort()];
  await writeFile(
    join(repository, "settings.json"),
    JSON.stringify({ host: "127.0.0.1", http_port: http, grpc_port: grpc, metrics_port: metrics, parallel_workers: 0, debug: false }),
  );
  const server = startServer(environment.python, ["-c", "from mlserver.cli import main; main()", "start", repository], {
    cwd: folder,
    env: { ...process.env, ...environment.env },
    folder,
  });
  const url = `http://127.0.0.1:${http}`;
  for (const deadline = Date.now() + 300_000; ; await sleep(100)) {
    const reply = await fetch(`${url}/v2/health/live`).catch(() => null);
    if (reply?.ok === true) break;
    if (Date.now() < deadline) continue;
    await server.stop();
    throw new Error(`MLServer was not ready within five minutes:\n${server.output()}`);
  }
  return { url, repository, output: () => server.output(), stop: () => server.stop() };
}
