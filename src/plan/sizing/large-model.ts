import type { ModelNode, TrainerNode } from "../../define/node.ts";
import type { InferenceModel } from "../catalogue/inference-models.ts";
import { modelNamed } from "../inference/model.ts";
import type { PlanInput } from "../vocabulary.ts";

/** A model whose size its trainer's parameters say, so that it can be sized before it is trained. */
export interface LargeModel {
  /** Parameters that a token passes, and all of them. */
  readonly parameters: number;
  readonly totalParameters: number;
  /** To train on; null where nothing says. */
  readonly tokens: number | null;
  readonly sequence: number | null;
  readonly model: InferenceModel;
}

const multiples: Readonly<Record<string, number>> = { "": 1, K: 1e3, M: 1e6, B: 1e9, T: 1e12 };

/** `"7B"`, `7e9` or `"7000000000"` as a number; null for anything else. */
function quantity(value: number | string | boolean | undefined): number | null {
  if (typeof value === "number") return value > 0 ? value : null;
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?(?:e\d+)?)\s*([KMBT]?)$/i.exec(typeof value === "string" ? value.trim() : "") ?? [];
  return digits === undefined ? null : Number(digits) * (multiples[unit.toUpperCase()] ?? Number.NaN);
}

/**
 * What a trainer's parameters say of a transformer: `model_parameters: "7B"` (with `total_parameters` of a mixture of experts, `tokens` to train on, `sequence`),
 * or `architecture: "BERT-large"`, a name of the catalogue of src/plan/catalogue/inference-models.ts. Null where they say neither.
 *
 * @throws MillwrightError `unknown-model` for an architecture that the catalogue does not have
 */
export function largeModelOf({ parameters: given }: TrainerNode): LargeModel | null {
  const [architecture, stated] = [given["architecture"], quantity(given["model_parameters"])];
  if (typeof architecture !== "string" && stated === null) return null;
  const model = typeof architecture === "string" ? modelNamed(architecture) : modelNamed(`${(stated ?? 0) / 1e9}B`);
  const parameters = stated ?? model.active * 1e9;
  return {
    parameters,
    totalParameters: quantity(given["total_parameters"]) ?? Math.max(parameters, model.parameters * 1e9),
    tokens: quantity(given["tokens"]),
    sequence: quantity(given["sequence"]),
    model,
  };
}

/** The models that the endpoints serve and that are trained here. */
export function servedModels({ definition }: PlanInput): readonly ModelNode[] {
  const served = new Set(definition.assets.flatMap((asset) => (asset.kind === "endpoint" ? [asset.model] : [])));
  return definition.assets.filter((asset): asset is ModelNode => asset.kind === "model" && served.has(asset.name));
}
