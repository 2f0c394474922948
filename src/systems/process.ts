import { parseDuration, type Duration } from "../define/duration.ts";
import { parseSize } from "../define/layout.ts";
import type { ByteSize } from "../define/layout-types.ts";
import type { BindingNode } from "../define/node.ts";
import { numberOr, textOption } from "../extract/options.ts";
import { binding } from "./binding.ts";
import type { Launcher, Options, System } from "./roles.ts";

export interface ProcessOptions {
  /** Memory that trainings which say how much they need may have together; one that needs more is refused. @default the machine's */
  readonly memory?: ByteSize;
  /** Trainings side by side at most. @default as many as the cores, the memory and the accelerators allow */
  readonly parallel?: number;
  /** Cores that trainings may take together. @default the machine's */
  readonly cores?: number;
  /** How long a training that is cancelled, or takes too long, may take to end by itself. @default "5 seconds" */
  readonly grace?: Duration;
}

/**
 * Trainings as processes of this machine, with limits. Without a binding it is the same launcher, with these defaults.
 *
 * @example
 * environment({ launcher: process({ memory: "8 GB", parallel: 2 }) })
 */
export function process(options: ProcessOptions = {}): BindingNode {
  return binding("process", options);
}

export const system: System = {
  name: "process",
  title: "the processes of this machine",
  peers: [],
  roles: { launcher: open },
};

async function open(options: Options): Promise<Launcher> {
  const { openProcessLauncher } = await import("./process/launcher.ts");
  const given = (name: string): boolean => options[name] !== undefined;
  return openProcessLauncher({
    ...(given("memory") ? { memory: parseSize(textOption("process", options, "memory"), "process({ memory })") } : {}),
    ...(given("parallel") ? { parallel: Math.max(1, numberOr("process", options, "parallel", 1)) } : {}),
    ...(given("cores") ? { cores: Math.max(1, numberOr("process", options, "cores", 1)) } : {}),
    ...(given("grace") ? { grace: parseDuration(textOption("process", options, "grace")) } : {}),
  });
}
