import { spawn } from "node:child_process";
import type { Sample } from "./measure.ts";

/** A shell that runs a command and then tells, on descriptor 3, what it and the processes that it waited for have used. */
const shell = `"$@"; code=$?; times >&3; exit $code`;

export interface CommandOptions {
  readonly cwd: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Told of the process's id. */
  readonly started?: (pid: number) => void;
}

/**
 * Measures a whole process from its start to its end, with the processor time of its children.
 *
 * @throws Error with what it printed, when it ends with another code than 0.
 */
export async function timedCommand(command: readonly string[], options: CommandOptions): Promise<Sample> {
  return (await toldCommand(command, options)).sample;
}

/** The same with what it wrote to its standard output. */
export async function toldCommand(
  command: readonly string[],
  options: CommandOptions,
): Promise<{ readonly sample: Sample; readonly output: string }> {
  const began = performance.now();
  const child = spawn("/bin/sh", ["-c", shell, "sh", ...command], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  if (child.pid !== undefined) options.started?.(child.pid);
  let output = "";
  child.stdout?.on("data", (data: Buffer) => (output += data.toString()));
  let printed = "";
  let times = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (data: Buffer) => (printed = (printed + data.toString()).slice(-4000)));
  child.stdio[3]?.on("data", (data: Buffer) => (times += data.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const wall = (performance.now() - began) / 1000;
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code ?? "a signal"}: ${printed}`);
  return { sample: { wall, cpu: childTime(times) }, output };
}

/** The second line of `times`: user and system time of the shell's children, `0m1.230s 0m0.040s`. */
function childTime(times: string): number {
  const parts = [...(times.split("\n")[1] ?? "").matchAll(/(\d+)m([\d.]+)s/g)];
  if (parts.length !== 2) throw new Error(`the shell's times cannot be read: ${times}`);
  return parts.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}
