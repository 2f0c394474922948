import { MillwrightError } from "../error.ts";
import type { ModelVersion } from "../registry/version.ts";
import { readModelFile } from "../registry/files.ts";
import type { TrainingColumn } from "../train/columns.ts";
import type { CategoryProfile, FeatureProfile, NumberProfile } from "../train/profile.ts";

/** Raw rows that a package is compared on. */
export interface CheckRows {
  /** In the order of the model's inputs. */
  readonly columns: readonly TrainingColumn[];
  readonly from: number;
  readonly to: number;
  readonly origin: "test rows" | "profile";
}

/** Rows made from a profile when nobody gives real ones. */
const made = 1000;

/**
 * Rows that are distributed feature by feature as the training rows were, drawn from the version's own `profile.json`; the same every time.
 * They hold no row of anybody's data, so that they may lie in a package.
 *
 * @throws MillwrightError `no-rows` for an imported model.
 */
export async function profileRows(version: ModelVersion): Promise<CheckRows> {
  refuseImported(version);
  const profile: FeatureProfile = JSON.parse((await readModelFile(version, "profile.json")).toString("utf8"));
  const columns = version.description.inputs.map(({ name, type }, index): TrainingColumn => {
    const draw = draws(index + 1);
    const feature = profile.features[name];
    if (type === "text") return textColumn(name, feature, draw);
    if (type === "boolean")
      return {
        kind: "boolean",
        name,
        type,
        values: Uint8Array.from({ length: made }, () => (category(feature, draw()) === "true" ? 1 : 0)),
      };
    const whole = type !== "double" && !type.startsWith("decimal");
    const values = Float64Array.from({ length: made }, () => number(feature, draw(), draw()));
    return { kind: "number", name, type, values: whole ? values.map((value) => Math.round(value)) : values };
  });
  return { columns, from: 0, to: made, origin: "profile" };
}

/** Nothing is known of the rows of a model that was trained elsewhere, so that no other runtime can be held against ONNX Runtime on any. */
export function refuseImported({ model, version, description }: ModelVersion): void {
  if (!description.imported) return;
  throw new MillwrightError({
    code: "no-rows",
    what: `version ${version} of model '${model}' was trained elsewhere (${description.imported.system}): there are no rows to compare another runtime on`,
    fix: "package it with --for onnx, or train it here",
  });
}

/** Numbers in [0, 1), the same for the same seed: a linear congruential generator (Knuth, MMIX's parameters), its upper 32 bits. */
function draws(seed: number): () => number {
  let state = BigInt(seed) * 0x9e3779b97f4a7c15n;
  return () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number(state >> 32n) / 2 ** 32;
  };
}

function textColumn(name: string, feature: NumberProfile | CategoryProfile | undefined, draw: () => number): TrainingColumn {
  const dictionary: string[] = [];
  const codes = Int32Array.from({ length: made }, () => {
    const text = category(feature, draw());
    const known = dictionary.indexOf(text);
    return known >= 0 ? known : dictionary.push(text) - 1;
  });
  return { kind: "text", name, type: "text", codes, dictionary };
}

/** A category as often as it came up; where the profile ends, one that it does not know. */
function category(feature: NumberProfile | CategoryProfile | undefined, at: number): string {
  if (feature?.kind !== "category") return "";
  let left = at * (feature.counts.reduce((sum, { rows }) => sum + rows, 0) + feature.other);
  for (const { category: text, rows } of feature.counts) if ((left -= rows) < 0) return text;
  return "a category beyond the profile";
}

/** A value between two neighbouring edges of the profile, or a missing one as often as they came up. */
function number(feature: NumberProfile | CategoryProfile | undefined, at: number, within: number): number {
  if (feature?.kind !== "number") return Number.NaN;
  const { edges, counts, missing, minimum, maximum } = feature;
  if (minimum === null || maximum === null) return Number.NaN;
  let left = at * (counts.reduce((sum, count) => sum + count, 0) + missing);
  for (const [bin, count] of counts.entries()) {
    if ((left -= count) >= 0) continue;
    const low = edges[bin - 1] ?? minimum;
    return low + within * ((edges[bin] ?? maximum) - low);
  }
  return Number.NaN;
}
