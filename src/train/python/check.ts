import { MillwrightError } from "../../error.ts";
import { joinProblem, oldestOperators, type ForeignOutput } from "../onnx/join.ts";
import { readForeign, type ForeignModel, type ForeignValue } from "../onnx/foreign.ts";
import type { PythonNode } from "./task.ts";

/** A script's model, known to fit behind the preparation. */
export interface ScriptModel {
  readonly model: ForeignModel;
  readonly output: ForeignOutput;
}

const float = 1;
const double = 11;

/** The names that probabilities go by where a model gives several tensors of floats, best first; scikit-learn's and LightGBM's converters among them. */
const probabilityNames = ["probabilities", "probability", "output_probability"];

/** Keeps the script's names from ours. */
const prefix = "script/";

/**
 * Reads the `model.onnx` that a script has left, and tries it on two rows.
 *
 * @param width - How many prepared columns there are.
 * @throws MillwrightError `script-model` saying what about it does not fit, and how to export it.
 */
export async function checkScriptModel(bytes: Uint8Array, width: number, node: PythonNode): Promise<ScriptModel> {
  const refuse = (what: string, fix: string, cause?: unknown): MillwrightError =>
    new MillwrightError(
      {
        code: "script-model",
        what: `the model.onnx that ${node.train.script} left for model '${node.name}' ${what}`,
        where: node.origin,
        fix,
      },
      { cause },
    );
  const model = read(bytes, refuse);
  if (model.externalData)
    throw refuse("keeps its weights in another file", "export it with its weights inside (PyTorch: external_data=False)");
  const problem = joinProblem(model);
  if (problem !== null)
    throw refuse(`cannot stand behind the preparation: ${problem}`, `export it with target_opset ${oldestOperators} or newer`);
  const [input, ...more] = model.inputs;
  if (input === undefined || more.length > 0 || input.elementType !== float) {
    const has = model.inputs.map(({ name }) => name.slice(prefix.length)).join(", ");
    throw refuse(
      `takes ${has || "nothing"} instead of one tensor of floats`,
      `let it take one float tensor [N, ${width}]: the prepared columns in the order of "features"`,
    );
  }
  const value = probabilityOutput(model.outputs);
  if (value === null) {
    const has = model.outputs
      .map(({ name, elementType }) => `${name.slice(prefix.length)}${elementType === null ? " (no tensor)" : ""}`)
      .join(", ");
    throw refuse(
      `gives ${has || "nothing"}, and which of it are probabilities is not clear`,
      `give them as a float tensor called 'probabilities', [N, 2] or [N, 1] (scikit-learn, XGBoost and LightGBM: zipmap off)`,
    );
  }
  const own = { input: input.name.slice(prefix.length), output: value.name.slice(prefix.length) };
  const dims = await tryOut(bytes, own, width, refuse);
  const shape = dims.length === 2 && dims[0] === 2 && dims[1] === 2 ? "both" : "positive";
  const single = dims[0] === 2 && (dims.length === 1 || (dims.length === 2 && dims[1] === 1));
  if (shape === "positive" && !single)
    throw refuse(
      `gives ${own.output} in the shape [${dims.join(", ")}] for two rows`,
      "give the probabilities of 0 and 1 as [N, 2], or of 1 as [N, 1] or [N]",
    );
  return { model, output: { name: value.name, shape } };
}

type Refuse = (what: string, fix: string, cause?: unknown) => MillwrightError;

function read(bytes: Uint8Array, refuse: Refuse): ForeignModel {
  try {
    return readForeign(bytes, prefix);
  } catch (cause) {
    throw refuse(
      `is no ONNX file: ${cause instanceof Error ? cause.message : String(cause)}`,
      "write it with your library's converter to ONNX",
      cause,
    );
  }
}

function probabilityOutput(outputs: readonly ForeignValue[]): ForeignValue | null {
  const numbers = outputs.filter(({ elementType }) => elementType === float || elementType === double);
  for (const name of probabilityNames) {
    const found = numbers.find((value) => value.name === prefix + name);
    if (found !== undefined) return found;
  }
  return numbers.length === 1 ? (numbers[0] ?? null) : null;
}

/** The shape that two rows of zeros come to. */
async function tryOut(
  bytes: Uint8Array,
  { input, output }: { readonly input: string; readonly output: string },
  width: number,
  refuse: Refuse,
): Promise<readonly number[]> {
  const { InferenceSession, Tensor } = await import("onnxruntime-node");
  try {
    const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
    try {
      const given = await session.run({ [input]: new Tensor("float32", new Float32Array(2 * width), [2, width]) }, [output]);
      return given[output]?.dims ?? [];
    } finally {
      await session.release();
    }
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw refuse(
      `does not run on two rows of ${width} columns: ${said}`,
      "export it for any number of rows (PyTorch: dynamic_axes), with operators that ONNX Runtime has",
      cause,
    );
  }
}
