import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { cacheDirectory } from "../../../src/fetch/wheel.ts";
import { pythonEnvironment, type PythonEnvironment } from "../../../src/train/python/environment.ts";
import { uvProgram } from "../../../src/train/python/uv.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const execute = promisify(execFile);
const where = { file: "platform.ts", line: 7 };
const requirements = ["packaging==26.3", "markupsafe==3.0.4"];

let folder: string;
let sharedCache: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millwright-environment-"));
  // uv comes from the machine's own cache, so that this test downloads two small packages and no more.
  const uv = await uvProgram();
  sharedCache = cacheDirectory();
  mkdirSync(join(folder, "cache"));
  const kept = uv.slice(sharedCache.length + 1).split("/")[0] ?? "";
  symlinkSync(join(sharedCache, kept), join(folder, "cache", kept));
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function make(wanted: readonly string[] = requirements): Promise<PythonEnvironment> {
  vi.stubEnv("MILLWRIGHT_CACHE", join(folder, "cache"));
  return pythonEnvironment({ requirements: wanted, where, signal: new AbortController().signal });
}

test("an environment holds what was asked for and nothing of the machine's own, and two that are made at once are one", async () => {
  const [first, second] = await Promise.all([make(), make()]);
  expect(second).toEqual(first);
  expect(first.packages).toEqual(["markupsafe==3.0.4", "packaging==26.3"]);
  const { stdout } = await execute(first.program, [
    "-c",
    "import sys, packaging, markupsafe; print(packaging.__file__, sys.version.split()[0])",
  ]);
  expect(stdout).toContain(join(folder, "cache"));
  expect(stdout.trim().endsWith(first.python)).toBe(true);
  await expect(execute(first.program, ["-m", "pip", "--version"])).rejects.toThrow("No module named pip");
  expect(readdirSync(join(folder, "cache")).filter((name) => name.startsWith("environment-"))).toEqual([]);
});

test("the second run needs no package index, whatever the order of the requirements", async () => {
  const before = await make();
  vi.stubEnv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple");
  vi.stubEnv("UV_OFFLINE", "1");
  expect(await make(requirements.toReversed())).toEqual(before);
});

test("requirements that cannot be met are told with uv's words, and leave nothing behind", async () => {
  const before = readdirSync(join(folder, "cache"));
  const failed = make(["packaging==26.3", "packaging==25.0"]);
  await expect(failed).rejects.toMatchObject({
    problem: {
      code: "python-requirements",
      where,
      what: expect.stringMatching(/packaging==26\.3, packaging==25\.0 could not be installed.*unsatisfiable/),
    },
  });
  expect(readdirSync(join(folder, "cache"))).toEqual(expect.arrayContaining(before));
  expect(readdirSync(join(folder, "cache")).filter((name) => name.startsWith("environment-"))).toEqual([]);
});

test("a machine without Python is told to install it", async () => {
  vi.stubEnv("PATH", join(folder, "nothing"));
  await expect(make()).rejects.toMatchObject({
    problem: { code: "no-python", where, fix: expect.stringContaining("apt install python3") },
  });
});
