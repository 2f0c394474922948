import { nearestNames } from "../../define/nearest.ts";
import { MillwrightError } from "../../error.ts";
import { inferenceModels, type InferenceModel } from "../catalogue/inference-models.ts";
import { shapeOf } from "../layout.ts";

/** A name without what does not matter: case, spaces, signs, the maker, the version of ResNet, what is in brackets. */
export function nameKey(name: string): string {
  return name
    .toLowerCase()
    .replace(/gpt-?j.*\((mlperf|99).*/, "gptjmlperf")
    .replaceAll(/\([^)]*\)/g, "")
    .replace(/^.*\/(?=[a-z])/, "")
    .replace(/v1\.5$|-(instruct|chat|hf|base-hf|it)\b.*$/, "")
    .replace(/meta-?llama/, "llama")
    .replaceAll(/[^a-z0-9.]/g, "");
}

/**
 * The model of that name, or a decoder of usual shape for a mere size such as `13B`.
 *
 * @throws MillwrightError `unknown-model` with names that are near
 */
export function modelNamed(name: string): InferenceModel {
  const key = nameKey(name);
  const found = inferenceModels.find((model) => nameKey(model.name) === key || model.also.includes(key));
  if (found !== undefined) return found;
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([bm])$/.exec(key) ?? [];
  if (digits !== undefined) return decoderOf(Number(digits) * (unit === "m" ? 1e-3 : 1));
  const near = nearestNames(
    name,
    inferenceModels.map((model) => model.name),
  );
  throw new MillwrightError({
    code: "unknown-model",
    what: `there is no model '${name}' in the catalogue`,
    fix: `use a size such as 13B for a language model, an .onnx file, or one of: ${(near.length > 0 ? near : inferenceModels.map((model) => model.name)).join(", ")}`,
  });
}

/** @param parameters billions */
function decoderOf(parameters: number): InferenceModel {
  const { layers, hidden } = shapeOf(parameters * 1e9);
  return {
    name: `a decoder of ${parameters}B`,
    also: [],
    kind: "decoder",
    gigaOperations: 0,
    parameters,
    active: parameters,
    activations: 0,
    layers,
    hidden,
    // Since 2023 models share keys and values between eight heads or so.
    keyValue: hidden / 8,
    source: "parameters = 12 x layers x hidden^2 (arXiv 2001.08361, table 1)",
  };
}
