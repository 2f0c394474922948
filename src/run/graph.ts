import { MillwrightError } from "../error.ts";
import type { AssetNode, Definition } from "../define/node.ts";

/** One unit of work of a run: an asset, or the loading of one into the warehouse. */
export interface Step {
  /** The asset's name; `warehouse.<name>` for a load. */
  readonly name: string;
  readonly kind: AssetNode["kind"] | "load";
  readonly asset: AssetNode;
  /** Names of the steps that come first. */
  readonly needs: readonly string[];
}

/** Names of the assets that an asset reads. */
export function inputsOf(asset: AssetNode): readonly string[] {
  switch (asset.kind) {
    case "source":
    case "imported-model":
      return [];
    case "table":
      return asset.inputs;
    case "metric":
      return [asset.of];
    case "model":
      return [asset.from];
    case "endpoint":
      return [asset.model];
    case "maintenance":
      // It maintains what stands there, and makes nothing anew.
      return [];
  }
}

/** The steps of a platform in an order in which each comes after what it needs. */
export function stepsOf(definition: Definition): readonly Step[] {
  return definition.assets.flatMap((asset): Step[] => {
    const step: Step = { name: asset.name, kind: asset.kind, asset, needs: inputsOf(asset) };
    return asset.kind === "table" && asset.load
      ? [step, { name: `warehouse.${asset.name}`, kind: "load", asset, needs: [asset.name] }]
      : [step];
  });
}

/**
 * The steps that were asked for and all that they need; everything when nothing is named.
 * Asking for an asset includes its load. Maintenance is among everything, too: whether it is due is for the run to say.
 *
 * @throws MillwrightError `unknown-asset`
 */
export function selectSteps(definition: Definition, names: readonly string[]): readonly Step[] {
  const steps = stepsOf(definition);
  if (names.length === 0) return steps;
  const byName = new Map(steps.map((step) => [step.name, step]));
  const wanted = new Set<string>();
  const add = (name: string) => {
    const step = byName.get(name);
    if (step === undefined) {
      throw new MillwrightError({
        code: "unknown-asset",
        what: `there is no asset '${name}'`,
        where: definition.origin,
        fix: `use one of: ${[...byName.keys()].join(", ")}`,
      });
    }
    if (wanted.has(name)) return;
    wanted.add(name);
    step.needs.forEach(add);
  };
  for (const name of names) {
    add(name);
    if (byName.has(`warehouse.${name}`)) add(`warehouse.${name}`);
  }
  return steps.filter((step) => wanted.has(step.name));
}
