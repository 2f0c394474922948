import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agreement } from "./agree.ts";
import type { BuiltPackage, PackageBuilder, PackageSource } from "./kinds.ts";
import { openvinoPackages } from "./packages.ts";
import { askPython, type PythonProgram } from "./python.ts";
import { cutVersion, floatBytes, toleranceOf } from "./split.ts";

/**
 * The core in OpenVINO's own format (`core.xml`, `core.bin`, weights in 32 bits), after the preparation in ONNX. It is compiled for the processor and
 * held against ONNX Runtime on the given rows before the package exists.
 */
export const openvinoPackage: PackageBuilder = { build };

async function build(source: PackageSource): Promise<BuiltPackage> {
  const rows = await source.rows();
  const cut = await cutVersion(source, rows);
  const folder = await mkdtemp(join(tmpdir(), "millwright-openvino-"));
  try {
    const file = (name: string): string => join(folder, name);
    await writeFile(file("core.onnx"), cut.coreBytes);
    await writeFile(file("prepared"), floatBytes(cut.prepared));
    const request = {
      model: file("core.onnx"),
      target: join(source.directory, "core.xml"),
      prepared: file("prepared"),
      columns: cut.matrix.shape[1],
      result: file("result"),
    };
    await askPython({ program: openvino, request, where: source.where, signal: source.signal });
    const bytes = await readFile(file("result"));
    const result = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    const check = agreement({
      runtime: "OpenVINO on the processor",
      found: result,
      expected: cut.expected,
      tolerance: toleranceOf(cut),
      rows: rows.to - rows.from,
      from: rows.origin,
      where: join(source.version.directory, "model.onnx"),
    });
    return {
      parts: [...cut.before, { name: "core", runtime: "openvino", file: "core.xml", inputs: [cut.matrix], outputs: cut.outputs }],
      checks: [check],
      unproven: [],
      madeBy: [source.version.description.trainer, String(openvinoPackages[0]?.replace("==", " "))],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const openvino: PythonProgram = {
  title: "OpenVINO",
  requirements: openvinoPackages,
  script: `
import json, os, sys
os.environ["OPENVINO_TELEMETRY_OPT_OUT"] = "1"
import numpy
import openvino

question, answer = sys.argv[1:]
with open(question) as file:
    asked = json.load(file)
runtime = openvino.Core()
openvino.save_model(runtime.read_model(asked["model"]), asked["target"], compress_to_fp16=False)
# What is checked is what was written; f32, because some processors would compute in bfloat16 by themselves.
compiled = runtime.compile_model(asked["target"], "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
prepared = numpy.fromfile(asked["prepared"], dtype="<f4").reshape(-1, asked["columns"])
compiled(prepared)["probabilities"].astype("<f4").tofile(asked["result"])
with open(answer, "w") as file:
    json.dump({}, file)
`,
};
