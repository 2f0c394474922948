import type { ModelVersion } from "../registry/version.ts";
import { modelOutputs } from "../train/onnx/export.ts";
import type { PackageTensor } from "./manifest.ts";

/** What a request to a version holds, and what it is answered with. */
export interface PackageSignature {
  readonly inputs: readonly PackageTensor[];
  readonly outputs: readonly PackageTensor[];
}

/** Of a model that was trained here: raw features in, label and probabilities out. Of an imported one: as its file was found to be. */
export function signatureOf({ description }: ModelVersion): PackageSignature {
  const { imported, inputs } = description;
  if (!imported) return { inputs: inputs.map(({ name, datatype }) => ({ name, datatype, shape: [-1, 1] })), outputs: modelOutputs };
  const tensors = (ports: readonly PackageTensor[]): PackageTensor[] =>
    ports.map(({ name, datatype, shape }) => ({ name, datatype, shape }));
  return { inputs: tensors(imported.signature.inputs), outputs: tensors(imported.signature.outputs) };
}
