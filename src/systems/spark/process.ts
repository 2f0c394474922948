import { spawn } from "node:child_process";
import { once } from "node:events";
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
 * When standard input closes, ends a program with all that it started: a worker's executors too. This process holds the other end,
 * which the system closes even when it is killed.
 */
const guard = `trap '' INT TERM HUP
read -r program
read -r _
kill -KILL "-$program"
tries=0
while kill -0 "-$program" && [ $tries -lt 300 ]; do sleep 0.1; tries=$((tries + 1)); done
rm -rf "$1"
rmdir "$(dirname "$1")"
exit 0`;

const remembered = 64 * 1024;

/** Starts a program that ends with this process. */
export async function startGuarded({ command, args, env, folder, title }: GuardedOptions): Promise<GuardedProcess> {
  // Groups of their own: a Ctrl-C in the terminal is for this process, which then ends them in order.
  const keeper = spawn("/bin/sh", ["-c", guard, "sh", folder], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  const kept = new Promise<void>((resolve) => keeper.once("close", () => resolve()));
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...env }, detached: true });
  // A shell that is gone already says so through its end.
  keeper.stdin.on("error", () => undefined);
  const { pid } = child;
  if (pid === undefined) {
    keeper.stdin.end();
    const [error]: unknown[] = await once(child, "error");
    throw error;
  }
  keeper.stdin.write(`${pid}\n`);
  let text = "";
  let over = false;
  const watchers = new Set<() => void>();
  const tell = (): void => watchers.forEach((watcher) => watcher());
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text = (text + chunk).slice(-remembered);
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
  return {
    pid,
    ended,
    ready,
    said: () => text,
    async stop() {
      keeper.stdin.end();
      await Promise.all([kept, ended]);
    },
  };
}
