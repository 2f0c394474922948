import { readdirSync, readFileSync } from "node:fs";

/** A process as Linux shows it in /proc. */
export interface Seen {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** Of it and of its children that have ended, in seconds. */
  readonly processorSeconds: number;
}

/** Every process of the machine that has not ended; empty where there is no /proc. */
export function processes(): readonly Seen[] {
  const names = read(() => readdirSync("/proc")) ?? [];
  return names.flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const text = read(() => readFileSync(`/proc/${name}/stat`, "latin1"));
    // The second field is the program's name in parentheses and may hold anything.
    const [state, parent, , session, ...fields] = text?.slice(text.lastIndexOf(")") + 2).split(" ") ?? [];
    if (state === undefined || state === "Z" || state === "X") return [];
    // proc(5): utime, stime, cutime and cstime are fields 14 to 17, in hundredths of a second.
    const ticks = fields.slice(7, 11).reduce((sum, value) => sum + Number(value), 0);
    return { pid: Number(name), parent: Number(parent), session: Number(session), processorSeconds: ticks / 100 };
  });
}

/** Those of a session, and their descendants that have left it. MPI gives each rank a process group of its own, but not a session. */
export function membersOf(session: number, all: readonly Seen[]): readonly Seen[] {
  const members = new Map(all.filter((seen) => seen.session === session).map((seen) => [seen.pid, seen]));
  for (let before = -1; before !== members.size;) {
    before = members.size;
    for (const seen of all) if (members.has(seen.parent)) members.set(seen.pid, seen);
  }
  return [...members.values()];
}

/** Bytes of a process. */
export interface Memory {
  /** In memory now, with files that it has mapped. */
  readonly now: number;
  /** The most that `now` has been. */
  readonly peak: number;
  /** Its own, in memory or swapped out: without mapped files, which the kernel may drop and read again. */
  readonly own: number;
}

/** What a process holds; all 0 when it has ended. */
export function memoryOf(pid: number): Memory {
  const field = fieldsOf(`/proc/${pid}/status`);
  return { now: field("VmRSS"), peak: field("VmHWM"), own: field("RssAnon") + field("RssShmem") + field("VmSwap") };
}

/** As `own`, with what several processes share divided among them; slower to learn. */
export function proportionalMemoryOf(pid: number): number {
  const field = fieldsOf(`/proc/${pid}/smaps_rollup`);
  const parts = field("Pss_Anon") + field("Pss_Shmem");
  // Older kernels tell the whole only.
  return (parts === 0 ? field("Pss") : parts) + field("SwapPss");
}

function fieldsOf(file: string): (name: string) => number {
  const text = read(() => readFileSync(file, "latin1")) ?? "";
  return (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * 1024;
}

/** How many processes the kernel has ended for want of memory since the machine started. */
export function endedByKernel(): number {
  return Number(/^oom_kill (\d+)$/m.exec(read(() => readFileSync("/proc/vmstat", "latin1")) ?? "")?.[1] ?? 0);
}

/** Null for what is not there: processes end while one looks at them, and only Linux has /proc. */
function read<Result>(look: () => Result): Result | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && "code" in error && ["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(String(error.code))) return null;
    throw error;
  }
}
