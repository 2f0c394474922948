import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A stand-in for TensorRT's trtexec, which needs a GPU: it knows the options that ours gives, takes the ONNX file for the engine, and computes in ONNX Runtime.
 * `STAND_IN_ERROR` is added to its results.
 *
 * @param python - An interpreter that has onnxruntime and numpy.
 * @returns The program's path.
 */
export function trtexecStandIn(folder: string, python: string): string {
  const program = join(folder, "trtexec");
  writeFileSync(program, `#!${python}\n${script}`);
  chmodSync(program, 0o755);
  return program;
}

const script = `
import json, os, shutil, sys
import numpy, onnxruntime
given = dict(argument.lstrip("-").split("=", 1) if "=" in argument else (argument.lstrip("-"), "") for argument in sys.argv[1:])
known = {"onnx", "saveEngine", "minShapes", "optShapes", "maxShapes", "stronglyTyped", "noTF32", "timingCacheFile", "skipInference",
    "loadEngine", "shapes", "loadInputs", "iterations", "warmUp", "duration", "exportOutput"}
assert not set(given) - known, given
if "onnx" in given:
    shutil.copy(given["onnx"], given["saveEngine"])
    open(given["timingCacheFile"], "w").close()
else:
    name, shape = given["shapes"].split(":")
    rows, columns = map(int, shape.split("x"))
    wanted, file = given["loadInputs"].split(":", 1)
    assert wanted == name
    session = onnxruntime.InferenceSession(given["loadEngine"])
    matrix = numpy.fromfile(file, dtype="<f4").reshape(rows, columns)
    found = session.run(["probabilities"], {name: matrix})[0] + float(os.environ.get("STAND_IN_ERROR", "0"))
    with open(given["exportOutput"], "w") as output:
        json.dump([{"name": "probabilities", "dimensions": f"{rows}x2", "values": found.flatten().tolist()}], output)
`;
