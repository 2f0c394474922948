import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseSync } from "node:sqlite";
import { MillwrightError } from "../error.ts";

/** Held while a run changes an environment; released when it is closed or when the process dies, however it dies. */
export interface RunLock extends Disposable {
  release(): void;
}

/**
 * Takes the lock of an environment. The lock is an exclusive SQLite transaction on its own file, so that the
 * operating system frees it with the process and no stale lock can remain.
 *
 * @param wait wait for the other run instead of refusing; `signal` ends the wait.
 * @throws MillwrightError `run-in-progress` with the other process and its start, when it is held and `wait` is false;
 * `cancelled` when `signal` ended the wait.
 */
export async function acquireRunLock(file: string, options: { wait: boolean; signal?: AbortSignal; onWait?: (holder: string) => void }): Promise<RunLock> {
  const database = new DatabaseSync(file, { timeout: 0 });
  let told = false;
  for (;;) {
    try {
      database.exec("BEGIN EXCLUSIVE");
      break;
    } catch (error) {
      if (!(error instanceof Error) || !/locked|busy/i.test(error.message)) throw error;
      if (!options.wait) {
        database.close();
        throw new MillwrightError({
          code: "run-in-progress",
          what: `another run of this environment is in progress (${holderOf(file)})`,
          fix: "wait until it ends, pass --wait, or stop that process",
        });
      }
      if (!told) options.onWait?.(holderOf(file));
      told = true;
      await sleep(200, undefined, options.signal ? { signal: options.signal } : {}).catch((reason: unknown) => {
        database.close();
        throw new MillwrightError({ code: "cancelled", what: "cancelled while waiting for another run of this environment" }, { cause: reason });
      });
    }
  }
  writeFileSync(`${file}.holder`, `process ${process.pid}, since ${new Date().toISOString()}`);
  const release = () => {
    if (database.isOpen) database.close();
  };
  return { release, [Symbol.dispose]: release };
}

function holderOf(file: string): string {
  try {
    return readFileSync(`${file}.holder`, "utf8");
  } catch {
    return "unknown process";
  }
}
