import { delimiter, isAbsolute, join, resolve } from "node:path";
import { accessSync, constants } from "node:fs";
import type { BindingNode } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import { numberOr, textOr, textsOr } from "../extract/options.ts";
import { binding } from "./binding.ts";
import type { ConnectContext, Launcher, Options, System } from "./roles.ts";

export interface MpiOptions {
  /** The program that starts the ranks, by name or path; Open MPI's. @default "mpirun" */
  readonly launcher?: string;
  /** Machines to run on, which this one reaches by ssh without a password and which see the same disk. @default this machine */
  readonly hosts?: readonly string[];
  /** Ranks of each machine at most. @default the cores of this one */
  readonly slots?: number;
}

/**
 * Trainings of several processes by Open MPI: `nodes` times `processesPerNode` ranks of the same script, on this machine or on some that share a disk with it.
 *
 * @example
 * environment({ launcher: mpi({ slots: 4 }) })
 */
export function mpi(options: MpiOptions = {}): BindingNode {
  return binding("mpi", options);
}

export const system: System = {
  name: "mpi",
  title: "MPI",
  peers: [],
  roles: { launcher: open },
};

async function open(options: Options, { directory }: ConnectContext): Promise<Launcher> {
  const { openMpiLauncher } = await import("./mpi/launcher.ts");
  const slots = numberOr("mpi", options, "slots", 0);
  return openMpiLauncher({
    program: found(textOr("mpi", options, "launcher", "mpirun"), directory),
    hosts: textsOr("mpi", options, "hosts", []),
    slots: slots === 0 ? null : slots,
  });
}

function found(name: string, directory: string): string {
  const places =
    name.includes("/") || isAbsolute(name)
      ? [resolve(directory, name)]
      : (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name));
  const place = places.find(isProgram);
  if (place !== undefined) return place;
  throw new MillwrightError({
    code: "no-mpirun",
    what: `there is no program ${name} on this machine`,
    fix: "install Open MPI (Debian: apt-get install openmpi-bin), or name it: mpi({ launcher: '/opt/openmpi/bin/mpirun' })",
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error) return false;
    throw error;
  }
}
