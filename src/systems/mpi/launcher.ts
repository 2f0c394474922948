import { availableParallelism } from "node:os";
import { launchRefused } from "../../train/launch/refusal.ts";
import { rankScript } from "../../train/launch/shell.ts";
import { threadVariables } from "../../train/launch/threads.ts";
import { freePort } from "../../train/launch/port.ts";
import { openProcessLauncher } from "../process/launcher.ts";
import type { Job, Launcher } from "../roles.ts";

export interface MpiLauncherOptions {
  /** The path of Open MPI's mpirun. */
  readonly program: string;
  /** Empty for this machine. */
  readonly hosts: readonly string[];
  /** Ranks of each machine at most; null for as many as this one has cores. */
  readonly slots: number | null;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly grace?: number;
}

/**
 * Runs each task of a job by mpirun, as a process of this machine with its limits: the ranks of this machine are in its session, and those of others end
 * when mpirun does.
 */
export async function openMpiLauncher(options: MpiLauncherOptions): Promise<Launcher> {
  const { program, hosts, grace = 5 } = options;
  const cores = availableParallelism();
  const slots = options.slots ?? cores;
  // Ranks share cores where more slots are declared than there are cores.
  const processes = await openProcessLauncher({ cores: Math.max(cores, slots), grace });
  return {
    ...processes,
    async submit(job) {
      const { nodes, processesPerNode, threads, memory } = job.resources;
      const reasons: string[] = [];
      const machines = Math.max(1, hosts.length);
      if (nodes > machines)
        reasons.push(`it asks for ${nodes} nodes, and ${hosts.length === 0 ? "this is one" : `there are ${machines} hosts`}`);
      if (processesPerNode > slots) reasons.push(`it asks for ${processesPerNode} processes of a node, and each has ${slots} slots`);
      if (reasons.length > 0) throw launchRefused("MPI", job, reasons, "ask for less, or name more: mpi({ hosts: [...], slots: ... })");
      const each = threads ?? Math.max(1, Math.floor(cores / processesPerNode));
      const variables = {
        ...threadVariables(each, processesPerNode * each > cores),
        MASTER_ADDR: hosts[0] ?? "127.0.0.1",
        MASTER_PORT: String(await freePort()),
        ...job.variables,
      };
      return processes.submit({
        ...job,
        command: [program, ...argumentsOf(job, hosts.slice(0, nodes), { cores, each, variables }), ...ranks, ...job.command],
        variables,
        resources: {
          ...job.resources,
          nodes: 1,
          processesPerNode: 1,
          threads: each * processesPerNode,
          memory: memory === null ? null : memory * processesPerNode,
        },
      });
    },
  };
}

const ranks = ["/bin/sh", "-c", rankScript, "sh", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK"];

function argumentsOf(
  job: Job,
  hosts: readonly string[],
  { cores, each, variables }: { readonly cores: number; readonly each: number; readonly variables: Readonly<Record<string, string>> },
): readonly string[] {
  const { nodes, processesPerNode } = job.resources;
  const list = (hosts.length === 0 ? ["localhost"] : hosts).map((host) => `${host}:${processesPerNode}`).join(",");
  // Ranks of several trainings would be bound to the same first cores: only one that has the machine to itself is bound.
  const whole = processesPerNode * each === cores;
  const names = new Set([...Object.keys(variables), ...job.tasks.flatMap((task) => Object.keys(task))]);
  return [
    "--quiet",
    ...(process.getuid?.() === 0 ? ["--allow-run-as-root"] : []),
    "-n",
    String(nodes * processesPerNode),
    "--host",
    list,
    ...(whole
      ? ["--map-by", `ppr:${processesPerNode}:node:PE=${each}`, "--bind-to", "core"]
      : ["--map-by", `ppr:${processesPerNode}:node`, "--bind-to", "none"]),
    ...(processesPerNode * each > cores ? ["--mca", "mpi_yield_when_idle", "1"] : []),
    // On one machine nothing listens for others, and no ssh is needed.
    ...(hosts.length === 0
      ? [
          "--mca",
          "plm",
          "isolated",
          "--mca",
          "oob_tcp_if_include",
          "lo",
          "--mca",
          "btl",
          "self,vader",
          "--mca",
          "btl_vader_single_copy_mechanism",
          "none",
        ]
      : [...names].flatMap((name) => ["-x", name])),
  ];
}
