/**
 * Does tasks side by side, at most so many at once, beginning with the first. When one fails the others are cancelled, and its error
 * is thrown once all have ended.
 */
export async function inParallel(
  tasks: readonly ((signal: AbortSignal) => Promise<void>)[],
  parallel: number,
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const waiting = tasks.values();
  const work = async (): Promise<void> => {
    for (const task of waiting) {
      if (either.aborted) return;
      await task(either).catch((error: unknown) => {
        // What ends because another failed has nothing of its own to say.
        if (!failed.signal.aborted) failed.abort(error);
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, tasks.length) }, work));
  signal.throwIfAborted();
  failed.signal.throwIfAborted();
}
