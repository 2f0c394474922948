import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isStandard, operatorsOf, readModel, writeModel, type OnnxModel } from "./graph.ts";

/** The runtime whose optimiser is used, as it calls itself. */
export async function runtimeName(): Promise<string> {
  const { env } = await import("onnxruntime-node");
  return `onnxruntime ${env.versions.node ?? env.versions.common}`;
}

/**
 * A model rewritten by ONNX Runtime's own optimiser at its level `basic`: constants folded, what does nothing taken out, operators merged where ONNX has
 * one for both. Higher levels merge into operators that only ONNX Runtime knows; it applies them anyway whenever it loads a file.
 *
 * @returns The optimised model's bytes; null where the optimiser used operators that are not ONNX's own and were not there before.
 */
export async function optimise(model: Uint8Array, where: string): Promise<Uint8Array | null> {
  const { InferenceSession } = await import("onnxruntime-node");
  const folder = await mkdtemp(join(tmpdir(), "millwright-optimise-"));
  const file = join(folder, "optimised.onnx");
  try {
    const session = await InferenceSession.create(model, {
      graphOptimizationLevel: "basic",
      optimizedModelFilePath: file,
      intraOpNumThreads: 1,
      logSeverityLevel: 4,
    });
    await session.release();
    const before = readModel(model, where);
    const after = readModel(new Uint8Array(await readFile(file)), where);
    const known = operatorsOf(before.graph);
    if ([...operatorsOf(after.graph).keys()].some((name) => name.includes(".") && !known.has(name))) return null;
    return writeModel(tidied(after, before));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** ONNX Runtime names every domain that it knows, and leaves metadata out: only the used domains stay, the metadata is the original's. */
function tidied(model: OnnxModel, before: OnnxModel): OnnxModel {
  const used = new Set(model.graph.node.map(({ domain }) => domain));
  return {
    ...model,
    opsetImport: model.opsetImport.filter(({ domain }) => isStandard(domain) || used.has(domain)),
    metadataProps: before.metadataProps,
  };
}
