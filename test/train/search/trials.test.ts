import { describe, expect, test } from "vitest";
import { between, grid, randomSearch, successiveHalving } from "../../../src/index.ts";
import { foldsOf } from "../../../src/train/search/folds.ts";
import { ranked, thinned } from "../../../src/train/search/report.ts";
import { checkSearch } from "../../../src/train/search/check.ts";
import { roundsOf, trialsOf } from "../../../src/train/search/trials.ts";
import { modelNode } from "../model-node.ts";

describe("the sets of parameters", () => {
  test("a grid tries every combination, the last parameter changing fastest", () => {
    expect(trialsOf(grid({ leaves: [7, 15], refit: [true, false] }))).toEqual([
      { leaves: 7, refit: true },
      { leaves: 7, refit: false },
      { leaves: 15, refit: true },
      { leaves: 15, refit: false },
    ]);
  });

  test("a random search draws the same trials for the same seed, whatever the order of the parameters, and more begin with the same", () => {
    const values = { leaves: between(8, 128, { whole: true }), l2: [0, 1, 10], learningRate: between(0.01, 0.3, { logarithmic: true }) };
    const ten = trialsOf(randomSearch(values, { trials: 10 }));
    expect(trialsOf(randomSearch(values, { trials: 30 })).slice(0, 10)).toEqual(ten);
    const { learningRate, l2, leaves } = values;
    expect(trialsOf(randomSearch({ learningRate, l2, leaves }, { trials: 10 }))).toEqual(ten);
    expect(trialsOf(randomSearch(values, { trials: 10, seed: 2 }))).not.toEqual(ten);
  });

  test("draws lie within their bounds, both included, and are spread as they were asked to be", () => {
    const drawn = trialsOf(
      randomSearch(
        { whole: between(1, 4, { whole: true }), plain: between(-1, 1), steps: between(1, 1024, { logarithmic: true }) },
        { trials: 4000 },
      ),
    );
    const of = (name: string) => drawn.map((set) => Number(set[name]));
    expect([...new Set(of("whole"))].toSorted()).toEqual([1, 2, 3, 4]);
    expect(of("plain").every((value) => value >= -1 && value <= 1)).toBe(true);
    expect(of("plain").filter((value) => value < 0).length / 4000).toBeCloseTo(0.5, 1);
    expect(of("steps").filter((value) => value < 32).length / 4000).toBeCloseTo(0.5, 1);
  });

  test("no set is tried twice, and values that make few sets are each tried once", () => {
    const sets = trialsOf(randomSearch({ leaves: [7, 15], refit: [true, false] }, { trials: 50 }));
    expect(new Set(sets.map((set) => JSON.stringify(set))).size).toBe(4);
    expect(sets).toHaveLength(4);
  });
});

test("halving keeps one in `factor`, rounded up, until so many are left, and gives them so many times the rows", () => {
  const halving = successiveHalving({ leaves: [7] }, { trials: 27 });
  expect(roundsOf(halving, 27).map(({ trials, share }) => [trials, Math.round(1 / share)])).toEqual([
    [27, 9],
    [9, 3],
    [3, 1],
  ]);
  expect(roundsOf({ ...halving, factor: 2 }, 11).map(({ trials }) => trials)).toEqual([11, 6, 3, 2]);
  expect(roundsOf(halving, 3)).toEqual([{ trials: 3, share: 1 }]);
  expect(roundsOf(grid({ leaves: [7, 15] }), 2)).toEqual([{ trials: 2, share: 1 }]);
});

test("of equal trials the earlier one is better, and one without a figure is the worst", () => {
  const trials = [0.7, null, 0.9, 0.9].map((value, index) => ({ trial: index + 1, value }));
  expect(ranked(trials, "more").map(({ trial }) => trial)).toEqual([3, 4, 1, 2]);
  expect(ranked(trials, "less").map(({ trial }) => trial)).toEqual([1, 3, 4, 2]);
});

test("of a long history about fifty steps are kept, the last among them", () => {
  const points = Array.from({ length: 1234 }, (_, step) => ({ step: step + 1, value: 1 / (step + 1) }));
  const { loss = [], few = [] } = thinned({ loss: points, few: points.slice(0, 3) });
  expect([loss.length, loss.at(-1)?.step, few.length]).toEqual([50, 1234, 3]);
});

