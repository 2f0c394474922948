import { availableParallelism, totalmem } from "node:os";
import { openLineLog, type LineLog } from "../../train/launch/lines.ts";
import { bytesInWords, launchRefused } from "../../train/launch/refusal.ts";
import { taskVariables, threadVariables } from "../../train/launch/threads.ts";
import type { Job, Launcher, RunningJob, TaskEnd } from "../roles.ts";
import { deviceVariables, findDevices, isOfType, type Device } from "./devices.ts";
import { processes } from "./session.ts";
import { startTask, type LocalTask } from "./task.ts";

export interface ProcessLauncherOptions {
  /** Bytes that the tasks which say how much they need may have together. @default the machine's memory */
  readonly memory?: number;
  /** Tasks side by side at most, of all jobs. @default as many as the cores, the memory and the accelerators allow */
  readonly parallel?: number;
  /** @default the machine's cores */
  readonly cores?: number;
  /** Seconds between SIGTERM and SIGKILL when a task is cancelled or takes too long. @default 5 */
  readonly grace?: number;
  /** @default those that are found */
  readonly devices?: readonly Device[];
}

/** What one task takes of the machine while it runs. */
interface Needs {
  readonly threads: number;
  readonly memory: number;
  readonly accelerators: { readonly type: string; readonly count: number } | null;
}

interface Waiting {
  readonly needs: Needs;
  begin(devices: readonly Device[]): Promise<unknown>;
}

const lookEvery = 100;

