import { execFile } from "node:child_process";
import { join } from "node:path";
import { MillwrightError } from "../../error.ts";

export type SlurmCommand = "sbatch" | "squeue" | "sacct" | "scancel" | "sinfo";

/** Runs a program of Slurm's and gives what it writes. @throws CommandFailed, or MillwrightError `no-slurm` where there is none. */
export type RunCommand = (command: SlurmCommand, ...args: readonly string[]) => Promise<string>;

/** A program of Slurm's ended with another code than 0. */
export class CommandFailed extends MillwrightError {
  /** What it wrote to its error output. */
  readonly said: string;
  constructor(command: SlurmCommand, said: string, cause: Error) {
    super({ code: "slurm-command", what: `${command} failed: ${said}`, fix: `run ${command} by hand on this machine` }, { cause });
    this.said = said;
  }
}

/**
 * Of this process's environment, what Slurm's programs see, and the jobs after them: sbatch copies all that it sees into the job,
 * where the secrets of other systems have no business.
 */
const passed =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|LD_LIBRARY_PATH|SLURM_CONF|MODULEPATH|MODULESHOME|LMOD_\w+|VIRTUAL_ENV|CONDA_\w+)$/;

export function slurmCommands(bin: string | null): RunCommand {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => passed.test(name)));
  return (command, ...args) =>
    new Promise((resolve, reject) => {
      const program = bin === null ? command : join(bin, command);
      execFile(program, args, { env, maxBuffer: 2 ** 26, timeout: 120_000 }, (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        if (error.code !== "ENOENT") return reject(new CommandFailed(command, stderr.trim().slice(-2000) || error.message, error));
        reject(
          new MillwrightError(
            {
              code: "no-slurm",
              what: `there is no ${program} on this machine`,
              fix: "run on a machine that may submit to the cluster, or name the folder: slurm({ bin: '/opt/slurm/bin' })",
            },
            { cause: error },
          ),
        );
      });
    });
}
