import { smallestInteger } from "../serve/convert.ts";

/** Values of a feature, raw: what a request sent, or what a table holds. */
export type FeatureValues = ArrayLike<number | bigint | string | boolean | null>;

type FeatureValue = number | bigint | string | boolean | null;

/** A number as profiles have it; NaN when it is missing (see src/train/onnx/inputs.ts). */
export function numberOf(value: FeatureValue | undefined): number {
  return value === null || value === undefined || value === "" || value === smallestInteger ? NaN : Number(value);
}

/** A category as profiles have it: texts as they are (missing is ""), booleans `true` and `false`, also when sent as 1 and 0. */
export function categoryOf(value: FeatureValue | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  return Number(value) === 0 ? "false" : "true";
}
