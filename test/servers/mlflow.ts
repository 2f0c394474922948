import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mlflowRequirements } from "./mlflow-requirements.ts";
import { freePort } from "./port.ts";
import { startServer } from "./process.ts";
import { pythonEnvironment, type PythonResult } from "./python.ts";

export interface Mlflow {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** Runs a script with MLflow's own Python client, which finds the server by itself. */
  python(script: string, args: readonly string[]): Promise<PythonResult>;
  /** Ends the server; what it kept is gone. */
  stop(): Promise<void>;
}

/**
 * Starts a real MLflow tracking server with its registry in SQLite and its artifacts in a folder, which it passes on. It is started as one
 * process (`mlflow server` starts others that would outlive it), with what that command gives its workers. It ends with this process.
 */
export async function startMlflow(): Promise<Mlflow> {
  const environment = await pythonEnvironment(mlflowRequirements);
  const quiet = { MLFLOW_DISABLE_TELEMETRY: "true", DO_NOT_TRACK: "true", GIT_PYTHON_REFRESH: "quiet" };
  for (let attempt = 1; ; attempt++) {
    const folder = await mkdtemp(join(tmpdir(), "mlflow-"));
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const server = startServer(
      environment.python,
      ["-m", "uvicorn", "--host", "127.0.0.1", "--port", String(port), "mlflow.server.fastapi_app:app"],
      {
        folder,
        cwd: folder,
        env: {
          ...process.env,
          ...environment.env,
          ...quiet,
          _MLFLOW_SERVER_FILE_STORE: `sqlite:///${join(folder, "mlflow.sqlite")}`,
          _MLFLOW_SERVER_SERVE_ARTIFACTS: "true",
          _MLFLOW_SERVER_ARTIFACT_ROOT: "mlflow-artifacts:/",
          _MLFLOW_SERVER_ARTIFACT_DESTINATION: join(folder, "artifacts"),
          _MLFLOW_SGI_NAME: "uvicorn",
          MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
        },
      },
    );
    try {
      await server.ready(/Uvicorn running on/, 300);
      return {
        url,
        python: (script, args) =>
          environment.run([script, ...args], {
            env: { ...quiet, MLFLOW_TRACKING_URI: url, MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: "false" },
          }),
        stop: () => server.stop(),
      };
    } catch (error) {
      await server.stop();
      // Another process may have taken the port meanwhile.
      if (attempt === 3 || !server.output().includes("address already in use")) throw error;
    }
  }
}
