import { MillwrightError } from "../error.ts";

/** What the engine's build is rendered from. */
export interface EngineBuild {
  readonly model: string;
  readonly version: number;
  /** The core's input, a matrix of floats. */
  readonly input: string;
  readonly columns: number;
  /** Rows of a request: the fewest, those that the engine is tuned for, the most. */
  readonly rows: { readonly minimum: number; readonly optimum: number; readonly maximum: number };
  /** Rows of `prepared.f32` and `expected.f32`; at most the maximum. */
  readonly checked: number;
  readonly tolerance: number;
  readonly outputs: readonly string[];
}

/**
 * `build.sh`, `check.sh`, `check.py` and `README.md` of a TensorRT package. Options are those that trtexec of TensorRT 10 and 11 both have: networks are
 * strongly typed, so that the precision is the one that stands in the graph (floats, or eight bits between QuantizeLinear and DequantizeLinear);
 * `--noTF32` keeps products of floats from being rounded to ten bits of mantissa.
 */
export function engineScripts(engine: EngineBuild): Readonly<Record<string, string>> {
  const { model, version, input, columns, rows, checked, tolerance } = engine;
  const shape = (count: number): string => `${shellSafe(input)}:${count}x${columns}`;
  return {
    "build.sh": `#!/bin/sh
# Builds the TensorRT engine of ${model}, version ${version}: sh build.sh FOLDER
# FOLDER gets core.plan and timing.cache; keep it apart from the package, whose files must not change.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=\${1:?name a folder for the engine}
mkdir -p "$folder"
"\${TRTEXEC:-trtexec}" \\
  --onnx="$here/core.onnx" \\
  --saveEngine="$folder/core.plan" \\
  --minShapes='${shape(rows.minimum)}' \\
  --optShapes='${shape(rows.optimum)}' \\
  --maxShapes='${shape(rows.maximum)}' \\
  --stronglyTyped \\
  --noTF32 \\
  --timingCacheFile="$folder/timing.cache" \\
  --skipInference
`,
    "check.sh": `#!/bin/sh
# Holds the engine in FOLDER against ONNX Runtime's probabilities: sh check.sh FOLDER
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=\${1:?name the folder of the engine}
"\${TRTEXEC:-trtexec}" \\
  --loadEngine="$folder/core.plan" \\
  --shapes='${shape(checked)}' \\
  --loadInputs='${shellSafe(input)}':"$here/prepared.f32" \\
  --iterations=1 --warmUp=0 --duration=0 \\
  --exportOutput="$folder/output.json"
python3 "$here/check.py" "$folder/output.json" "$here/expected.f32"
`,
    "check.py": `"""Compares trtexec's output with the expected probabilities; ends with 1 where they differ by more than ${tolerance}."""
import array, json, sys

output, expected = sys.argv[1:]
with open(output) as file:
    found = next(tensor["values"] for tensor in json.load(file) if tensor["name"] == "probabilities")
wanted = array.array("f")
with open(expected, "rb") as file:
    wanted.frombytes(file.read())
if len(found) != len(wanted):
    sys.exit(f"the engine gave {len(found)} numbers, not {len(wanted)}")
difference = max(abs(float(a) - b) for a, b in zip(found, wanted))
print(json.dumps({"rows": ${checked}, "tolerance": ${tolerance}, "maximumDifference": difference}))
if not difference <= ${tolerance}:
    sys.exit(f"the engine differs from ONNX Runtime by {difference}, more than ${tolerance}")
`,
    "README.md": `# ${model}, version ${version}, for TensorRT

\`preparation.onnx\` (where it is there) runs in ONNX Runtime, \`core.onnx\` as a TensorRT engine: ${columns} floats a row in, ${engine.outputs.join(" and ")} out.
Build the engine on the kind of GPU that serves it, with the TensorRT that serves it, then check it (${checked} rows, at most ${tolerance} off):

    sh build.sh /var/lib/engines/${model} && sh check.sh /var/lib/engines/${model}

Requests of ${rows.minimum} to ${rows.maximum} rows; tuned for ${rows.optimum}. Until check.sh has run, the engine is unproven.
`,
  };
}

/** Names of tensors are put between single quotes. */
function shellSafe(name: string): string {
  if (/^[\w./-]+$/.test(name)) return name;
  throw new MillwrightError({
    code: "tensor-name",
    what: `the tensor's name ${JSON.stringify(name)} cannot stand in a command of trtexec`,
    fix: "export the model with names of letters, digits, _, -, . and / only",
  });
}
