import { join } from "node:path";
import example from "../../examples/flights/platform.ts";
import type { AssetNode, BindingNode, Definition } from "../../src/index.ts";
import { environmentOf } from "../../src/run/bind.ts";

/** Where the example's sources are, and how much is trained. */
export interface FlightsSettings {
  /** The folder with `ops.sqlite` and `gates/`, as prepare.ts makes it. */
  readonly data: string;
  /** URL of a weather server. */
  readonly weather: string;
  readonly trees: number;
  /** Days of the test period; the rows of a small sample are of a few days. */
  readonly days: number;
  readonly helpers: readonly string[];
}

/** The platform of examples/flights over other sources, with a model of another size that has no gate to pass. */
export function flightsPlatform({ data, weather, trees, days, helpers }: FlightsSettings): Definition {
  const local = environmentOf(example, "local");
  const places: Readonly<Record<string, BindingNode["options"]>> = {
    ops: { file: join(data, "ops.sqlite") },
    weather: { url: weather },
    gates: { path: join(data, "gates", "*.log.gz") },
  };
  const bindings = Object.fromEntries(
    Object.entries(local.bindings).map(([role, binding]) => [role, { ...binding, options: { ...binding.options, ...places[role] } }]),
  );
  const assets = example.assets.map((asset): AssetNode => {
    if (asset.kind !== "model") return asset;
    return {
      ...asset,
      split: { ...asset.split, days },
      train: { ...asset.train, parameters: { ...asset.train.parameters, trees } },
      accept: {},
    };
  });
  return { ...example, steps: { attempts: 1, timeoutSeconds: null }, assets, environments: { local: { ...local, bindings, helpers } } };
}
