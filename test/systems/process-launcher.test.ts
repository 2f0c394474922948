import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { anyResources } from "../../src/define/resources.ts";
import { isOfType, type Device } from "../../src/systems/process/devices.ts";
import { openProcessLauncher } from "../../src/systems/process/launcher.ts";
import { processes as processesOfMachine } from "../../src/systems/process/session.ts";
import { process as processes, system } from "../../src/systems/process.ts";
import type { Job, RunningJob } from "../../src/systems/roles.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "process-launcher-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

function job(script: string, more: Partial<Job> = {}): Job {
  const command: Job["command"] = ["/bin/sh", "-c", script];
  return { name: "test", command, directory, variables: {}, resources: anyResources, tasks: [{}], after: [], requeues: 0, ...more };
}

async function firstLine(running: RunningJob, task: number = 0): Promise<string | undefined> {
  for await (const line of running.lines(task)) return line;
  return undefined;
}

/** A process that has ended may wait to be collected. */
function runs(pid: string | undefined): boolean {
  return processesOfMachine().some((seen) => String(seen.pid) === pid);
}

const graphics: readonly Device[] = [
  { kind: "gpu", index: "0", type: "NVIDIA A100-SXM4-80GB" },
  { kind: "gpu", index: "1", type: "NVIDIA A100-SXM4-80GB" },
  { kind: "gpu", index: "2", type: "NVIDIA H100 80GB HBM3" },
  { kind: "tpu", index: "0", type: "TPU v5litepod-4" },
];

test("a job ends with the process that submitted it, with all that it has started, when that is killed", async () => {
  const script = new URL(`./process-starter${extname(import.meta.url)}`, import.meta.url).pathname;
  const submitted = job("trap '' TERM; sleep 1000 & setsid -w sleep 1000 & echo $! $$; wait");
  const starter = spawn(process.execPath, [script, JSON.stringify(submitted)], { stdio: ["ignore", "pipe", "inherit"] });
  const [data]: Buffer[] = await once(starter.stdout, "data");
  const pids = String(data).trim().split(" ");
  expect(pids.every(runs)).toBe(true);
  starter.kill("SIGKILL");
  await once(starter, "exit");
  while (runs(pids[1])) await sleep(20);
});

test("what a program leaves behind when it ends, ends too", async () => {
  const launcher = await openProcessLauncher();
  const running = await launcher.submit(job("sleep 1000 & echo $!"));
  const pid = await firstLine(running);
  expect(await running.end(0)).toMatchObject({ outcome: "succeeded" });
  expect(pid).toMatch(/^\d+$/);
  expect(runs(pid)).toBe(false);
  await launcher.close();
});

test("tasks have accelerators of the type asked for to themselves, and wait for them", async () => {
  const launcher = await openProcessLauncher({ devices: graphics, cores: 8 });
  const resources = { ...anyResources, threads: 1, accelerators: { type: "A100", count: 1 } };
  const shown = 'echo "$CUDA_VISIBLE_DEVICES"; while [ ! -e "$GO" ]; do sleep 0.02; done';
  const go = join(directory, "go-devices");
  const four = await launcher.submit(job(shown, { resources, variables: { GO: go }, tasks: [{}, {}, {}, {}] }));
  expect([await firstLine(four, 0), await firstLine(four, 1)].toSorted()).toEqual(["0", "1"]);
  const tpu = await launcher.submit(
    job('echo "$TPU_VISIBLE_CHIPS"', { resources: { ...resources, accelerators: { type: "TPU", count: 1 } } }),
  );
  const ends = four.end(3);
  await (await launcher.submit(job(`touch '${go}'`, { resources: { ...anyResources, threads: 1 } }))).end(0);
  expect([await firstLine(four, 2), await firstLine(four, 3)].every((index) => index === "0" || index === "1")).toBe(true);
  await ends;
  expect(await firstLine(tpu)).toBe("0");
  const both = await launcher.submit(
    job(shown, { resources: { ...resources, accelerators: { type: "gpu", count: 3 } }, variables: { GO: go } }),
  );
  expect((await firstLine(both))?.split(",").toSorted()).toEqual(["0", "1", "2"]);
  await expect(
    launcher.submit(job("echo never", { resources: { ...resources, accelerators: { type: "H100", count: 2 } } })),
  ).rejects.toThrow("it asks for 2 x H100, and there are 2 x NVIDIA A100-SXM4-80GB and 1 x NVIDIA H100 80GB HBM3 and 1 x TPU v5litepod-4");
  await launcher.close();
});

