import type { BindingNode } from "../define/node.ts";
import { numberOr, textOr, textsOr } from "../extract/options.ts";
import { binding } from "./binding.ts";
import type { Launcher, Options, System } from "./roles.ts";

export interface SlurmOptions {
  /** @default the cluster's own */
  readonly partition?: string;
  readonly account?: string;
  readonly qos?: string;
  /** The folder of `sbatch`, `squeue`, `sacct`, `scancel` and `sinfo`. @default where PATH has them */
  readonly bin?: string;
  /** Further arguments of `sbatch`: `["--constraint=a100_80gb"]`. */
  readonly arguments?: readonly string[];
  /** What starts the processes of a training with more than one: the value of `srun --mpi`. @default the cluster's own */
  readonly mpi?: string;
  /** Seconds between two looks at the queue. @default 2 */
  readonly poll?: number;
}

/**
 * Trainings as jobs of Slurm, by its own command line programs: this machine must be one that may submit, and the platform's
 * folder must lie on a disk that the nodes see under the same path.
 *
 * @example
 * environment({ launcher: slurm({ partition: "gpu", account: "forecasts" }) })
 */
export function slurm(options: SlurmOptions = {}): BindingNode {
  return binding("slurm", options);
}

export const system: System = {
  name: "slurm",
  title: "Slurm",
  peers: [],
  roles: { launcher: open },
};

async function open(options: Options): Promise<Launcher> {
  const { openSlurmLauncher } = await import("./slurm/launcher.ts");
  const text = (name: string): string | null => textOr("slurm", options, name, "") || null;
  return openSlurmLauncher({
    partition: text("partition"),
    account: text("account"),
    qos: text("qos"),
    bin: text("bin"),
    mpi: text("mpi"),
    arguments: textsOr("slurm", options, "arguments", []),
    poll: Math.max(0.1, numberOr("slurm", options, "poll", 2)),
  });
}
