import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseSync } from "node:sqlite";
import { MillwrightError } from "../error.ts";

/** Held until it is released or the process dies, however it dies. */
export interface Lock extends Disposable {
  release(): void;
}

/**
 * Takes a lock, or gives null when another process has it. The lock is an exclusive SQLite transaction on its own file,
 * so that the operating system frees it with the process and no stale lock can remain.
 */
export function tryLock(file: string): Lock | null {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (error instanceof Error && /locked|busy/i.test(error.message)) return null;
    throw error;
  }
  const release = () => {
    if (database.isOpen) database.close();
  };
  return { release, [Symbol.dispose]: release };
}

/**
 * Takes the lock of an environment, which one run holds at a time.
 *
 * @param wait wait for the other run instead of refusing; `signal` ends the wait.
 * @throws MillwrightError `run-in-progress` with the other process and its start, when it is held and `wait` is false;
 * `cancelled` when `signal` ended the wait.
 */
export async function acquireRunLock(
  file: string,
  options: { wait: boolean; signal?: AbortSignal; onWait?: (holder: string) => void },
): Promise<Lock> {
  let told = false;
  for (let lock = tryLock(file); ; lock = tryLock(file)) {
    if (lock !== null) {
      writeFileSync(`${file}.holder`, `process ${process.pid}, since ${new Date().toISOString()}`);
      return lock;
    }
    if (!options.wait) {
      throw new MillwrightError({
        code: "run-in-progress",
        what: `another run of this environment is in progress (${holderOf(file)})`,
        fix: "wait until it ends, pass --wait, or stop that process",
      });
    }
    if (!told) options.onWait?.(holderOf(file));
    told = true;
    await sleep(200, undefined, options.signal ? { signal: options.signal } : {}).catch((reason: unknown) => {
      throw new MillwrightError(
        { code: "cancelled", what: "cancelled while waiting for another run of this environment" },
        { cause: reason },
      );
    });
  }
}

function holderOf(file: string): string {
  try {
    return readFileSync(`${file}.holder`, "utf8");
  } catch {
    return "unknown process";
  }
}
