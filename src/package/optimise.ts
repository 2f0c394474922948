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
 * @returns The optimised model, which has fewer operators; or why there is none: nothing became fewer, or the optimiser used operators that are not ONNX's own
 * and were not there before.
 */
export async function optimise(model: Uint8Array, where: string): Promise<Optimised> {
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
    const found = operatorsOf(after.graph);
    const foreign = [...found.keys()].filter((name) => name.includes(".") && !known.has(name));
    if (foreign.length > 0) return { model: null, reason: `the optimiser used ${foreign.join(", ")}, which only ONNX Runtime knows` };
    const [was, is] = [sum(known), sum(found)];
    if (is >= was) return { model: null, reason: `there is nothing to optimise in its ${was} operators: nothing was changed` };
    return { model: writeModel(tidied(after, before)), reason: `${was} operators became ${is}` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface Optimised {
  readonly model: Uint8Array | null;
  readonly reason: string;
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
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
