import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { schedule, withRetries, type Task } from "../../src/run/schedule.ts";

const never = new AbortController().signal;

/** Tasks `name: needs` that note when they begin and end. */
function tasksOf(
  graph: Readonly<Record<string, readonly string[]>>,
  work: (name: string) => Promise<void> = async () => sleep(5),
): { tasks: Task<string>[]; log: string[] } {
  const log: string[] = [];
  const tasks = Object.entries(graph).map(([name, needs]): Task<string> => ({
    name,
    needs,
    async run() {
      log.push(`+${name}`);
      await work(name);
      log.push(`-${name}`);
      return name.toUpperCase();
    },
  }));
  return { tasks, log };
}

test("each task runs once, after all that it needs", async () => {
  const graph = { flights: [], planes: [], clean: ["flights"], features: ["clean", "planes"], model: ["features"], mart: ["clean"] };
  const { tasks, log } = tasksOf(graph);
  const results = await schedule(tasks, { parallel: 3, signal: never });
  expect([...results.keys()].toSorted()).toEqual(Object.keys(graph).toSorted());
  expect(results.get("model")).toEqual({ status: "done", value: "MODEL" });
  for (const [name, needs] of Object.entries(graph)) {
    for (const need of needs) expect(log.indexOf(`-${need}`)).toBeLessThan(log.indexOf(`+${name}`));
  }
  expect(log).toHaveLength(12);
});

test("branches run side by side, never more than allowed", async () => {
  let running = 0;
  let most = 0;
  const { tasks } = tasksOf({ a: [], b: [], c: [], d: [], e: ["a"], f: ["a"], g: ["a"], h: ["a"] }, async () => {
    running += 1;
    most = Math.max(most, running);
    await sleep(20);
    running -= 1;
  });
  await schedule(tasks, { parallel: 3, signal: never });
  expect(most).toBe(3);
});

test("a chain does not hold up what does not need it", async () => {
  const { tasks, log } = tasksOf({ slow: [], quick: [], after: ["quick"] }, async (name) => sleep(name === "slow" ? 100 : 1));
  await schedule(tasks, { parallel: 2, signal: never });
  expect(log.indexOf("-after")).toBeLessThan(log.indexOf("-slow"));
});

test("what needs a failed task is left out and says why; all else goes on", async () => {
  const { tasks } = tasksOf({ bad: [], good: [], child: ["bad", "good"], grandchild: ["child"], other: ["good"] }, async (name) => {
    await sleep(1);
    if (name === "bad") throw new Error("the source is gone");
  });
  const settled: string[] = [];
  const results = await schedule(tasks, { parallel: 2, signal: never, settled: (task) => settled.push(task.name) });
  expect(results.get("bad")).toMatchObject({ status: "failed", error: new Error("the source is gone") });
  expect(results.get("child")).toEqual({ status: "left", because: "bad failed" });
  expect(results.get("grandchild")).toEqual({ status: "left", because: "bad failed" });
  expect(results.get("other")).toEqual({ status: "done", value: "OTHER" });
  expect(settled.toSorted()).toEqual(["bad", "child", "good", "grandchild", "other"]);
});

test("a task with two failed needs is left out once", async () => {
  const { tasks } = tasksOf({ a: [], b: [], c: ["a", "b"] }, async () => Promise.reject(new Error("no")));
  const settled: string[] = [];
  await schedule(tasks, { parallel: 2, signal: never, settled: (task) => settled.push(task.name) });
  expect(settled.toSorted()).toEqual(["a", "b", "c"]);
});

test("after a cancel nothing new starts; what runs may end", async () => {
  const cancel = new AbortController();
  const { tasks, log } = tasksOf({ a: [], b: [], c: ["a"], d: ["b"] }, async (name) => {
    await sleep(10);
    if (name === "a") cancel.abort();
  });
  const results = await schedule(tasks, { parallel: 1, signal: cancel.signal });
  expect(log).toEqual(["+a", "-a"]);
  expect(results.get("a")).toMatchObject({ status: "done" });
  for (const name of ["b", "c", "d"]) expect(results.get(name)).toEqual({ status: "left", because: "cancelled" });
});

test("a thousand tasks in a chain and a thousand side by side are done", async () => {
  const chain = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`c${index}`, index === 0 ? [] : [`c${index - 1}`]]));
  const flat = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`f${index}`, []]));
  const { tasks } = tasksOf({ ...chain, ...flat }, async () => undefined);
  const results = await schedule(tasks, { parallel: 4, signal: never });
  expect([...results.values()].every(({ status }) => status === "done")).toBe(true);
  expect(results.size).toBe(2000);
});

test("a failure at the head of a long chain leaves all of it out", async () => {
  const chain = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`c${index}`, index === 0 ? [] : [`c${index - 1}`]]));
  const { tasks } = tasksOf(chain, async () => Promise.reject(new Error("no")));
  const results = await schedule(tasks, { parallel: 4, signal: never });
  expect(results.get("c19999")).toEqual({ status: "left", because: "c0 failed" });
});

test("a passing failure is tried again, later each time, with its reason", async () => {
  const retries: { attempt: number; delay: number; reason: string }[] = [];
  let attempts = 0;
  const began = performance.now();
  const value = await withRetries(
    async () => {
      attempts += 1;
      if (attempts < 3) throw new Error(`connection reset, number ${attempts}\nand a long story`);
      return "done";
    },
    {
      attempts: 5,
      delay: 40,
      signal: never,
      isTransient: () => true,
      onRetry: (attempt, delay, reason) => retries.push({ attempt, delay, reason }),
    },
  );
  expect(value).toBe("done");
  expect(retries.map(({ attempt, reason }) => [attempt, reason])).toEqual([
    [1, "connection reset, number 1"],
    [2, "connection reset, number 2"],
  ]);
  const [first, second] = retries.map(({ delay }) => delay);
  expect(first).toBeGreaterThanOrEqual(40);
  expect(first).toBeLessThanOrEqual(60);
  expect(second).toBeGreaterThanOrEqual(80);
  expect(second).toBeLessThanOrEqual(120);
  expect(performance.now() - began).toBeGreaterThan((first ?? 0) + (second ?? 0) - 5);
});

test("the last attempt's error is given", async () => {
  let attempts = 0;
  const work = async (): Promise<never> => Promise.reject(new Error(`number ${(attempts += 1)}`));
  await expect(
    withRetries(work, { attempts: 3, delay: 1, signal: never, isTransient: () => true, onRetry: () => undefined }),
  ).rejects.toThrow("number 3");
});

test("a failure that will not pass is not tried again", async () => {
  let attempts = 0;
  const work = async (): Promise<never> => Promise.reject(new Error(`number ${(attempts += 1)}`));
  await expect(
    withRetries(work, { attempts: 3, delay: 1, signal: never, isTransient: () => false, onRetry: () => undefined }),
  ).rejects.toThrow("number 1");
  expect(attempts).toBe(1);
});

test("a cancel ends the wait before the next attempt", async () => {
  const cancel = new AbortController();
  const work = async (): Promise<never> => Promise.reject(new Error("no"));
  const began = performance.now();
  const retrying = withRetries(work, {
    attempts: 3,
    delay: 60_000,
    signal: cancel.signal,
    isTransient: () => true,
    onRetry: () => cancel.abort(),
  });
  await expect(retrying).rejects.toThrow();
  expect(performance.now() - began).toBeLessThan(30_000);
});
