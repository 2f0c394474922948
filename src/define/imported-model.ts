import { MillwrightError } from "../error.ts";
import type { Asset } from "./asset.ts";
import { deepFreeze } from "./freeze.ts";
import type { ImportedModelNode } from "./node.ts";
import { callerOrigin } from "./origin.ts";

/** A model of another registry as an asset. It needs a tracker in every environment. */
export interface ImportedModel extends Asset<"tracker"> {
  readonly node: ImportedModelNode;
}

/**
 * A model that others trained and registered: a version of the registry that an environment binds as its tracker (MLflow, DVC). Each run looks
 * which version the reference means, brings a new one here, tries it and registers it; an `endpoint` serves it as it serves any other model.
 *
 * @param options `from`: `name@alias`, `name@version`, or as MLflow writes it `models:/name@alias` and `models:/name/version`;
 * without one the alias `champion`. `approval`: a person has to approve each version before it serves.
 * @throws MillwrightError `bad-option` for a reference of another form
 *
 * @example
 * endpoint("delay", { model: importedModel("delay_of_others", { from: "models:/delay@champion" }) })
 */
export function importedModel(name: string, options: { readonly from: string; readonly approval?: "required" }): ImportedModel {
  const origin = callerOrigin();
  const [, model, at, slash] = /^(?:models:\/)?([^@/]+)(?:@([^@/]+)|\/(\d+))?$/.exec(options.from) ?? [];
  if (model === undefined)
    throw new MillwrightError({
      code: "bad-option",
      what: `'${options.from}' names no model of a registry`,
      where: origin,
      fix: "write name@alias, name@version, or models:/name@alias",
    });
  const node: ImportedModelNode = deepFreeze({
    kind: "imported-model",
    name,
    origin,
    model,
    reference: at ?? slash ?? "champion",
    approval: options.approval ?? null,
  });
  return Object.freeze({ node, dependencies: Object.freeze([]) });
}
