import { setTimeout as sleep } from "node:timers/promises";

/** A unit of work and what must come before it. */
export interface Task<R> {
  readonly name: string;
  readonly needs: readonly string[];
  run(): Promise<R>;
}

export type Settled<R> =
  | { readonly status: "done"; readonly value: R }
  | { readonly status: "failed"; readonly error: unknown }
  | { readonly status: "left"; readonly because: string };

/**
 * Runs tasks side by side, each after those it needs. A task whose need failed is left out and says why;
 * all others go on. After `signal` aborts nothing new starts.
 *
 * @param parallel most tasks at once.
 */
export async function schedule<R>(
  tasks: readonly Task<R>[],
  options: { readonly parallel: number; readonly signal: AbortSignal; settled?(task: Task<R>, result: Settled<R>): void },
): Promise<Map<string, Settled<R>>> {
  const results = new Map<string, Settled<R>>();
  const known = new Set(tasks.map((task) => task.name));
  const dependents = new Map<string, Task<R>[]>();
  const missing = new Map<string, number>();
  const ready: Task<R>[] = [];
  for (const task of tasks) {
    const needs = task.needs.filter((need) => known.has(need));
    missing.set(task.name, needs.length);
    if (needs.length === 0) ready.push(task);
    for (const need of needs) {
      const others = dependents.get(need);
      if (others === undefined) dependents.set(need, [task]);
      else others.push(task);
    }
  }

  const settle = (first: Task<R>, outcome: Settled<R>) => {
    // A stack of our own: what is left out may be a chain longer than the machine's.
    const pending: [Task<R>, Settled<R>][] = [[first, outcome]];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const [task, result] = next;
      if (results.has(task.name)) continue;
      results.set(task.name, result);
      options.settled?.(task, result);
      const because = result.status === "left" ? result.because : `${task.name} failed`;
      for (const dependent of dependents.get(task.name) ?? []) {
        if (result.status !== "done") {
          pending.push([dependent, { status: "left", because }]);
          continue;
        }
        const left = (missing.get(dependent.name) ?? 1) - 1;
        missing.set(dependent.name, left);
        if (left === 0 && !results.has(dependent.name)) ready.push(dependent);
      }
    }
  };
  const worker = async (): Promise<void> => {
    for (let task = ready.shift(); task !== undefined; task = ready.shift()) {
      if (options.signal.aborted) {
        settle(task, { status: "left", because: "cancelled" });
        continue;
      }
      const current = task;
      const result = await current.run().then(
        (value): Settled<R> => ({ status: "done", value }),
        (error: unknown): Settled<R> => ({ status: "failed", error }),
      );
      settle(current, result);
      // What became ready may be more than this worker can take alone.
      grow();
    }
  };
  const workers = new Set<Promise<void>>();
  const grow = () => {
    while (workers.size < options.parallel && ready.length > 0) {
      const started = worker().finally(() => workers.delete(started));
      workers.add(started);
    }
  };
  grow();
  while (workers.size > 0) await Promise.race(workers);
  return results;
}

export interface RetryOptions {
  /** Attempts in all. */
  readonly attempts: number;
  /** Milliseconds before the second attempt; doubles each time, with up to half of it added at random. */
  readonly delay: number;
  readonly signal: AbortSignal;
  /** Whether trying again can help. */
  isTransient(error: unknown): boolean;
  onRetry(attempt: number, delay: number, reason: string): void;
}

/** Tries again after a transient failure, each time later, saying why. */
export async function withRetries<R>(work: () => Promise<R>, options: RetryOptions): Promise<R> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= options.attempts || options.signal.aborted || !options.isTransient(error)) throw error;
      const delay = Math.round(options.delay * 2 ** (attempt - 1) * (1 + Math.random() / 2));
      options.onRetry(attempt, delay, error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
      await sleep(delay, undefined, { signal: options.signal });
    }
  }
}
