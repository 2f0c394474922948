import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { followFile } from "../../train/launch/follow.ts";
import { launchRefused } from "../../train/launch/refusal.ts";
import type { Job, Launcher, RunningJob } from "../roles.ts";
import { CommandFailed, slurmCommands } from "./commands.ts";
import { deviceRequest, parseOffers, refusals, type Offer } from "./offer.ts";
import { batchScript, variablesFile } from "./script.ts";
import { openWatch, type Watch } from "./watch.ts";

export interface SlurmLauncherOptions {
  readonly partition: string | null;
  readonly account: string | null;
  readonly qos: string | null;
  readonly bin: string | null;
  readonly mpi: string | null;
  readonly arguments: readonly string[];
  /** Seconds. */
  readonly poll: number;
}

/** Runs jobs by Slurm. Its files of a job lie in the folder `.slurm` of the job's own: the lines of each task, and, while it is not over, its variables. */
export function openSlurmLauncher(options: SlurmLauncherOptions): Launcher {
  const run = slurmCommands(options.bin);
  const watch = openWatch(run, options.poll * 1000);
  const chosen = [
    ...(options.partition === null ? [] : [`--partition=${options.partition}`]),
    ...(options.account === null ? [] : [`--account=${options.account}`]),
    ...(options.qos === null ? [] : [`--qos=${options.qos}`]),
  ];
  return {
    async submit(job) {
      const partition = options.partition === null ? [] : [`--partition=${options.partition}`];
      const offers = parseOffers(await run("sinfo", "--noheader", "--Node", "--format=%N|%c|%m|%G", ...partition));
      const reasons = refusals(job, offers, options.partition);
      const fix = "ask for less, or bind another partition: slurm({ partition: ... })";
      if (reasons.length > 0) throw launchRefused("Slurm", job, reasons, fix);
      const folder = join(job.directory, ".slurm");
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const [script, variables] = [join(folder, `${randomUUID()}.sh`), join(folder, `${randomUUID()}.aside`)];
      await writeFile(variables, variablesFile(job), { mode: 0o600 });
      await writeFile(script, batchScript(job, folder, options), { mode: 0o600 });
      try {
        const asked = argumentsOf(job, offers, folder);
        const said = await run("sbatch", ...asked, ...chosen, ...options.arguments, script).catch((error: unknown) => {
          throw error instanceof CommandFailed ? launchRefused("Slurm", job, [error.said], fix) : error;
        });
        // With more than one cluster, its name follows.
        const id = said.trim().split(";")[0] ?? "";
        await rename(variables, join(folder, `${id}.variables`));
        return runningJob(id, job, watch);
      } finally {
        await rm(script, { force: true });
        await rm(variables, { force: true });
      }
    },
    async find(id, job) {
      return /^\d+$/.test(id) && (await watch.knows(id)) ? runningJob(id, job, watch) : null;
    },
    async close() {
      watch.close();
    },
  };
}

function runningJob(id: string, job: Job, watch: Watch): RunningJob {
  const folder = join(job.directory, ".slurm");
  const ends = watch.ends(id, job.tasks.length, job.requeues);
  // Secrets lie on the disk no longer than they are needed.
  const cleaned = Promise.allSettled(ends).then(async (settled) => {
    if (settled.every(({ status }) => status === "fulfilled")) await rm(join(folder, `${id}.variables`), { force: true });
  });
  const end = (task: number): (typeof ends)[number] => ends[task] ?? Promise.reject(new RangeError(`the job ${id} has no task ${task}`));
  return {
    id,
    lines: (task) => followFile(join(folder, `${id}-${task}.txt`), end(task)),
    end: async (task) => {
      const ended = await end(task);
      await Promise.race([cleaned, Promise.resolve()]);
      return ended;
    },
    async cancel() {
      await watch.cancel(id);
      await Promise.all(ends);
      await cleaned;
    },
  };
}

/** Always an array, so that a job of one task is no case of its own. */
function argumentsOf(job: Job, offers: readonly Offer[], folder: string): readonly string[] {
  const { nodes, processesPerNode, threads, memory, accelerators, seconds } = job.resources;
  const device = accelerators === null ? null : deviceRequest(offers, accelerators);
  // Slurm reads what follows a per cent sign.
  const output = `${folder.replaceAll("%", "%%")}/%A-%a.txt`;
  return [
    "--parsable",
    `--job-name=${job.name}`,
    `--array=0-${job.tasks.length - 1}`,
    `--chdir=${job.directory}`,
    `--output=${output}`,
    "--open-mode=append",
    `--nodes=${nodes}`,
    `--ntasks-per-node=${processesPerNode}`,
    ...(threads === null ? [] : [`--cpus-per-task=${threads}`]),
    ...(memory === null ? [] : [`--mem=${Math.ceil((memory * processesPerNode) / 2 ** 20)}M`]),
    ...(device === null ? [] : [`--gres=${device}`]),
    // Minutes are what Slurm counts in.
    ...(seconds === null ? [] : [`--time=${Math.ceil(seconds / 60)}`]),
    job.requeues > 0 ? "--requeue" : "--no-requeue",
    ...(job.after.length === 0 ? [] : [`--dependency=afterok:${job.after.join(":")}`, "--kill-on-invalid-dep=yes"]),
  ];
}
