import { setTimeout as sleep } from "node:timers/promises";
import { StorageError } from "./error.ts";

/** How often a request is made, all in all: at one failure in five, one in 400,000 fails for good. */
const attempts = 8;
/** Milliseconds before the second attempt, doubled before each that follows ... */
const firstDelay = 100;
/** ... up to this. */
const longestDelay = 2_000;

/**
 * Does work again while it fails in a way that passes by itself, with growing pauses of random length, so that many
 * who failed together do not come back together.
 *
 * @param work is told how many attempts went before it.
 * @throws StorageError of the last attempt; one that will not pass, at once.
 */
export async function retried<T>(work: (before: number) => Promise<T>): Promise<T> {
  for (let before = 0; ; before++) {
    try {
      return await work(before);
    } catch (error) {
      if (!(error instanceof StorageError) || error.fault !== "transient" || before + 1 === attempts) throw error;
    }
    const delay = Math.min(firstDelay * 2 ** before, longestDelay);
    await sleep(delay * (0.5 + Math.random()));
  }
}

/**
 * Milliseconds that one request may take: storage that is silent for 5 seconds, or slower than 256 KiB/s, is asked again, and then given
 * longer, for it may be slow rather than lost.
 *
 * @param before how many attempts went before this one.
 */
export function deadline(bytes: number, before = 0): number {
  return 5_000 * Math.min(before + 1, 6) + bytes / 256;
}

/** Fails as transient when the work takes longer; what it does then is no longer waited for. */
export async function within<T>(milliseconds: number, location: string, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: timer.signal }).then((): never => {
    throw new StorageError("transient", location, `${location} took longer than ${Math.round(milliseconds / 1000)} s`);
  });
  // Whichever is not first ends by itself, and nobody waits for it.
  late.catch(() => undefined);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}
