import type { FeatureDrift } from "./drift.ts";

/** A feature whose values are not what training had, and how many rows that concerns. */
export interface QualityFault {
  readonly feature: string;
  readonly kind: "missing" | "unseen" | "out-of-range";
  /** Share of rows, 0 to 1; of missing values, beyond training's own share. */
  readonly share: number;
}

/** Features that miss a value more often than in training, or hold one that training did not have, in more than a share of the rows. */
export function qualityFaults(features: readonly Pick<FeatureDrift, "name" | "quality">[], limit: number): readonly QualityFault[] {
  return features.flatMap(({ name: feature, quality: { missing, unseen, outOfRange } }): QualityFault[] => {
    const faults: readonly QualityFault[] = [
      { feature, kind: "missing", share: missing.current - missing.reference },
      { feature, kind: "unseen", share: unseen ?? 0 },
      { feature, kind: "out-of-range", share: outOfRange ?? 0 },
    ];
    return faults.filter(({ share }) => share > limit);
  });
}

const words: Readonly<Record<QualityFault["kind"], string>> = {
  missing: "more missing values than in training",
  unseen: "categories that training did not have",
  "out-of-range": "values outside training's range",
};

/** `carrier: 12.0 % categories that training did not have`. */
export function describeFault({ feature, kind, share }: QualityFault): string {
  return `${feature}: ${(100 * share).toFixed(1)} % ${words[kind]}`;
}
