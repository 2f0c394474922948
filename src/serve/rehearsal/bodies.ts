import { randomNumbers } from "../../random.ts";
import type { ModelInput } from "../../train/onnx/inputs.ts";
import type { FeatureProfile } from "../../train/profile.ts";

const rows = 64;

/** Requests of one row each in the protocol's JSON, whose values are spread as the training rows' were. */
export function requestBodies(inputs: readonly ModelInput[], profile: FeatureProfile): readonly string[] {
  const next = randomNumbers(7);
  return Array.from({ length: rows }, () =>
    JSON.stringify({
      inputs: inputs.map(({ name, datatype }) => ({
        name,
        datatype,
        shape: [1, 1],
        data: [valueOf(datatype, profile.features[name], next())],
      })),
    }),
  );
}

function valueOf(
  datatype: ModelInput["datatype"],
  profile: FeatureProfile["features"][string] | undefined,
  share: number,
): string | number | boolean {
  if (datatype === "BYTES" || datatype === "BOOL") {
    const category = profile?.kind === "category" ? categoryAt(profile.counts, share) : "";
    return datatype === "BOOL" ? category === "true" : category;
  }
  if (profile?.kind !== "number") return 0;
  // The edges lie at percentiles: any of them is as likely as another.
  const value = profile.edges[Math.floor(share * profile.edges.length)] ?? profile.mean ?? 0;
  return datatype === "INT64" ? Math.round(value) : value;
}

function categoryAt(counts: readonly { readonly category: string; readonly rows: number }[], share: number): string {
  let left = share * counts.reduce((sum, one) => sum + one.rows, 0);
  for (const { category, rows: many } of counts) if ((left -= many) < 0) return category;
  return counts[0]?.category ?? "";
}