/** Runs jobs as processes of this machine. They end with this process: what a training has checkpointed is what the next one goes on from. */
export async function openProcessLauncher(options: ProcessLauncherOptions = {}): Promise<Launcher> {
  const { memory = totalmem(), cores = availableParallelism(), grace = 5, parallel = Number.POSITIVE_INFINITY } = options;
  const devices = options.devices ?? (await findDevices());
  const jobs = new Map<
    string,
    { readonly job: RunningJob; readonly ends: readonly Promise<TaskEnd>[]; readonly logs: readonly LineLog[] }
  >();
  const running = new Set<LocalTask>();
  const queue: Waiting[] = [];
  const free = { cores, memory, slots: parallel, devices: [...devices] };
  let timer: NodeJS.Timeout | null = null;

  const look = (): void => {
    const all = processes();
    for (const task of running) task.look(all);
  };
  /**
   * Begins what has room, in the order of submission: a large task is not overtaken for ever by small ones. What waits for
   * accelerators only is passed by those that do not want them.
   */
  const pump = (): void => {
    let reserved = [...free.devices];
    for (const next of queue.slice()) {
      const { needs } = next;
      if (free.slots < 1 || free.cores < needs.threads || free.memory < needs.memory) return;
      const fitting = reserved.filter((device) => needs.accelerators !== null && isOfType(device, needs.accelerators.type));
      const given = fitting.slice(0, needs.accelerators?.count ?? 0);
      const enough = given.length === (needs.accelerators?.count ?? 0);
      reserved = reserved.filter((device) => !(enough ? given : fitting).includes(device));
      if (!enough) continue;
      queue.splice(queue.indexOf(next), 1);
      free.slots -= 1;
      free.cores -= needs.threads;
      free.memory -= needs.memory;
      free.devices = free.devices.filter((device) => !given.includes(device));
      void next.begin(given).finally(() => {
        free.slots += 1;
        free.cores += needs.threads;
        free.memory += needs.memory;
        free.devices.push(...given);
        pump();
      });
    }
  };
  const run = async (task: LocalTask): Promise<TaskEnd> => {
    running.add(task);
    timer ??= setInterval(look, lookEvery);
    const first = setTimeout(look, lookEvery / 4);
    const end = await task.ended;
    clearTimeout(first);
    running.delete(task);
    if (running.size === 0 && timer !== null) {
      clearInterval(timer);
      timer = null;
    }
    return end;
  };

  const submit = (job: Job): RunningJob => {
    const { resources } = job;
    const side = Math.max(1, Math.min(job.tasks.length, parallel, cores));
    const threads = resources.threads ?? Math.max(1, Math.floor(cores / side));
    // More threads than cores are slow, not impossible: the task then has all cores for itself.
    const needs = { threads: Math.min(threads, cores), memory: resources.memory ?? 0, accelerators: resources.accelerators };
    const before = job.after.map((id) => jobs.get(id)?.ends ?? [Promise.resolve(null)]).flat();
    const ready = Promise.all(before).then((ends) => ends.every((end) => end?.outcome === "succeeded"));
    const parts = job.tasks.map((variables) => {
      const log = openLineLog();
      const asked = Promise.withResolvers<"cancelled">();
      let task: LocalTask | null = null;
      const begin = async (given: readonly Device[]): Promise<TaskEnd> => {
        task = startTask({
          command: job.command,
          directory: job.directory,
          variables: {
            ...process.env,
            ...taskVariables,
            ...threadVariables(threads, side > 1),
            ...job.variables,
            ...variables,
            ...deviceVariables(given),
          },
          memory: resources.memory,
          seconds: resources.seconds,
          grace,
          log,
        });
        return run(task);
      };
      const waited = async (): Promise<TaskEnd> => {
        const never = (reason: string): TaskEnd => {
          log.end();
          return { outcome: "cancelled", exitCode: null, reason, usage: { seconds: 0, processorSeconds: 0, peakMemory: null, nodes: [] } };
        };
        const first = await Promise.race([ready, asked.promise]);
        if (first === "cancelled") return never("it was cancelled before it began");
        if (!first) return never("a job that had to succeed before it did not");
        const result = Promise.withResolvers<TaskEnd>();
        const waiting: Waiting = {
          needs,
          begin: (given) => {
            const end = begin(given);
            result.resolve(end);
            return end;
          },
        };
        queue.push(waiting);
        void asked.promise.then(() => {
          const place = queue.indexOf(waiting);
          if (place < 0) return;
          queue.splice(place, 1);
          result.resolve(never("it was cancelled before it began"));
          pump();
        });
        pump();
        return result.promise;
      };
      return {
        log,
        end: waited(),
        cancel: async () => {
          asked.resolve("cancelled");
          await task?.end("cancelled", "it was cancelled");
        },
      };
    });
    const part = (task: number): (typeof parts)[number] => {
      const found = parts[task];
      if (found === undefined) throw new RangeError(`the job '${job.name}' has no task ${task}`);
      return found;
    };
    const launched: RunningJob = {
      id: `process-${process.pid}-${jobs.size + 1}`,
      lines: (task) => part(task).log.read(),
      end: (task) => part(task).end,
      async cancel() {
        await Promise.all(parts.map((each) => each.cancel()));
        await Promise.all(parts.map((each) => each.end));
      },
    };
    jobs.set(launched.id, { job: launched, ends: parts.map(({ end }) => end), logs: parts.map(({ log }) => log) });
    return launched;
  };

  return {
    async submit(job) {
      const reasons = refusals(job, { memory, devices });
      const unknown = job.after.filter((id) => !jobs.has(id));
      if (unknown.length > 0) reasons.push(`it comes after ${unknown.join(", ")}, which this process has not submitted`);
      if (reasons.length > 0)
        throw launchRefused("this machine", job, reasons, "ask for less, or bind a launcher that has it, such as slurm({ ... })");
      return submit(job);
    },
    // A job ends with the process that submitted it: what is found was submitted here.
    find: async (id) => jobs.get(id)?.job ?? null,
    async close() {
      await Promise.all([...jobs.values()].map(({ job }) => job.cancel()));
      for (const { logs } of jobs.values()) for (const log of logs) log.close();
    },
  };
}

/** What of a job's resources this machine cannot give, each as half a sentence. */
function refusals({ resources }: Job, has: { readonly memory: number; readonly devices: readonly Device[] }): string[] {
  const { nodes, processesPerNode, memory, accelerators } = resources;
  const reasons: string[] = [];
  if (nodes > 1) reasons.push(`it asks for ${nodes} nodes, and this is one`);
  if (processesPerNode > 1) reasons.push(`it asks for ${processesPerNode} processes of one training, which mpi({ ... }) starts`);
  if (memory !== null && memory > has.memory)
    reasons.push(`it asks for ${bytesInWords(memory)} of memory, and there are ${bytesInWords(has.memory)}`);
  if (accelerators !== null) {
    const fitting = has.devices.filter((device) => isOfType(device, accelerators.type));
    if (fitting.length < accelerators.count)
      reasons.push(`it asks for ${accelerators.count} x ${accelerators.type}, and there ${present(has.devices)}`);
  }
  return reasons;
}

function present(devices: readonly Device[]): string {
  if (devices.length === 0) return "is no accelerator";
  const types = [...new Set(devices.map(({ type }) => type))];
  return `are ${types.map((type) => `${devices.filter((device) => device.type === type).length} x ${type}`).join(" and ")}`;
}
