import { spawn } from "node:child_process";
import { constants, hostname } from "node:os";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { LineLog } from "../../train/launch/lines.ts";
import { bytesInWords } from "../../train/launch/refusal.ts";
import type { TaskEnd } from "../roles.ts";
import { endedByKernel, membersOf, memoryOf, processes, proportionalMemoryOf, type Seen } from "./session.ts";

export interface TaskStart {
  readonly command: readonly [string, ...string[]];
  readonly directory: string;
  /** The whole environment. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Bytes of all its processes together; null for no limit. */
  readonly memory: number | null;
  /** Wall time; null for no limit. */
  readonly seconds: number | null;
  /** Seconds between being asked to end (SIGTERM) and being ended (SIGKILL). */
  readonly grace: number;
  readonly log: LineLog;
}

export interface LocalTask {
  readonly ended: Promise<TaskEnd>;
  /** Ends it with all that it has started; asked before, it changes nothing. */
  end(outcome: "cancelled" | "timed-out" | "out-of-memory", reason: string): Promise<void>;
  /** Looks at what it uses, among the processes of the machine as they are now. */
  look(all: readonly Seen[]): void;
}

/**
 * Runs a program in a session of its own. Standard input is a pipe that nobody writes into: when the process that holds its other end is
 * gone, however it ended, or the program has ended, the watcher ends whatever is left of the session. The shell stays beside the
 * program to say how much processor time it took.
 */
const guard = `exec 4<&0 </dev/null
(
  (
    exec >/dev/null 2>&1 3>&-
    trap '' INT TERM HUP
    read -r _ <&4
    read -r self _ </proc/self/stat
    tries=0
    left=yes
    while [ -n "$left" ] && [ $tries -lt 100 ]; do
      left=
      for file in /proc/[0-9]*/stat; do
        read -r line <"$file" || continue
        set -- \${line##*) }
        [ "$4" = "$$" ] || continue
        process=\${line%% *}
        [ "$1" = Z ] || [ "$process" = "$self" ] && continue
        kill -KILL "$process"
        left=yes
      done
      tries=$((tries + 1))
      [ -z "$left" ] || sleep 0.05
    done
    kill -KILL 0
  ) &
)
trap : INT TERM HUP
[ ! -w /proc/self/oom_score_adj ] || echo 500 >/proc/self/oom_score_adj
"$@" 3>&- 4<&-
code=$?
times >&3
exit $code`;

