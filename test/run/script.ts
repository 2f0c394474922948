import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** A script of the tests, running in a process of its own. */
export interface Script {
  readonly pid: number;
  /** The next line of its standard output; null when it has ended. */
  line(): Promise<string | null>;
  kill(signal: NodeJS.Signals): void;
  /** Waits for its end: the exit code, or the signal that ended it. */
  end(): Promise<number | NodeJS.Signals>;
}

/** Starts `script` (a path relative to this folder) with Node. */
export function startScript(script: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Script {
  const file = new URL(script, import.meta.url).pathname;
  const child = spawn(process.execPath, [file, ...args], { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, ...env } });
  const exit = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    async line() {
      const { value, done } = await lines.next();
      return done === true ? null : value;
    },
    kill: (signal) => void child.kill(signal),
    async end() {
      const [code, signal]: unknown[] = await exit;
      if (typeof code === "number") return code;
      return signal === "SIGTERM" || signal === "SIGKILL" || signal === "SIGINT" ? signal : -1;
    },
  };
}

/** Whether a process of that id lives; one that has ended and that its parent has not yet asked about (a zombie) does not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH")) return false;
    throw error;
  }
}

/** Waits until `holds`, asking ten times a second; false when `seconds` pass before. */
export async function eventually(holds: () => boolean, seconds = 10): Promise<boolean> {
  for (const end = performance.now() + seconds * 1000; ;) {
    if (holds()) return true;
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
