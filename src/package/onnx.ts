import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuiltPackage, PackageBuilder, PackageSource } from "./kinds.ts";
import { signatureOf } from "./signature.ts";

/** The version's served file as it is, for every server that runs ONNX Runtime. */
export const onnxPackage: PackageBuilder = {
  async build({ version, bytes, directory }: PackageSource): Promise<BuiltPackage> {
    await writeFile(join(directory, "model.onnx"), bytes);
    return {
      parts: [{ name: "model", runtime: "onnxruntime", file: "model.onnx", ...signatureOf(version) }],
      checks: [],
      unproven: [],
      madeBy: [version.description.trainer],
    };
  },
};
