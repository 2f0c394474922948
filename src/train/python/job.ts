import { existsSync } from "node:fs";
import { appendFile, readFile, rename, stat, truncate, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { MillwrightError } from "../../error.ts";
import type { Job, Launcher, RunningJob, TaskEnd } from "../../systems/roles.ts";
import type { History, TrainRequest } from "../trainer.ts";
import type { PythonEnvironment } from "./environment.ts";
import { readLine } from "./line.ts";
import { emptyOut, type PythonNode, type ScriptTask } from "./task.ts";

/** Lines of the log that an error shows. */
const shownLines = 20;

/** What a script said. */
export interface Said {
  readonly history: History;
  readonly log: string;
}

/**
 * Runs the script by the launcher and waits for its end. A job that an earlier run of Millwright submitted, and that still runs, is waited for
 * rather than started again; a script that was broken off begins again with its checkpoint.
 *
 * @throws MillwrightError `python-script` with the log's last lines when it fails.
 * @throws `signal.reason` when cancelled.
 */
export async function runScript(
  { workshop, progress, signal, threads }: Pick<TrainRequest, "workshop" | "progress" | "signal" | "threads">,
  node: PythonNode,
  task: ScriptTask,
  environment: PythonEnvironment,
): Promise<Said> {
  const launcher = await workshop.launcher();
  const job = jobOf(node, task, environment, threads);
  const files = { id: join(task.folder, "job"), log: join(task.folder, "training.log"), metrics: join(task.folder, "metrics.jsonl") };
  const last: string[] = [];
  const follow = async (running: RunningJob): Promise<TaskEnd> => {
    let cancelled: Promise<void> = Promise.resolve();
    const cancel = (): void => {
      cancelled = running.cancel();
      cancelled.catch(() => undefined); // it is told below
    };
    signal.addEventListener("abort", cancel);
    if (signal.aborted) cancel();
    try {
      for await (const line of running.lines(0)) {
        const said = readLine(line);
        if (said.kind === "progress") progress.report(said.step);
        else await appendFile(said.kind === "metric" ? files.metrics : files.log, `${line}\n`);
        if (said.kind === "log") last.push(line);
        if (last.length > shownLines) last.shift();
      }
      const end = await running.end(0);
      await cancelled;
      return end;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  };
  const found = await foundAgain(launcher, job, files);
  let end = found === null ? null : await follow(found);
  signal.throwIfAborted();
  if (end?.outcome !== "succeeded") end = await follow(await submitted(launcher, job, task, files));
  signal.throwIfAborted();
  await writeFile(files.id, "");
  if (end.outcome !== "succeeded") throw failure(node, end, last, files.log);
  return { history: historyOf(await textOf(files.metrics)), log: await textOf(files.log) };
}

function jobOf(node: PythonNode, task: ScriptTask, environment: PythonEnvironment, threads: number): Job {
  const { resources, parameters } = node.train;
  return {
    name: `${node.name}-${task.key.slice(0, 8)}`.replaceAll(/[^A-Za-z0-9-]+/g, "-"),
    command: [environment.program, task.script, task.file],
    directory: dirname(task.script),
    variables: {
      PYTHONHASHSEED: String(Number(parameters["seed"] ?? 1) % 2 ** 32),
      PYTHONNOUSERSITE: "1",
      OMP_WAIT_POLICY: "PASSIVE", // threads that wait by spinning double the time on a machine with other work
    },
    // A caller that trains several side by side gives each its share; else the launcher decides.
    resources: { ...resources, threads: resources.threads ?? (threads < availableParallelism() ? threads : null) },
    tasks: [{}],
    after: [],
    requeues: 3,
  };
}

/**
 * The job of an earlier run of Millwright, when its launcher still knows it: it may run yet, or have ended with nobody there to see. Its lines
 * come from the first one again, so the log goes back to where it was when the job was submitted.
 */
async function foundAgain(launcher: Launcher, job: Job, files: TaskFiles): Promise<RunningJob | null> {
  const [id = "", length = "0"] = (await textOf(files.id)).split("\n");
  const found = id === "" ? null : await launcher.find(id, job);
  if (found !== null && existsSync(files.log)) await truncate(files.log, Number(length));
  return found;
}

/** What is noted of a job beside its task. */
interface TaskFiles {
  readonly id: string;
  readonly log: string;
}

async function submitted(launcher: Launcher, job: Job, task: ScriptTask, { id, log }: TaskFiles): Promise<RunningJob> {
  await emptyOut(task);
  const length = existsSync(log) ? (await stat(log)).size : 0;
  const running = await launcher.submit(job);
  await writeFile(`${id}.partial`, `${running.id}\n${length}`);
  await rename(`${id}.partial`, id);
  return running;
}

/** What was measured at each step; a step that was done again after a kill counts once. */
function historyOf(lines: string): History {
  const byName = new Map<string, Map<number, number>>();
  for (const line of lines.split("\n")) {
    const said = readLine(line);
    if (said.kind !== "metric") continue;
    const steps = byName.get(said.name) ?? new Map<number, number>();
    byName.set(said.name, steps.set(said.step, said.value));
  }
  return Object.fromEntries(
    [...byName]
      .toSorted()
      .map(([name, steps]) => [name, [...steps].toSorted(([a], [b]) => a - b).map(([step, value]) => ({ step, value }))]),
  );
}

function failure(node: PythonNode, end: TaskEnd, last: readonly string[], log: string): MillwrightError {
  const how: Readonly<Record<TaskEnd["outcome"], string>> = {
    succeeded: "succeeded",
    failed: "failed",
    cancelled: "was cancelled by somebody else",
    "timed-out": "took longer than its resources allow",
    "out-of-memory": "took more memory than its resources allow",
    lost: "lost its node",
  };
  const reason = end.reason === null ? "" : ` (${end.reason})`;
  const shown = last.length === 0 ? "; it said nothing" : `; its last lines:\n${last.map((line) => `    ${line}`).join("\n")}`;
  return new MillwrightError({
    code: "python-script",
    what: `the script ${node.train.script} of model '${node.name}' ${how[end.outcome]}${reason}${shown}`,
    where: node.origin,
    fix: `see all that it said: ${log}; the next run begins with its checkpoint`,
  });
}

async function textOf(file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
}
