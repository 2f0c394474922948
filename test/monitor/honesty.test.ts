import { describe, expect, test } from "vitest";
import type { DriftLimit } from "../../src/define/quantity.ts";
import { parseDriftLimit } from "../../src/define/quantity.ts";
import { driftReport } from "../../src/monitor/drift.ts";
import { profileFeatures } from "../../src/train/profile.ts";
import { normal, random } from "./random.ts";

const features = 8;
const trainingRows = 20_000;
const draw = random(2026);
const words = ["a", "b", "c", "d", "e", "f"];

/** Four numbers, one of whole numbers, and four categories, all independent. */
function profileOf() {
  const columns = Array.from({ length: features }, (_, column) =>
    column < 4
      ? {
          kind: "number" as const,
          name: `n${column}`,
          type: "double" as const,
          values: Float64Array.from({ length: trainingRows }, () => (column === 3 ? Math.floor(draw() * 24) : normal(draw))),
        }
      : {
          kind: "text" as const,
          name: `t${column}`,
          type: "text" as const,
          dictionary: words,
          codes: Int32Array.from({ length: trainingRows }, () => Math.floor(draw() ** 2 * words.length)),
        },
  );
  return profileFeatures(columns, trainingRows);
}

const profile = profileOf();

function windowOf(rows: number, seed: number, shift = 0): Record<string, (number | string)[]> {
  const next = random(seed);
  return Object.fromEntries(
    Array.from({ length: features }, (_, column) => [
      column < 4 ? `n${column}` : `t${column}`,
      Array.from({ length: rows }, () =>
        column === 3
          ? Math.floor(next() * 24)
          : column < 4
            ? normal(next) + (column === 0 ? shift : 0)
            : (words[Math.floor(next() ** 2 * words.length)] ?? ""),
      ),
    ]),
  );
}

const alarms = (
  limit: DriftLimit,
  windows: number,
  rows: number,
  correction: "benjamini-hochberg" | "bonferroni" | "none",
  shift = 0,
): number => {
  let count = 0;
  for (let seed = 1; seed <= windows; seed++)
    if (driftReport(profile, windowOf(rows, seed * 7919, shift), { rule: parseDriftLimit(limit), correction }).over) count++;
  return count / windows;
};

describe("500 windows of 500 rows without drift, eight columns", () => {
  // The share that is measured has a standard error of sqrt(0.05 * 0.95 / 500) = 0.01 around the true one; three of them are allowed.
  test.each(["benjamini-hochberg", "bonferroni"] as const)(
    "p < 0.05 corrected by %s alarms in at most a twentieth of them",
    (correction) => {
      expect(alarms("p < 0.05", 500, 500, correction)).toBeLessThanOrEqual(0.05 + 0.03);
    },
  );

  test("without correction it would alarm in far more", () => {
    expect(alarms("p < 0.05", 500, 500, "none")).toBeGreaterThan(0.15);
  });

  test("limits on an effect alarm in at most one of a thousand, however low they are", () => {
    for (const limit of ["psi > 0.001", "ks > 0.001", "js > 0.001"] as const)
      expect(alarms(limit, 500, 500, "benjamini-hochberg")).toBeLessThanOrEqual(0.008);
  });
});

describe("a known shift of one column of eight", () => {
  test("of 0.3 standard deviations is found in nearly all windows of 1,000 rows by p < 0.01", () => {
    // The statistic's expectation is 2 Φ(0.15) - 1 = 0.119; the level of 0.01 / 8 lies at 0.061.
    expect(alarms("p < 0.01", 100, 1000, "benjamini-hochberg", 0.3)).toBeGreaterThanOrEqual(0.98);
  });

  test("of one standard deviation is found by psi > 0.2 always, of 0.2 never: its index is near 0.04", () => {
    expect(alarms("psi > 0.2", 100, 1000, "benjamini-hochberg", 1)).toBe(1);
    expect(alarms("psi > 0.2", 100, 1000, "benjamini-hochberg", 0.2)).toBe(0);
  });
});
