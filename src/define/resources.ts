import { MillwrightError, type Origin } from "../error.ts";
import { parseDuration, type Duration } from "./duration.ts";
import { deepFreeze } from "./freeze.ts";
import { parseSize } from "./layout.ts";
import type { ByteSize } from "./layout-types.ts";
import type { Resources } from "./node.ts";

/** What a training asks of the machines that it runs on. What is left out is the launcher's to choose. */
export interface ResourcesOptions {
  /** @default 1 */
  readonly nodes?: number;
  /** Ranks of one training on each node, started by MPI or by the launcher's own means. @default 1 */
  readonly processesPerNode?: number;
  /** Threads of each process, for OpenMP and the like. @default the cores, divided among what runs side by side */
  readonly threads?: number;
  /** Of each process: beyond it the training is ended. @default no limit */
  readonly memory?: ByteSize;
  /** Of each node. `type` is a word of the device's name, such as `"A100"`, `"H100"` or `"Orin"`, or `"GPU"` or `"TPU"` for any. */
  readonly accelerators?: { readonly type: string; readonly count: number };
  /** Wall time after which it is ended. @default no limit */
  readonly time?: Duration;
}

/** The resources of what says nothing about them: one process, with no limit. */
export const anyResources: Resources = deepFreeze({
  nodes: 1,
  processesPerNode: 1,
  threads: null,
  memory: null,
  accelerators: null,
  seconds: null,
});

/** Resources as they were written to those of a node. @throws MillwrightError `bad-resources`, `bad-size`, `bad-duration` */
export function parseResources(options: ResourcesOptions, where: Origin): Resources {
  const { nodes = 1, processesPerNode = 1, threads = null, memory, accelerators, time } = options;
  for (const [name, value] of Object.entries({ nodes, processesPerNode, threads, "accelerators.count": accelerators?.count ?? null })) {
    if (value !== null && !(Number.isSafeInteger(value) && value >= 1))
      throw bad(`${name} is ${value}`, `give ${name} a whole number from 1`, where);
  }
  if (accelerators !== undefined && !/^[\w .+-]*[A-Za-z][\w .+-]*$/.test(accelerators.type))
    throw bad(`'${accelerators.type}' is no type of accelerator`, "write it as 'A100', 'H100', 'GPU' or 'TPU'", where);
  return deepFreeze({
    nodes,
    processesPerNode,
    threads,
    memory: memory === undefined ? null : parseSize(memory, where),
    accelerators: accelerators === undefined ? null : { type: accelerators.type, count: accelerators.count },
    seconds: time === undefined ? null : positive(parseDuration(time), time, where),
  });
}

function positive(seconds: number, time: Duration, where: Origin): number {
  if (seconds === 0) throw bad(`the time is '${time}'`, "give it at least '1 second'", where);
  return seconds;
}

function bad(what: string, fix: string, where: Origin): MillwrightError {
  return new MillwrightError({ code: "bad-resources", what: `in resources, ${what}`, where, fix });
}