describe("folds", () => {
  const rows = (times: readonly number[]) => ({
    times: Float64Array.from(times),
    labels: Float32Array.from(times, (_, row) => row % 2),
    trainingRows: times.length,
  });
  const counted = (count: number) => rows(Array.from({ length: count }, (_, row) => row));
  const startsAndEnds = (count: number, folds: number) => foldsOf(modelNode(), counted(count), folds).map(({ start, end }) => [start, end]);

  test("are those of scikit-learn's TimeSeriesSplit: each is judged by what comes right after all that it was trained on", () => {
    // As scikit-learn 1.7.2 splits them.
    expect(startsAndEnds(12, 3)).toEqual([
      [3, 6],
      [6, 9],
      [9, 12],
    ]);
    expect(startsAndEnds(23, 4)).toEqual([
      [7, 11],
      [11, 15],
      [15, 19],
      [19, 23],
    ]);
    expect(startsAndEnds(10, 2)).toEqual([
      [4, 7],
      [7, 10],
    ]);
  });

  test("a single one holds back the newest fifth", () => {
    expect(startsAndEnds(20, 1)).toEqual([[16, 20]]);
  });

  test("never part rows of one time, and train on their newest rows where a share is asked for", () => {
    const days = Array.from({ length: 40 }, (_, row) => Math.floor(row / 5));
    for (const share of [1, 1 / 3]) {
      for (const { from, start, end } of foldsOf(modelNode(), rows(days), 3, share)) {
        expect(days[start - 1]).toBeLessThan(days[start] ?? Number.NaN);
        expect(days[end - 1]).toBeLessThan(days[end] ?? Number.POSITIVE_INFINITY);
        expect([from % 5, start - from >= Math.floor(start * share)]).toEqual([0, true]);
      }
    }
  });

  test.each([
    ["all rows lie at one time", rows([1, 1, 1, 1, 1, 1, 1, 1]), /no rows to be judged by/],
    ["there are too few rows", counted(4), /not both labels/],
  ])("are refused where %s", (_, data, text) => {
    expect(() => foldsOf(modelNode(), data, 3)).toThrow(text);
  });
});

describe("a search that cannot be carried out is refused with the model's place", () => {
  const wide = { leaves: Array.from({ length: 200 }, (_, leaf) => leaf + 2), trees: Array.from({ length: 100 }, (_, tree) => tree + 1) };
  const right = grid({ leaves: [7, 15] });
  test.each([
    ["unknown-metric", { ...right, metric: "sharpness" }, /goes by the metric 'sharpness'/],
    ["search-option", { ...right, folds: 0 }, /folds: 0/],
    ["search-option", randomSearch({ leaves: [7] }, { trials: 0 }), /trials: 0/],
    ["search-option", successiveHalving({ leaves: [7] }, { trials: 9, factor: 1 }), /factor: 1/],
    ["search-option", grid(wide), /a grid of 20000 trials/],
    ["search-values", grid({}), /no parameters/],
    ["search-values", grid({ leaves: [] }), /no values of 'leaves'/],
    ["search-values", grid({ leaves: [7, 7] }), /lists a value of 'leaves' twice/],
    ["search-values", { ...right, parameters: { leaves: between(7, 9) } }, /between 7 and 9/],
    ["search-values", randomSearch({ leaves: between(9, 7) }, { trials: 3 }), /between 9 and 7/],
    ["search-values", randomSearch({ l2: between(0, 7, { logarithmic: true }) }, { trials: 3 }), /by its logarithm/],
    ["search-values", randomSearch({ leaves: between(2.5, 7, { whole: true }) }, { trials: 3 }), /between 2.5 and 7/],
    ["unknown-parameter", grid({ leafs: [7] }), /no parameter 'leafs'/],
    ["parameter-value", randomSearch({ featureFraction: between(0.5, 2) }, { trials: 30 }), /featureFraction is/],
  ])("%s: %o", (code, search, text) => {
    const node = modelNode({ search });
    expect(() => checkSearch(node)).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code, where: node.origin }), message: expect.stringMatching(text) }),
    );
  });
});
