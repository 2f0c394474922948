import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { modelOutputs } from "../train/onnx/export.ts";
import type { BuiltPackage, PackageBuilder, PackageSource } from "./kinds.ts";
import type { PackageTensor } from "./manifest.ts";
import type { ModelInput } from "../train/onnx/inputs.ts";

/** The version's served file as it is, for every server that runs ONNX Runtime. */
export const onnxPackage: PackageBuilder = {
  async build({ version, bytes, directory }: PackageSource): Promise<BuiltPackage> {
    await writeFile(join(directory, "model.onnx"), bytes);
    const inputs = rawInputs(version.description.inputs);
    return {
      parts: [{ name: "model", runtime: "onnxruntime", file: "model.onnx", inputs, outputs: modelOutputs }],
      checks: [],
      unproven: [],
      madeBy: [version.description.trainer],
    };
  },
};

/** Raw features as tensors. */
export function rawInputs(inputs: readonly ModelInput[]): readonly PackageTensor[] {
  return inputs.map(({ name, datatype }) => ({ name, datatype, shape: [-1, 1] }));
}
