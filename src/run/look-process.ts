// Looks once at the stored predictions of one endpoint, in a process of its own: what it takes of memory and processors is then nobody else's.
import { createInterface } from "node:readline";
import { constants, setPriority } from "node:os";
import { stdin, stdout } from "node:process";
import type { Definition, EndpointNode, ModelNode } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import { environmentOf } from "./bind.ts";
import { daily } from "./look.ts";
import { lookReport, toJudge, type LookReport } from "./look-report.ts";
import { monitorEndpoint } from "./monitor.ts";

/** What it is to look at: one line of JSON on standard input. When that closes, because the other process has ended, this one ends. */
export interface LookTask {
  readonly definition: Definition;
  readonly environment: string;
  readonly directory: string;
  readonly endpoint: string;
  /** Windows, from the newest back. */
  readonly newest: number;
  /** ISO 8601: when the newest window that has been judged began; null for none. */
  readonly judgedTo: string | null;
  /** An empty folder. */
  readonly staging: string;
}

/** One line of JSON on standard output. */
export type LookAnswer = { readonly report: LookReport } | { readonly failed: string };

const limits = { memoryLimit: "512MiB", threads: 1 } as const;

async function answer(task: LookTask, signal: AbortSignal): Promise<LookAnswer> {
  const { definition, directory, endpoint: name, newest, judgedTo, staging } = task;
  const endpoint = definition.assets.find((asset): asset is EndpointNode => asset.kind === "endpoint" && asset.name === name);
  const model = definition.assets.find((asset): asset is ModelNode => asset.kind === "model" && asset.name === endpoint?.model);
  const monitor = endpoint?.monitor ?? daily;
  const now = Date.now();
  const environment = environmentOf(definition, task.environment);
  const report = await monitorEndpoint({
    definition,
    environment,
    directory,
    endpoint: name,
    newest,
    limits,
    staging,
    signal,
    judged: (windows) => toJudge(windows, monitor.window, judgedTo, now),
  });
  return { report: lookReport(report, monitor, model?.accept ?? {}, now) };
}

setPriority(constants.priority.PRIORITY_LOW);
const abort = new AbortController();
const lines = createInterface({ input: stdin });
// Whoever asked has ended.
lines.once("close", () => abort.abort());
lines.once("line", (line) => {
  const task: LookTask = JSON.parse(line);
  void answer(task, abort.signal)
    .catch((error: unknown): LookAnswer => ({
      failed: error instanceof MillwrightError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error),
    }))
    // DuckDB's and ONNX Runtime's threads may outlive their owners.
    .then((said) => stdout.write(`${JSON.stringify(said)}\n`, () => process.exit()));
});
