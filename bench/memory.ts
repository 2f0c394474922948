import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Bytes that a process and all below it hold in memory, added up: what they share counts for each. */
export function residentBytes(pid: number): number {
  const children = new Map<number, number[]>();
  const pages = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readProc(`/proc/${name}/stat`);
    if (stat === null) continue;
    // The name may hold spaces and brackets: fields are counted from its end.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [parent, resident] = [Number(fields[1]), Number(fields[21])];
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    pages.set(Number(name), resident);
  }
  const sum = (of: number): number => (pages.get(of) ?? 0) + (children.get(of) ?? []).reduce((total, child) => total + sum(child), 0);
  return sum(pid) * 4096;
}

function readProc(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    // It has ended since the folder was listed.
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH")) return null;
    throw error;
  }
}

/** A control group of the kernel, in which all processes together cannot hold more memory: what asks for more is killed. */
export interface MemoryGroup {
  /** What a command begins with to run in the group. */
  readonly prefix: readonly string[];
  /** Resolves when its last process has ended. */
  remove(): Promise<void>;
}

/** Null where this user may make no group: memory is then only sampled. Files that the kernel caches count, but give way. */
export function memoryGroup(bytes: number): MemoryGroup | null {
  const [parent, file] = existsSync("/sys/fs/cgroup/cgroup.controllers")
    ? ["/sys/fs/cgroup", "memory.max"]
    : ["/sys/fs/cgroup/memory", "memory.limit_in_bytes"];
  const group = join(parent, `millwright-bench-${process.pid}`);
  try {
    mkdirSync(group);
    writeFileSync(join(group, file), String(bytes));
  } catch (error) {
    if (existsSync(group)) rmdirSync(group);
    if (!(error instanceof Error && "code" in error && ["EACCES", "EPERM", "EROFS", "ENOENT"].includes(String(error.code)))) throw error;
    return null;
  }
  return {
    prefix: ["/bin/sh", "-c", `echo $$ > ${group}/cgroup.procs && exec "$@"`, "sh"],
    async remove() {
      while (readFileSync(join(group, "cgroup.procs"), "utf8") !== "") await sleep(100);
      rmdirSync(group);
    },
  };
}

/** `4 GB` in bytes. */
export function memoryBytes(text: string): number {
  const [, number, unit] = /^([\d.]+) ?([MG]i?)B$/.exec(text) ?? [];
  const bytes = Number(number) * ({ M: 1e6, G: 1e9, Mi: 2 ** 20, Gi: 2 ** 30 }[unit ?? ""] ?? Number.NaN);
  if (!(bytes > 0)) throw new RangeError(`'${text}' is no amount of memory such as '4 GiB'`);
  return bytes;
}
