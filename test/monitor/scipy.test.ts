import { beforeAll, describe, expect, test } from "vitest";
import { chiSquared, chiSquaredTail } from "../../src/monitor/chi-squared.ts";
import { correct } from "../../src/monitor/correction.ts";
import { jensenShannon } from "../../src/monitor/jensen-shannon.ts";
import { kolmogorovSmirnovOfSorted } from "../../src/monitor/kolmogorov-smirnov.ts";
import { kolmogorovTail } from "../../src/monitor/kolmogorov.ts";
import { wassersteinOfSorted } from "../../src/monitor/wasserstein.ts";
import { normal, random } from "./random.ts";
import { scipy } from "./scipy.ts";

const draw = random(5);
const sample = (length: number, value: () => number): number[] => Array.from({ length }, value);

const tails = [20, 140, 141, 1000, 20_000, 100_000, 100_001, 5_000_000].flatMap((size) =>
  [0.3, 0.5, 0.9, 1.1, 1.4, 1.5, 2, 3].map((z) => [z / Math.sqrt(size), size] as const),
);
const gammas = [1, 2, 9, 100, 5000].flatMap((degrees) => [0.2, 0.8, 1, 1.2, 3].map((share) => [share * degrees, degrees] as const));
const pairs = [
  [sample(200, () => normal(draw)), sample(150, () => normal(draw) + 0.2)],
  [sample(200, () => Math.floor(draw() * 10)), sample(300, () => Math.floor(draw() * 11))],
  [sample(12_000, () => Math.exp(normal(draw))), sample(3000, () => 1.05 * Math.exp(normal(draw)))],
  [sample(5, () => draw()), sample(7, () => draw())],
  [sample(2000, () => normal(draw)), sample(2000, () => normal(draw) + 1)],
] as const;
const tables = [
  [
    [10, 20],
    [30, 25],
  ],
  [
    [100, 200, 300],
    [110, 180, 0],
  ],
  [sample(500, () => Math.floor(draw() * 100) + 1), sample(500, () => Math.floor(draw() * 100))],
] as const;
const pValues = [0.5, 0.001, 0.02, 0.02, 0.9, 0.04, 1];

const program = `
import json, sys
import numpy as np
from scipy import stats
from scipy.spatial.distance import jensenshannon
given = json.load(sys.stdin)
pairs = [(np.array(a), np.array(b)) for a, b in given["pairs"]]
tests = [stats.ks_2samp(a, b) for a, b in pairs]
tables = [np.array(table) for table in given["tables"]]
chi = [stats.chi2_contingency(table) for table in tables]
print(json.dumps({
  "tails": [float(stats.kstwo.sf(d, n)) for d, n in given["tails"]],
  "gammas": [float(stats.chi2.sf(x, k)) for x, k in given["gammas"]],
  "ks": [[float(t.statistic), float(t.pvalue)] for t in tests],
  "wasserstein": [float(stats.wasserstein_distance(a, b)) for a, b in pairs],
  "chi": [[float(c.statistic), int(c.dof), float(c.pvalue)] for c in chi],
  "js": [float(jensenshannon(table[0], table[1])) for table in tables],
  "bh": [float(p) for p in stats.false_discovery_control(given["pValues"])],
}))`;

interface Answer {
  readonly tails: readonly number[];
  readonly gammas: readonly number[];
  readonly ks: readonly (readonly [number, number])[];
  readonly wasserstein: readonly number[];
  readonly chi: readonly (readonly [number, number, number])[];
  readonly js: readonly number[];
  readonly bh: readonly number[];
}

let theirs: Answer;
beforeAll(async () => {
  theirs = await scipy<Answer>(program, { tails, gammas, pairs, tables, pValues });
}, 600_000);

/** The greatest difference, of small figures in proportion to them. */
const apart = (ours: readonly (number | null | undefined)[], others: readonly number[]): number =>
  Math.max(...others.map((other, index) => Math.abs((ours[index] ?? Number.NaN) - other) / Math.max(1, Math.abs(other))));

describe("equal to SciPy's to 1e-9", () => {
  test("Kolmogorov's distribution, to 4e-8 beyond 100,000 values, where SciPy leaves out a term of that size", () => {
    for (const [index, [d, n]] of tails.entries())
      expect(Math.abs(kolmogorovTail(d, n) - (theirs.tails[index] ?? Number.NaN))).toBeLessThan(n > 100_000 ? 4e-8 : 1e-9);
  });

  test("chi-squared's distribution", () => {
    expect(
      apart(
        gammas.map(([x, degrees]) => chiSquaredTail(x, degrees)),
        theirs.gammas,
      ),
    ).toBeLessThan(1e-12);
  });

  test("the two-sample Kolmogorov-Smirnov test: statistic and p-value, exact and asymptotic", () => {
    const ours = pairs.map(([a, b]) => kolmogorovSmirnovOfSorted(Float64Array.from(a).sort(), Float64Array.from(b).sort()));
    expect(
      apart(
        ours.map((each) => each?.statistic),
        theirs.ks.map(([statistic]) => statistic),
      ),
    ).toBeLessThan(1e-12);
    expect(
      apart(
        ours.map((each) => each?.pValue),
        theirs.ks.map(([, pValue]) => pValue),
      ),
    ).toBeLessThan(1e-9);
  });

  test("the Wasserstein distance", () => {
    const ours = pairs.map(([a, b]) => wassersteinOfSorted(Float64Array.from(a).sort(), Float64Array.from(b).sort()));
    expect(apart(ours, theirs.wasserstein)).toBeLessThan(1e-12);
  });

  test("chi-squared of a table of counts, with Yates' correction where it has two columns", () => {
    const ours = tables.map(([reference, current]) => chiSquared({ reference, current }));
    expect(ours.map((each) => each?.degrees)).toEqual(theirs.chi.map(([, degrees]) => degrees));
    expect(
      apart(
        ours.flatMap((each) => [each?.statistic, each?.pValue]),
        theirs.chi.flatMap(([statistic, , pValue]) => [statistic, pValue]),
      ),
    ).toBeLessThan(1e-11);
  });

  test("the Jensen-Shannon distance", () => {
    expect(
      apart(
        tables.map(([reference, current]) => jensenShannon({ reference, current })),
        theirs.js,
      ),
    ).toBeLessThan(1e-12);
  });

  test("Benjamini and Hochberg's correction; nulls take no part", () => {
    expect(apart(correct(pValues, "benjamini-hochberg"), theirs.bh)).toBeLessThan(1e-15);
    expect(correct([0.01, null, 0.5], "benjamini-hochberg")).toEqual([0.02, null, 0.5]);
    expect(correct([0.01, null, 0.6], "bonferroni")).toEqual([0.02, null, 1]);
  });
});
