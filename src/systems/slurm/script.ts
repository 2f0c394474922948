import { rankScript, shellVariables, shellWord } from "../../train/launch/shell.ts";
import { taskVariables, threadVariables } from "../../train/launch/threads.ts";
import type { Job } from "../roles.ts";

/** The exit code by which a script says that its task has lost its node more often than the job allows. */
export const lostCode = 199;

/**
 * The batch script of a job: the same for every task. No variable's value stands in it, because Slurm keeps it and shows it; the script reads
 * them from a file that is written when the job's number is known. A job that nobody came to know ends for want of it.
 *
 * @param folder where the file `NUMBER.variables` will be.
 */
export function batchScript(job: Job, folder: string, { mpi, bin }: { readonly mpi: string | null; readonly bin: string | null }): string {
  const { nodes, processesPerNode, threads } = job.resources;
  const several = nodes * processesPerNode > 1;
  const count = threads === null ? '"${SLURM_CPUS_PER_TASK:-1}"' : String(threads);
  const settings = Object.entries({ ...threadVariables(1, false), ...taskVariables }).map(([name, value]) =>
    name.endsWith("_NUM_THREADS") ? `export ${name}=${count}` : `export ${name}=${value}`,
  );
  const words = job.command.map(shellWord).join(" ");
  const ranks = `${bin === null ? "srun" : shellWord(`${bin}/srun`)} --kill-on-bad-exit=1 --cpus-per-task=${count} ${mpi === null ? "" : `--mpi=${shellWord(mpi)} `}`;
  return `#!/bin/sh
variables=${shellWord(folder)}/"$SLURM_ARRAY_JOB_ID".variables
tries=0
while [ ! -e "$variables" ]; do
  tries=$((tries + 1))
  [ $tries -le 600 ] || { echo "$variables has not come" >&2; exit 1; }
  sleep 0.1
done
if [ "\${SLURM_RESTART_COUNT:-0}" -gt ${job.requeues} ]; then
  echo "the node was lost for the \${SLURM_RESTART_COUNT}th time" >&2
  exit ${lostCode}
fi
${settings.join("\n")}
export MASTER_ADDR="$(hostname)" MASTER_PORT=$((20000 + SLURM_JOB_ID % 20000))
. "$variables"
cd ${shellWord(job.directory)} || exit 1
exec ${several ? `${ranks}/bin/sh -c ${shellWord(rankScript)} sh SLURM_PROCID SLURM_NTASKS SLURM_LOCALID ` : ""}${words}
`;
}

/** The variables of a job and of each of its tasks, for the script. */
export function variablesFile(job: Job): string {
  const tasks = job.tasks.map((variables, index) => `${index})\n${shellVariables(variables)};;\n`);
  return `${shellVariables(job.variables)}case "$SLURM_ARRAY_TASK_ID" in\n${tasks.join("")}esac\n`;
}