test("a type is a word of the device's name", () => {
  const of = (type: string): readonly string[] =>
    graphics.filter((device) => isOfType(device, type)).map(({ type: name }) => name.slice(0, 11));
  expect(of("a100")).toEqual(["NVIDIA A100", "NVIDIA A100"]);
  expect(of("100")).toEqual([]);
  expect(of("H100 80GB")).toEqual(["NVIDIA H100"]);
  expect(of("GPU")).toHaveLength(3);
  expect(of("TPU")).toHaveLength(1);
});

test("no more tasks than allowed run side by side, and the cores are divided among those", async () => {
  const launcher = await openProcessLauncher({ cores: 8, parallel: 2 });
  const script = 'echo $OMP_NUM_THREADS $OMP_WAIT_POLICY; mkdir "$ME" && ls -d side-* | wc -l; sleep 0.1; rmdir "$ME"';
  const running = await launcher.submit(
    job(script, { tasks: [{ ME: "side-0" }, { ME: "side-1" }, { ME: "side-2" }, { ME: "side-3" }, { ME: "side-4" }] }),
  );
  for (const task of [0, 1, 2, 3, 4]) {
    const lines: string[] = [];
    for await (const line of running.lines(task)) lines.push(line);
    expect(lines[0]).toBe("4 PASSIVE");
    expect(Number(lines[1])).toBeLessThanOrEqual(2);
  }
  const alone = await launcher.submit(job("echo $OMP_NUM_THREADS $OMP_WAIT_POLICY"));
  expect(await firstLine(alone)).toBe("8");
  await launcher.close();
});

test("a task that waits for room is cancelled without having run", async () => {
  const launcher = await openProcessLauncher({ parallel: 1 });
  const first = await launcher.submit(job("sleep 1000"));
  const second = await launcher.submit(job("echo never"));
  await second.cancel();
  expect(await second.end(0)).toMatchObject({ outcome: "cancelled", usage: { seconds: 0 } });
  expect(await firstLine(second)).toBeUndefined();
  await launcher.close();
  expect(await first.end(0)).toMatchObject({ outcome: "cancelled" });
});

test("what a task has used is said: processor time of all its processes, its most memory", async () => {
  const launcher = await openProcessLauncher();
  const busy = "import time\nheld = b'x' * 50_000_000\nwhile time.process_time() < 0.6: pass";
  const running = await launcher.submit(job(`python3 -c "$BUSY" & python3 -c "$BUSY" & wait`, { variables: { BUSY: busy } }));
  const { usage } = await running.end(0);
  expect(usage.processorSeconds).toBeGreaterThanOrEqual(1.2);
  expect(usage.peakMemory).toBeGreaterThan(50_000_000);
  await launcher.close();
});

test("of a progress bar that returns to its start, the last state is the line; a line without an end comes in pieces", async () => {
  const launcher = await openProcessLauncher();
  const running = await launcher.submit(job("printf '1%%\\r50%%\\r100%%\\r\\nnext\\r\\n'; head -c 2500000 /dev/zero | tr '\\0' x"));
  const lines: string[] = [];
  for await (const line of running.lines(0)) lines.push(line);
  expect(lines.slice(0, 2)).toEqual(["100%", "next"]);
  expect(lines.slice(2).join("")).toHaveLength(2_500_000);
  await launcher.close();
});

test("options are read from the binding, and wrong ones are named", async () => {
  const open = system.roles.launcher;
  const launcher = await open?.({ ...processes({ memory: "1 GB", parallel: 2, cores: 2, grace: "1 second" }).options }, { directory });
  await expect(launcher?.submit(job("echo never", { resources: { ...anyResources, memory: 2e9 } }))).rejects.toThrow(
    "it asks for 2 GB of memory, and there are 1 GB",
  );
  await launcher?.close();
  await expect(open?.({ memory: "much" }, { directory })).rejects.toMatchObject({ problem: { code: "bad-size" } });
});
