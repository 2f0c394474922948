// One ONNX file on the processor and by ONNX Runtime's CUDA provider: the same probabilities? Needs a GPU and onnxruntime-node with CUDA's libraries.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import { feedsOf } from "../../src/train/onnx/feeds.ts";
import { maximumDifference } from "../../src/train/onnx/parity.ts";
import { profileRows } from "../../src/package/rows.ts";
import { drawnNetwork } from "./network.ts";

/** The CUDA provider may round products of floats to ten bits of mantissa (TF32). */
const tolerance = 1e-3;
const folder = mkdtempSync(join(tmpdir(), "millwright-cuda-"));
try {
  const version = drawnNetwork(folder);
  const model = readFileSync(join(version.directory, "model.onnx"));
  const { columns, from, to } = await profileRows(version);
  const feeds = await feedsOf(columns, from, to);
  const results: Float32Array[] = [];
  for (const provider of ["cpu", "cuda"]) {
    const session = await InferenceSession.create(model, { executionProviders: [provider] });
    const { probabilities } = await session.run(feeds);
    if (!(probabilities?.data instanceof Float32Array)) throw new Error(`${provider} gave no probabilities`);
    results.push(probabilities.data);
    await session.release();
  }
  const [cpu = [], cuda = []] = results;
  const difference = maximumDifference(cpu, cuda);
  console.log(JSON.stringify({ rows: to - from, tolerance, maximumDifference: difference }));
  if (difference > tolerance) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
