import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MillwrightError } from "../error.ts";
import { operatorsOf } from "./graph.ts";
import type { BuiltPackage, PackageBuilder, PackageSource } from "./kinds.ts";
import { profileRows } from "./rows.ts";
import { cutVersion, floatBytes, toleranceOf } from "./split.ts";
import { engineScripts, type EngineBuild } from "./tensorrt-script.ts";

/** Operators that TensorRT has not, though they are ONNX's own: products of integers, as dynamic quantisation makes them. */
const unsupported: readonly string[] = ["DynamicQuantizeLinear", "MatMulInteger", "ConvInteger"];

/**
 * The core with what builds its engine: `build.sh` (trtexec with the profile of sizes), `check.sh` and the rows that it compares on, drawn from the profile.
 * An engine fits only the kind of GPU and the version of TensorRT that built it: it is built where it is to run, and no part of the package's address.
 */
export const tensorrtPackage: PackageBuilder = { build };

async function build(source: PackageSource): Promise<BuiltPackage> {
  const { directory, version } = source;
  const rows = await profileRows(version);
  const cut = await cutVersion(source, rows);
  const foreign = unsupported.filter((name) => operatorsOf(cut.core.graph).has(name));
  if (foreign.length > 0)
    throw new MillwrightError({
      code: "no-core",
      what: `version ${version.version} of model '${version.model}' uses ${foreign.join(", ")}, which TensorRT does not support: it was quantised with dynamic ranges`,
      where: join(version.directory, "model.onnx"),
      fix: 'quantise it with ranges: "static", which TensorRT reads',
    });
  const engine: EngineBuild = {
    model: version.model,
    version: version.version,
    input: cut.matrix.name,
    columns: cut.matrix.shape[1] ?? 1,
    rows: { minimum: 1, optimum: 64, maximum: 1024 },
    checked: rows.to - rows.from,
    tolerance: toleranceOf(cut),
    outputs: cut.outputs.map(({ name }) => name),
  };
  await writeFile(join(directory, "core.onnx"), cut.coreBytes);
  await writeFile(join(directory, "prepared.f32"), floatBytes(cut.prepared));
  await writeFile(join(directory, "expected.f32"), floatBytes(cut.expected));
  for (const [name, content] of Object.entries(engineScripts(engine))) {
    await writeFile(join(directory, name), content);
    if (name.endsWith(".sh")) await chmod(join(directory, name), 0o755);
  }
  return {
    parts: [...cut.before, { name: "core", runtime: "tensorrt", file: "core.onnx", inputs: [cut.matrix], outputs: cut.outputs }],
    checks: [],
    unproven: [
      "the engine was not built and not compared with ONNX Runtime; on a machine with a GPU and TensorRT: sh build.sh FOLDER && sh check.sh FOLDER",
    ],
    madeBy: [version.description.trainer],
  };
}
