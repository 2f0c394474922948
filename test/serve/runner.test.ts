import { expect, test, vi } from "vitest";
import { bufferSize, tensorsOf } from "../../src/serve/signature.ts";
import { startRunner } from "../../src/serve/runner.ts";
import type { Job, Runner } from "../../src/serve/runner.ts";
import { rowOf, smallModel } from "./model.ts";

function jobFor(runner: Runner): Job {
  const strings = [["UA"]];
  const buffer = new ArrayBuffer(bufferSize(runner.signature.inputs, 1));
  const [, distance] = tensorsOf(runner.signature.inputs, 1, buffer, strings);
  if (distance instanceof Float64Array) distance[0] = rowOf(1).distance ?? 0;
  return { rows: 1, buffer, strings };
}

test("a thread that dies under a batch loses that batch, and another thread takes its place", async () => {
  let freed = 0;
  const runner = await startRunner({ name: "delay", model: new Uint8Array(smallModel()), workers: 1, onFree: () => freed++ });
  try {
    // The thread stops at once, and is known to be gone only later: between the two it is given a batch, which it cannot have finished before.
    runner.kill();
    const lost = runner.run(jobFor(runner));
    expect(runner.idle()).toBe(false);
    expect(await lost).toEqual({ kind: "lost" });
    expect(runner.alive()).toBe(0);
    await vi.waitFor(() => expect(runner.idle()).toBe(true), 5000);
    expect((await runner.run(jobFor(runner))).kind).toBe("done");
    expect(freed).toBeGreaterThan(1);
  } finally {
    await runner.stop();
  }
});

test("a stop while a thread is being replaced leaves no thread", async () => {
  const runner = await startRunner({ name: "delay", model: new Uint8Array(smallModel()), workers: 2, onFree: () => undefined });
  runner.kill();
  await vi.waitFor(() => expect(runner.alive()).toBe(0));
  await new Promise((resolve) => setTimeout(resolve, 220));
  await runner.stop();
  await vi.waitFor(() => expect(runner.alive()).toBe(0), 5000);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(runner.alive()).toBe(0);
});
