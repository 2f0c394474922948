import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { environment, platform } from "../../src/index.ts";
import { environmentOf } from "../../src/run/bind.ts";
import { startHelpers } from "../../src/run/helper.ts";
import { freePort } from "../servers/port.ts";
import { eventually, isAlive, startScript } from "./script.ts";
import { temporaryFolder } from "./temporary.ts";

/** Writes a helper that notes its id in NAME.pid, starts a child that notes its own, says it is ready, and stays. */
function stayingHelper(folder: string): string {
  writeFileSync(
    join(folder, "grandchild.mjs"),
    // Renamed into place: a file that is there must not still be empty.
    `import { renameSync, writeFileSync } from "node:fs"; writeFileSync("writing", String(process.pid)); renameSync("writing", "grandchild.pid"); setInterval(() => {}, 1000);`,
  );
  writeFileSync(
    join(folder, "helper.mjs"),
    `import { spawn } from "node:child_process"; import { writeFileSync, existsSync } from "node:fs";
     spawn(process.execPath, ["grandchild.mjs"], { stdio: "ignore" });
     writeFileSync("helper.pid", String(process.pid));
     const wait = setInterval(() => { if (existsSync("grandchild.pid")) { clearInterval(wait); console.log("ready"); } }, 20);
     setInterval(() => {}, 1000);`,
  );
  return "node helper.mjs";
}

function pidOf(folder: string, name: string): number {
  return Number(readFileSync(join(folder, `${name}.pid`), "utf8"));
}

function start(
  folder: string,
  helpers: readonly string[],
  signal: AbortSignal = new AbortController().signal,
  note?: (text: string) => void,
): ReturnType<typeof startHelpers> {
  const definition = platform({ name: "helped", assets: [], environments: { local: environment({ helpers }) } });
  return startHelpers(environmentOf(definition, "local"), folder, signal, note);
}

test("a helper is waited for until its first line, then stopped together with what it started", async () => {
  const folder = temporaryFolder();
  const helpers = await start(folder, [stayingHelper(folder)]);
  const pids = ["helper", "grandchild"].map((name) => pidOf(folder, name));
  expect(pids.map(isAlive)).toEqual([true, true]);
  await helpers.stop();
  expect(await eventually(() => !pids.some(isAlive), 30)).toBe(true);
});

test("helpers start in order, each when the one before is ready or has ended with 0", async () => {
  const folder = temporaryFolder();
  const helpers = await start(folder, ["sleep 0.2; echo made > made.txt", "test -f made.txt && echo ready && sleep 60"]);
  expect(existsSync(join(folder, "made.txt"))).toBe(true);
  const began = performance.now();
  await helpers.stop();
  expect(performance.now() - began).toBeLessThan(30_000);
});

test("a helper that fails is told with its code, its words and the environment's place; those before it are stopped", async () => {
  const folder = temporaryFolder();
  const starting = start(folder, [stayingHelper(folder), "echo the port is taken >&2; exit 3"]);
  await expect(starting).rejects.toMatchObject({ problem: { code: "helper-failed", where: { file: import.meta.filename } } });
  await expect(starting).rejects.toThrow("ended with 3: the port is taken");
  expect(await eventually(() => !isAlive(pidOf(folder, "helper")), 30)).toBe(true);
});

test("a helper that fails after it was ready is told, one that is stopped is not", async () => {
  const folder = temporaryFolder();
  const told: string[] = [];
  const helpers = await start(
    folder,
    ["echo ready; sleep 0.2; echo the disk is full >&2; exit 4", stayingHelper(folder)],
    undefined,
    (text) => told.push(text),
  );
  expect(await eventually(() => told.length > 0, 30)).toBe(true);
  await helpers.stop();
  expect(told).toEqual([expect.stringMatching(/^the helper 'echo ready; .*' ended with 4: the disk is full$/)]);
});

test("a helper that is no command is told", async () => {
  await expect(start(temporaryFolder(), ["no-such-command-anywhere"])).rejects.toThrow(/ended with 127: .*not found/);
});

test("a helper that ignores the request to end is ended all the same", async () => {
  const folder = temporaryFolder();
  const helpers = await start(folder, [
    `node -e 'process.on("SIGTERM", () => {}); require("fs").writeFileSync("stubborn.pid", String(process.pid)); console.log("ready"); setInterval(() => {}, 1000)'`,
  ]);
  const pid = pidOf(folder, "stubborn");
  await helpers.stop();
  expect(await eventually(() => !isAlive(pid), 30)).toBe(true);
});

test("a cancel while a helper starts stops it", async () => {
  const folder = temporaryFolder();
  const cancel = new AbortController();
  const starting = start(folder, ["echo $$ > silent.pid; exec sleep 60"], cancel.signal);
  expect(await eventually(() => existsSync(join(folder, "silent.pid")))).toBe(true);
  cancel.abort();
  await expect(starting).rejects.toMatchObject({ name: "AbortError" });
  expect(await eventually(() => !isAlive(pidOf(folder, "silent")), 30)).toBe(true);
});

test("helpers and what they started end with a process that is killed", async () => {
  const folder = temporaryFolder();
  const script = startScript("start-helpers.ts", [folder, stayingHelper(folder)]);
  expect(await script.line()).toBe("started");
  const pids = ["helper", "grandchild"].map((name) => pidOf(folder, name));
  expect(pids.map(isAlive)).toEqual([true, true]);
  script.kill("SIGKILL");
  await script.end();
  expect(await eventually(() => !pids.some(isAlive), 30)).toBe(true);
});

test("two commands share a helper, and the one that stays takes it over", async () => {
  const folder = temporaryFolder();
  const port = await freePort();
  const server = `node -e 'require("http").createServer((q, s) => s.end(String(process.pid))).listen(${port}, "127.0.0.1", () => console.log("ready"))'`;
  const ask = async () => (await fetch(`http://127.0.0.1:${port}`)).text();
  const first = await start(folder, ["true", server]);
  const pid = await ask();
  const second = await start(folder, ["true", server]);
  expect(await ask()).toBe(pid);
  await first.stop();
  await expect.poll(() => ask().catch(() => pid), { timeout: 10_000 }).not.toBe(pid);
  await second.stop();
  await expect(ask()).rejects.toThrow();
});
