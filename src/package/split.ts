import { writeFile } from "node:fs/promises";
import type { InferenceSession as Inference } from "onnxruntime-node";
import { join } from "node:path";
import { coreOf, withWidth } from "./core.ts";
import { feedsOf } from "../train/onnx/feeds.ts";
import { operatorsOf, writeModel, type OnnxModel } from "./graph.ts";
import type { PackageSource } from "./kinds.ts";
import type { PackagePart, PackageTensor } from "./manifest.ts";
import type { CheckRows } from "./rows.ts";
import { signatureOf } from "./signature.ts";

/** A version cut in two, with what ONNX Runtime gives for the rows to compare on. */
export interface CutVersion {
  readonly core: OnnxModel;
  readonly coreBytes: Uint8Array;
  /** The matrix between the parts. */
  readonly matrix: PackageTensor;
  /** The part that runs before the core; absent where the core takes the model's own input. Its file is written. */
  readonly before: readonly PackagePart[];
  /** What the core gives, of the model's outputs. */
  readonly outputs: readonly PackageTensor[];
  readonly rows: CheckRows;
  /** The prepared rows, row after row, and the probabilities of both labels that belong to them. */
  readonly prepared: Float32Array;
  readonly expected: Float32Array;
  /** Whether numbers of eight bits flow in it: then two runtimes agree less closely. */
  readonly quantised: boolean;
}

/**
 * Cuts a version after its preparation, for runtimes that know neither texts nor `ai.onnx.ml`, and asks ONNX Runtime for both parts on the rows to compare on.
 *
 * @throws MillwrightError `no-core` where the model itself is of operators that such runtimes do not know.
 */
export async function cutVersion(source: PackageSource, rows: CheckRows): Promise<CutVersion> {
  const { model, directory, version } = source;
  const signature = signatureOf(version);
  const parts = coreOf(model, join(version.directory, "model.onnx"));
  const { InferenceSession, Tensor } = await import("onnxruntime-node");
  const run = async (bytes: Uint8Array, feeds: Inference.FeedsType): Promise<Inference.ReturnType> => {
    const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 4 });
    try {
      return await session.run(feeds);
    } finally {
      await session.release();
    }
  };
  const raw = await feedsOf(rows.columns, rows.from, rows.to);
  const preparation = parts.preparation && writeModel(parts.preparation);
  const between = preparation === null ? raw[parts.input] : (await run(preparation, raw))[parts.input];
  if (between === undefined || !(between.data instanceof Float32Array)) throw new Error(`the preparation gave no floats as ${parts.input}`);
  const columns = between.dims[1] ?? 1;
  const sized = withWidth(parts, columns);
  const coreBytes = writeModel(sized.core);
  const { probabilities } = await run(coreBytes, { [parts.input]: new Tensor("float32", between.data, [rows.to - rows.from, columns]) });
  if (probabilities === undefined || !(probabilities.data instanceof Float32Array)) throw new Error("the core gave no probabilities");
  const matrix = { name: parts.input, datatype: "FP32", shape: [-1, columns] };
  const before: PackagePart[] = [];
  if (sized.preparation !== null) {
    await writeFile(join(directory, "preparation.onnx"), writeModel(sized.preparation));
    const { inputs } = signature;
    before.push({ name: "preparation", runtime: "onnxruntime", file: "preparation.onnx", inputs, outputs: [matrix] });
  }
  const operators = operatorsOf(sized.core.graph);
  return {
    core: sized.core,
    coreBytes,
    matrix,
    before,
    outputs: signature.outputs.filter(({ name }) => parts.outputs.includes(name)),
    rows,
    prepared: between.data,
    expected: probabilities.data,
    quantised: ["DequantizeLinear", "MatMulInteger", "ConvInteger"].some((name) => operators.has(name)),
  };
}

/** The largest difference of a probability from ONNX Runtime's: sums of floats in another order; with eight-bit numbers, a rounding to the next of them. */
export function toleranceOf({ quantised }: CutVersion): number {
  return quantised ? 0.02 : 1e-5;
}

/** Bytes of floats, as they lie in memory on every machine that this runs on: little-endian. */
export function floatBytes(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