/** Starts it. Its lines go to the log, which ends with it. */
export function startTask(start: TaskStart): LocalTask {
  const { command, directory, variables, memory, seconds, grace, log } = start;
  const began = performance.now();
  const endedByKernelBefore = endedByKernel();
  const child = spawn("/bin/sh", ["-c", guard, "sh", ...command], {
    cwd: directory,
    env: { ...variables },
    stdio: ["pipe", "pipe", "pipe", "pipe"],
    detached: true,
  });
  const { pid } = child;
  let cause: Pick<TaskEnd, "outcome" | "reason"> | null = null;
  let over = false;
  let peak = 0;
  let seenSeconds = 0;
  let times = "";
  // The watcher is gone when nothing reads here.
  child.stdin.on("error", () => undefined);
  for (const source of [child.stdout, child.stderr]) {
    const stream = log.stream();
    source.setEncoding("utf8").on("data", (text: string) => stream.write(text));
    source.once("close", () => stream.end());
  }
  const said = child.stdio[3];
  if (said instanceof Readable) said.setEncoding("utf8").on("data", (text: string) => (times += text));

  const ended = Promise.withResolvers<TaskEnd>();
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const settle = (exit: Pick<TaskEnd, "outcome" | "reason" | "exitCode">): void => {
    log.end();
    ended.resolve({
      ...exit,
      ...cause,
      usage: {
        seconds: (performance.now() - began) / 1000,
        processorSeconds: processorSecondsOf(times) ?? seenSeconds,
        peakMemory: peak === 0 ? null : peak,
        nodes: [hostname()],
      },
    });
  };
  child.once("error", (error) => {
    over = true;
    settle({ outcome: "failed", reason: `it could not be started in ${directory}: ${error.message}`, exitCode: null });
  });
  child.once("exit", async (code, signal) => {
    over = true;
    child.stdin.end();
    // What it left behind ends before its end is told, also what has outputs of its own: a rank of MPI has mpirun's.
    for (let tries = 0; tries < 250 && pid !== undefined; tries++) {
      const left = processes().filter((seen) => seen.session === pid);
      if (left.length === 0) break;
      for (const seen of left) kill(seen.pid, "SIGKILL");
      await sleep(20);
    }
    // Something that left the session on purpose may hold the outputs for as long as it likes.
    await Promise.race([closed, sleep(5000, undefined, { ref: false })]);
    for (const stream of [child.stdout, child.stderr, said]) stream?.destroy();
    await closed;
    settle(exitOf(code, signal, endedByKernel() > endedByKernelBefore));
  });

  const signalAll = (signal: NodeJS.Signals, withShell: boolean): void => {
    if (pid === undefined) return;
    const members = membersOf(pid, processes());
    if (members.length === 0) kill(-pid, signal);
    for (const member of members) if (withShell || member.pid !== pid) kill(member.pid, signal);
  };
  return {
    ended: ended.promise,
    async end(outcome, reason) {
      if (cause !== null || over) return;
      cause = { outcome, reason };
      const until = performance.now() + (outcome === "out-of-memory" ? 0 : grace * 1000);
      if (outcome !== "out-of-memory") signalAll("SIGTERM", true);
      while (!over && performance.now() < until) await Promise.race([ended.promise, sleep(20)]);
      // The shell goes by itself and tells the processor time, unless it does not.
      for (let tries = 0; !over; tries++) {
        signalAll("SIGKILL", tries > 20);
        await Promise.race([ended.promise, sleep(50)]);
      }
    },
    look(all) {
      if (over || pid === undefined) return;
      const members = membersOf(pid, all);
      const held = members.filter((member) => member.pid !== pid).map((member) => ({ ...member, ...memoryOf(member.pid) }));
      const resident = held.reduce((sum, { now }) => sum + now, 0);
      peak = Math.max(peak, resident, ...held.map((each) => each.peak));
      seenSeconds = Math.max(
        seenSeconds,
        members.reduce((sum, { processorSeconds }) => sum + processorSeconds, 0),
      );
      const own = held.reduce((sum, each) => sum + each.own, 0);
      if (memory !== null && own > memory) {
        const exact = held.length === 1 ? own : held.reduce((sum, each) => sum + proportionalMemoryOf(each.pid), 0);
        if (exact > memory) void this.end("out-of-memory", `it held ${bytesInWords(exact)}, and may hold ${bytesInWords(memory)}`);
      }
      if (seconds !== null && performance.now() - began > seconds * 1000) void this.end("timed-out", `it took longer than ${seconds} s`);
    },
  };
}

function exitOf(code: number | null, signal: NodeJS.Signals | null, byKernel: boolean): Pick<TaskEnd, "outcome" | "reason" | "exitCode"> {
  if (code === 0) return { outcome: "succeeded", reason: null, exitCode: 0 };
  const name = signal ?? signalOf(code ?? 0);
  if (name === "SIGKILL" && byKernel)
    return { outcome: "out-of-memory", reason: "the machine had no more memory, and its kernel ended it", exitCode: code };
  return { outcome: "failed", reason: name === null ? `it ended with exit code ${code}` : `it was ended by ${name}`, exitCode: code };
}

/** Shells give 128 and the signal's number for a program that was ended by one. */
function signalOf(code: number): string | null {
  return Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0] ?? null;
}

/** Of the children, from the second line of the shell's `times`: `0m1.250000s 0m0.120000s`. */
function processorSecondsOf(times: string): number | null {
  const [, children] = times.split("\n");
  const parts = [...(children ?? "").matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds));
  return parts.length === 2 ? parts.reduce((sum, value) => sum + value, 0) : null;
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has ended meanwhile.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
