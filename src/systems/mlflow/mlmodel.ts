import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { InferenceSession } from "onnxruntime-node";

/** Element types of onnxruntime as numpy's names, which MLflow's tensor signatures use. */
const numpyTypes: Readonly<Record<string, string>> = {
  float32: "float32",
  float64: "float64",
  float16: "float16",
  int8: "int8",
  int16: "int16",
  int32: "int32",
  int64: "int64",
  uint8: "uint8",
  uint16: "uint16",
  uint32: "uint32",
  uint64: "uint64",
  bool: "bool",
  string: "str",
};

/**
 * The files that make an ONNX file a model of MLflow's, loaded by `mlflow.onnx` and `mlflow.pyfunc`: `MLmodel` with its signature, and what it
 * needs of Python. The signature is of tensors, one for each feature: a caller gives a dictionary of arrays of the shape (rows, 1).
 *
 * @param onnx the ONNX file on this machine
 * @param name its name beside `MLmodel`
 */
export async function mlflowFiles(onnx: string, name: string): Promise<Readonly<Record<string, string>>> {
  const content = await readFile(onnx);
  const session = await InferenceSession.create(new Uint8Array(content), { intraOpNumThreads: 1, logSeverityLevel: 4 });
  const signature = { inputs: session.inputMetadata.map(tensor), outputs: session.outputMetadata.map(tensor) };
  await session.release();
  const text = (value: string): string => JSON.stringify(value); // a JSON text is a YAML text
  const lines = [
    "flavors:",
    "  onnx:",
    "    code: null",
    `    data: ${text(name)}`,
    "    providers: [CPUExecutionProvider]",
    "  python_function:",
    `    data: ${text(name)}`,
    "    env: {conda: conda.yaml, virtualenv: python_env.yaml}",
    "    loader_module: mlflow.onnx",
    `model_uuid: ${text(createHash("sha256").update(content).digest("hex").slice(0, 32))}`,
    `model_size_bytes: ${content.length}`,
    ...(signature.outputs.every((output) => output !== null)
      ? ["signature:", `  inputs: ${text(JSON.stringify(signature.inputs))}`, `  outputs: ${text(JSON.stringify(signature.outputs))}`]
      : []),
  ];
  return {
    MLmodel: `${lines.join("\n")}\n`,
    "requirements.txt": "mlflow\nonnx\nonnxruntime\n",
    "python_env.yaml": 'python: "3.11"\nbuild_dependencies: [pip]\ndependencies: ["-r requirements.txt"]\n',
    "conda.yaml": 'name: mlflow-env\nchannels: [conda-forge]\ndependencies: ["python=3.11", pip, {pip: [mlflow, onnx, onnxruntime]}]\n',
  };
}

/** A tensor as MLflow's signatures have it: a free dimension is -1. Null for what is no tensor. */
function tensor(metadata: InferenceSession.ValueMetadata): object | null {
  if (!metadata.isTensor) return null;
  const shape = metadata.shape.map((size) => (typeof size === "number" && size >= 0 ? size : -1));
  return { name: metadata.name, type: "tensor", "tensor-spec": { dtype: numpyTypes[metadata.type] ?? metadata.type, shape } };
}

/** The name of the ONNX file or folder that an `MLmodel` names; null for a model without the flavour `onnx`. */
export function onnxFileOf(mlmodel: string): string | null {
  const lines = mlmodel.split(/\r?\n/);
  const start = lines.findIndex((line) => /^ {2}onnx:\s*$/.test(line));
  if (start < 0) return null;
  for (const line of lines.slice(start + 1)) {
    if (!/^ {3}/.test(line)) break;
    const value = /^ {4}data:\s*(.+?)\s*$/.exec(line)?.[1];
    if (value !== undefined) return value.replace(/^(["'])(.*)\1$/, "$2");
  }
  return null;
}
