import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { contentHash } from "../define/canonical.ts";
import type { Helpers } from "./helper.ts";
import { tryLock, type Lock } from "./lock.ts";

export interface SharedHelper {
  readonly command: string;
  /** The platform file's folder: commands of all its environments share their helpers. */
  readonly directory: string;
  readonly signal: AbortSignal;
  note(text: string): void;
}

/** A helper as its starter gives it. */
interface Started {
  /** It has done its work already: nothing is left to share. */
  readonly ended: boolean;
  stop(): Promise<void>;
}

const interval = 200;

/**
 * Sees to it that a helper runs while this process needs it: starts it, or where another command has started it, waits
 * until it is ready there, and starts it anew should that command end first. Each helper has a lock, held by who runs it.
 */
export async function shareHelper(helper: SharedHelper, start: () => Promise<Started>): Promise<Helpers> {
  const folder = join(helper.directory, ".millwright", ".helpers");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${contentHash(helper.command)}.lock`);
  const ready = `${file}.ready`;

  const own = async (lock: Lock): Promise<Helpers> => {
    rmSync(ready, { force: true });
    try {
      const started = await start();
      if (started.ended) lock.release();
      else writeFileSync(ready, "");
      return { stop: () => started.stop().finally(() => lock.release()) };
    } catch (error) {
      lock.release();
      throw error;
    }
  };

  for (let lock = tryLock(file); ; lock = tryLock(file)) {
    if (lock !== null) return own(lock);
    if (existsSync(ready)) break;
    await sleep(interval, undefined, { signal: helper.signal });
  }
  const leaving = new AbortController();
  const takenOver = takeOver(file, leaving.signal, own).catch((error: unknown) => {
    helper.note(error instanceof Error ? error.message : String(error));
    return null;
  });
  return {
    async stop() {
      leaving.abort();
      await (await takenOver)?.stop();
    },
  };
}

/** Waits for the lock, then runs the helper; null when it was not needed any more. */
async function takeOver(file: string, leaving: AbortSignal, own: (lock: Lock) => Promise<Helpers>): Promise<Helpers | null> {
  while (!leaving.aborted) {
    const lock = tryLock(file);
    if (lock !== null) return own(lock);
    // Aborted while it slept: the loop ends.
    await sleep(interval, undefined, { signal: leaving }).catch(() => undefined);
  }
  return null;
}
