import { copyFile, mkdtemp, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../test/servers/port.ts";
import { startServer } from "../../test/servers/process.ts";
import { mlserverRequirements } from "../../test/servers/mlserver.ts";
import { pythonEnvironment } from "../../test/servers/python.ts";
import { startTriton } from "../../test/servers/triton.ts";
import { processesOf } from "./cpu.ts";
import { features } from "./model.ts";

/** A server that answers `POST {url}/v2/models/trees/infer`. */
export interface Served {
  readonly url: string;
  stop(): Promise<void>;
}

export const tritonVersion = "2.51.0";

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
