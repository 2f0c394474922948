import { readdirSync, readFileSync } from "node:fs";

/** Linux counts processor time in hundredths of a second for programs (`USER_HZ`, man 5 proc). */
const ticksPerSecond = 100;

interface Process {
  readonly parent: number;
  readonly command: string;
  readonly ticks: number;
}

/** Seconds of processor time, user and system, that all processes whose command line holds one of these texts, and all below them, have used. */
export function processorSeconds(texts: readonly string[]): number {
  let ticks = 0;
  for (const { ticks: used } of processesOf(texts).values()) ticks += used;
  return ticks / ticksPerSecond;
}

/** Those processes, by their id. */
export function processesOf(texts: readonly string[]): ReadonlyMap<number, Process> {
  const processes = new Map<number, Process>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const found = readProcess(Number(name));
    if (found !== null) processes.set(Number(name), found);
  }
  const isOurs = (pid: number): boolean => {
    const found = processes.get(pid);
    if (found === undefined || pid === process.pid) return false;
    return texts.some((text) => found.command.includes(text)) || isOurs(found.parent);
  };
  return new Map([...processes].filter(([pid]) => isOurs(pid)));
}

function readProcess(pid: number): Process | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name may hold spaces and brackets: fields are counted from its end.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    return { parent: Number(fields[1]), command, ticks: Number(fields[11]) + Number(fields[12]) };
  } catch (error) {
    // It has ended since the folder was listed.
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH")) return null;
    throw error;
  }
}
