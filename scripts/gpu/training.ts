// Trains the PyTorch example and watches that a process of it computes on the GPU meanwhile. Needs a GPU and the example's packages (from PyPI).
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";

const command = ["bin/millwright.js", "run", "rain_gru", "--full", "--file", "examples/trainers/platform.ts"];
const training = spawn(process.execPath, command, { stdio: ["ignore", "inherit", "inherit"] });
const ended = once(training, "exit");
let running = true;
void ended.then(() => (running = false));
const seen = new Set<string>();
while (running) {
  const { stdout } = spawnSync("nvidia-smi", ["--query-compute-apps=pid,process_name", "--format=csv,noheader"], { encoding: "utf8" });
  for (const line of (stdout ?? "").split("\n")) if (line.includes("python")) seen.add(line.trim());
  await Promise.race([ended, setTimeout(250)]);
}
console.log(JSON.stringify({ exitCode: training.exitCode, pythonOnGpu: seen.size > 0 }));
process.exitCode = training.exitCode === 0 && seen.size > 0 ? 0 : 1;
