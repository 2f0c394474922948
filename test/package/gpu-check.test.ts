import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { onnxPackages } from "../../src/package/packages.ts";
import { pythonEnvironment } from "../../src/train/python/environment.ts";
import { trtexecStandIn } from "./trtexec.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const script = fileURLToPath(new URL("../../scripts/gpu-check.ts", import.meta.url));
let folder: string;
let results: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millwright-gpu-"));
  results = join(folder, "results.json");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The check on a machine whose `nvidia-smi -L` says so. */
function check(
  gpus: string,
  names: readonly string[],
  env: Record<string, string> = {},
): { readonly code: number | null; readonly said: string } {
  const program = join(folder, "nvidia-smi");
  writeFileSync(program, `#!/bin/sh\nprintf '%s' '${gpus}'\n`);
  chmodSync(program, 0o755);
  const { status, stdout } = spawnSync(process.execPath, [script, "--results", results, ...names], {
    encoding: "utf8",
    env: { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}`, ...env },
  });
  return { code: status, said: stdout };
}

test("without a GPU each claim is unproven, with the command that would show it, and no result is kept", () => {
  const { code, said } = check("", []);
  expect(code).toBe(0);
  const lines = said.trimEnd().split("\n");
  expect(lines.filter((line) => /^\S+ +unproven: no GPU$/.test(line))).toHaveLength(5);
  expect(lines.filter((line) => /^ +(node|python3) scripts\/gpu\/\S+$/.test(line))).toHaveLength(5);
  expect(existsSync(results)).toBe(false);
});

test("what a GPU alone does not give is named", () => {
  expect(check("GPU 0: A card (UUID: GPU-1)\n", ["multi-gpu"]).said).toMatch(/^multi-gpu +unproven: 2 GPUs needed, 1 here$/m);
});

test("with stand-ins for nvidia-smi and trtexec the engine's claim is run, its figures are kept, and one that fails ends with 1", async () => {
  const { program } = await pythonEnvironment({
    requirements: onnxPackages,
    where: { file: "platform.ts", line: 1 },
    signal: new AbortController().signal,
  });
  const trtexec = trtexecStandIn(folder, program);
  const good = check("GPU 0: A card (UUID: GPU-1)\n", ["tensorrt"], { TRTEXEC: trtexec });
  expect(good.said).toMatch(/^tensorrt +shown$/m);
  expect(good.code).toBe(0);
  expect(JSON.parse(readFileSync(results, "utf8"))).toMatchObject({
    gpus: ["GPU 0: A card"],
    claims: [{ name: "tensorrt", outcome: "shown", said: expect.stringContaining("maximumDifference") }],
  });
  const bad = check("GPU 0: A card (UUID: GPU-1)\n", ["tensorrt"], { TRTEXEC: trtexec, STAND_IN_ERROR: "0.01" });
  expect(bad.said).toMatch(/^tensorrt +failed$/m);
  expect(bad.code).toBe(1);
});
