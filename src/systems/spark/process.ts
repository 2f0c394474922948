import { spawn } from "node:child_process";
import { MillwrightError } from "../../error.ts";

/** A program that ends together with this process, however that ends. */
export interface GuardedProcess {
  readonly pid: number;
  /** Settles when it has ended. */
  readonly ended: Promise<void>;
  /** Waits until what it writes matches; an error with its last words when it ends or `seconds` pass before. */
  ready(pattern: RegExp, seconds: number): Promise<RegExpExecArray>;
  /** The end of what it has written. */
  said(): string;
  /** Ends it at once and waits until it has ended and its folder is gone. */
  stop(): Promise<void>;
}

export interface GuardedOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Its own folder, removed when it has ended; so is the folder above, when nothing else lies there. */
  readonly folder: string;
  /** For errors: `the Spark driver`. */
  readonly title: string;
}

/**
 * The shell starts the program, tells its process id, and ends it when standard input closes: this process holds the other end, which
 * the system closes even when it is killed.
 */
const guard = `exec 3<&0
folder="$1"; shift
"$@" </dev/null 3<&- & program=$!
echo "process $program"
( read -r _ <&3; kill -KILL $program ) >/dev/null 2>&1 &
exec 3<&-
wait $program
rm -rf "$folder"
rmdir "$(dirname "$folder")" 2>/dev/null
kill $! 2>/dev/null
exit 0`;

const kept = 64 * 1024;

/** Starts a program that ends with this process. */
export async function startGuarded({ command, args, env, folder, title }: GuardedOptions): Promise<GuardedProcess> {
  const child = spawn("/bin/sh", ["-c", guard, "sh", folder, command, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...env },
    // A Ctrl-C in the terminal is for this process, which then ends it in order.
    detached: true,
  });
  let text = "";
  let over = false;
  const watchers = new Set<() => void>();
  const tell = (): void => watchers.forEach((watcher) => watcher());
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text = (text + chunk).slice(-kept);
      tell();
    });
  }
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => {
      over = true;
      tell();
      resolve();
    });
  });
  // A shell that is gone already says so through its end.
  child.stdin.on("error", () => undefined);
  const failed = (why: string): MillwrightError =>
    new MillwrightError({
      code: "spark-start",
      what: `${title} ${why}: ${text.trim().slice(-4000)}`,
      fix: `look for its reason in what it wrote`,
    });
  const ready = (pattern: RegExp, seconds: number): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const settle = (action: () => void): void => {
        clearTimeout(timer);
        watchers.delete(look);
        action();
      };
      const look = (): void => {
        const match = pattern.exec(text);
        if (match !== null) settle(() => resolve(match));
        else if (over) settle(() => reject(failed("ended before it was ready")));
      };
      const timer = setTimeout(() => settle(() => reject(failed(`was not ready within ${seconds} s`))), seconds * 1000);
      watchers.add(look);
      look();
    });
  const [, pid = ""] = await ready(/^process (\d+)$/m, 60);
  return {
    pid: Number(pid),
    ended,
    ready,
    said: () => text,
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
