import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { pythonEnvironment } from "./python.ts";

const requirements = ["iniconfig==2.0.0"];
let cache: string;
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), "cache-"));
  vi.stubEnv("MILLWRIGHT_CACHE", cache);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true, force: true });
});

test("a package of PyPI is there to be imported, and the second time nothing is fetched", async () => {
  const environment = await pythonEnvironment(requirements);
  const result = await environment.run(
    ["-c", "import sys, os, iniconfig; print(iniconfig.__name__, sys.stdin.read(), os.environ['WHO'])"],
    { input: "hello", env: { WHO: "me" } },
  );
  expect(result).toEqual({ code: 0, stdout: "iniconfig hello me\n", stderr: "" });
  const [folder = ""] = await readdir(cache);
  const made = (await stat(join(cache, folder))).ctimeMs;
  // Without an index to ask, only the cache can give it.
  vi.stubEnv("PIP_NO_INDEX", "1");
  await pythonEnvironment(requirements);
  expect(await readdir(cache)).toEqual([folder]);
  expect((await stat(join(cache, folder))).ctimeMs).toBe(made);
}, 60_000);

test("the exit code and the error of a program come back", async () => {
  const environment = await pythonEnvironment(requirements);
  expect(await environment.run(["-c", "import sys; sys.exit('no luck')"])).toEqual({ code: 1, stdout: "", stderr: "no luck\n" });
});

test("a requirement that names no version is refused", async () => {
  await expect(pythonEnvironment(["numpy>=2"])).rejects.toThrow(/'numpy>=2' is not pinned/);
});
