import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { acquireRunLock } from "../../src/run/lock.ts";
import { startScript } from "./script.ts";
import { temporaryFolder } from "./temporary.ts";

const lockFile = () => join(temporaryFolder(), "run.lock");

test("a second run is refused, with the process that holds the lock", async () => {
  const file = lockFile();
  const holder = startScript("hold-lock.ts", [file]);
  expect(await holder.line()).toBe("locked");
  const refused = acquireRunLock(file, { wait: false });
  await expect(refused).rejects.toMatchObject({ name: "MillwrightError", problem: { code: "run-in-progress" } });
  await expect(refused).rejects.toThrow(new RegExp(`process ${holder.pid}, since 20\\d\\d-.*Z`));
  await expect(refused).rejects.toThrow("--wait");
  holder.kill("SIGKILL");
  await holder.end();
});

test("the lock of a killed process is free at once", async () => {
  const file = lockFile();
  const holder = startScript("hold-lock.ts", [file]);
  expect(await holder.line()).toBe("locked");
  holder.kill("SIGKILL");
  expect(await holder.end()).toBe("SIGKILL");
  using _lock = await acquireRunLock(file, { wait: false });
});

test("waiting ends when the other run ends, and says once for whom it waits", async () => {
  const file = lockFile();
  const first = await acquireRunLock(file, { wait: false });
  const told: string[] = [];
  let held = false;
  const second = acquireRunLock(file, { wait: true, onWait: (holder) => told.push(holder) }).then((lock) => {
    held = true;
    return lock;
  });
  await sleep(600);
  expect(held).toBe(false);
  first.release();
  using _lock = await second;
  expect(held).toBe(true);
  expect(told).toEqual([expect.stringContaining(`process ${process.pid}`)]);
});

test("waiting can be cancelled, and then holds nothing", async () => {
  const file = lockFile();
  const first = await acquireRunLock(file, { wait: false });
  const cancel = new AbortController();
  const second = acquireRunLock(file, { wait: true, signal: cancel.signal });
  setTimeout(() => cancel.abort(), 100);
  await expect(second).rejects.toMatchObject({ problem: { code: "cancelled" } });
  first.release();
  using _third = await acquireRunLock(file, { wait: false });
});

test("released twice is released once", async () => {
  const file = lockFile();
  const lock = await acquireRunLock(file, { wait: false });
  lock.release();
  lock.release();
  using _again = await acquireRunLock(file, { wait: false });
});
