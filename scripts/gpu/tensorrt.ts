// Builds a network's TensorRT package and its engine, and holds the engine against ONNX Runtime. Needs a GPU and trtexec (or TRTEXEC).
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPackage } from "../../src/package/build.ts";
import { drawnNetwork } from "./network.ts";

const folder = mkdtempSync(join(tmpdir(), "millwright-tensorrt-"));
try {
  const out = join(folder, "package");
  await buildPackage(drawnNetwork(folder), "tensorrt", out, {
    where: { file: "scripts/gpu/tensorrt.ts", line: 1 },
    signal: new AbortController().signal,
  });
  for (const script of ["build.sh", "check.sh"]) {
    const { status } = spawnSync("sh", [join(out, script), join(folder, "engine")], { stdio: "inherit" });
    if (status !== 0) {
      process.exitCode = 1;
      break;
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
