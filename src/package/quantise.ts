import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Origin } from "../error.ts";
import { rawTensors, type RawTensor } from "../train/onnx/feeds.ts";
import { operatorsOf, readModel } from "./graph.ts";
import { onnxPackages } from "./packages.ts";
import { askPython, type PythonProgram } from "./python.ts";
import type { TrainingColumn } from "../train/columns.ts";

/** Operators whose weights are quantised. */
export const quantisable: readonly string[] = ["MatMul", "Gemm", "Conv"];

/** How many quantisable operators a model has; trees have none. */
export function quantisableOperators(model: Uint8Array, where: string): number {
  const operators = operatorsOf(readModel(model, where).graph);
  return quantisable.reduce((sum, name) => sum + (operators.get(name) ?? 0), 0);
}

export interface QuantiseRequest {
  readonly model: Uint8Array;
  /** Null finds the ranges anew on each request; rows fix them. */
  readonly calibration: { readonly columns: readonly TrainingColumn[]; readonly from: number; readonly to: number } | null;
  readonly where: Origin;
  readonly signal: AbortSignal;
}

/**
 * Weights in eight bits by `onnxruntime.quantization`, with the reach of each matrix's own columns. Dynamic: `DynamicQuantizeLinear` and `MatMulInteger`;
 * static: pairs of `QuantizeLinear` and `DequantizeLinear` with ranges from the calibration rows (smallest and largest value), which OpenVINO and TensorRT read too.
 *
 * @returns The quantised model's bytes.
 */
export async function quantise({ model, calibration, where, signal }: QuantiseRequest): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "millwright-quantise-"));
  const [source, target] = [join(folder, "source.onnx"), join(folder, "target.onnx")];
  try {
    await writeFile(source, model);
    const rows = calibration && rawTensors(calibration.columns, calibration.from, calibration.to).map(plain);
    await askPython({ program: quantiser, request: { source, target, rows, operators: quantisable }, where, signal });
    return new Uint8Array(await readFile(target));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** JSON has neither NaN nor 64-bit integers: null, and decimal digits. */
function plain({ name, type, values }: RawTensor): { readonly name: string; readonly type: string; readonly values: readonly unknown[] } {
  const list: readonly (string | number | bigint)[] = Array.from<string | number | bigint>(values);
  return {
    name,
    type,
    values: list.map((value) =>
      typeof value === "bigint" ? String(value) : typeof value === "number" && Number.isNaN(value) ? null : value,
    ),
  };
}

const quantiser: PythonProgram = {
  title: "ONNX Runtime's quantiser",
  requirements: onnxPackages,
  script: `
import json, logging, sys
import numpy
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static

logging.disable(logging.WARNING)
question, answer = sys.argv[1:]
with open(question) as file:
    asked = json.load(file)

class Rows(CalibrationDataReader):
    def __init__(self, columns):
        self.columns = [(column["name"], tensor(column)) for column in columns]
        self.at = 0

    def get_next(self):
        start, self.at = self.at, self.at + 256
        if start >= len(self.columns[0][1]):
            return None
        return {name: values[start:self.at] for name, values in self.columns}

def tensor(column):
    values = column["values"]
    if column["type"] == "int64":
        return numpy.array([int(value) for value in values], dtype=numpy.int64).reshape(-1, 1)
    if column["type"] == "float64":
        return numpy.array([numpy.nan if value is None else value for value in values], dtype=numpy.float64).reshape(-1, 1)
    return numpy.array(values, dtype=numpy.bool_ if column["type"] == "bool" else object).reshape(-1, 1)

if asked["rows"] is None:
    quantize_dynamic(asked["source"], asked["target"], weight_type=QuantType.QInt8, per_channel=True, op_types_to_quantize=asked["operators"])
else:
    quantize_static(asked["source"], asked["target"], Rows(asked["rows"]), quant_format=QuantFormat.QDQ, per_channel=True,
        activation_type=QuantType.QInt8, weight_type=QuantType.QInt8, op_types_to_quantize=asked["operators"],
        extra_options={"ActivationSymmetric": True, "WeightSymmetric": True, "QuantizeBias": False})  # the only form that TensorRT reads
onnx.checker.check_model(asked["target"])
with open(answer, "w") as file:
    json.dump({}, file)
`,
};
