import { expect, test } from "vitest";
import type { TrainingColumn } from "../../src/train/columns.ts";
import { binOf, profileFeatures } from "../../src/train/profile.ts";

const number = (values: number[]): TrainingColumn => ({ kind: "number", name: "x", type: "double", values: Float64Array.from(values) });

test("a number's bins hold about a hundredth of the rows each, and every row once", () => {
  const values = Array.from({ length: 10_000 }, (_, row) => Math.sqrt(row));
  const { x } = profileFeatures([number([...values, Number.NaN])], 10_001).features;
  if (x?.kind !== "number") throw new Error("not a number's profile");
  expect(x.edges.length).toBe(99);
  expect(x.counts).toEqual(Array.from({ length: 100 }, () => 100));
  expect([x.missing, x.minimum, x.maximum]).toEqual([1, 0, Math.sqrt(9_999)]);
});

test("few different numbers give few bins, one for each", () => {
  const { x } = profileFeatures([number([3, 1, 1, 2, 2, 2, 3, 3, 3, 3])], 10).features;
  expect(x).toMatchObject({ edges: [1, 2], counts: [2, 3, 5] });
});

test("a constant has one bin, and nothing but missing values none with rows", () => {
  expect(profileFeatures([number([7, 7, 7])], 3).features["x"]).toMatchObject({ edges: [], counts: [3], missing: 0 });
  expect(profileFeatures([number([Number.NaN, Number.NaN])], 2).features["x"]).toMatchObject({
    edges: [],
    counts: [0],
    missing: 2,
    mean: null,
    minimum: null,
  });
});

test("only the training rows count", () => {
  expect(profileFeatures([number([1, 1, 99])], 2).features["x"]).toMatchObject({ maximum: 1, counts: [2] });
});

test("categories are counted, missing text as the empty one", () => {
  const text: TrainingColumn = {
    kind: "text",
    name: "carrier",
    type: "text",
    dictionary: ["UA", "", "B6"],
    codes: Int32Array.from([0, 0, 1, 2, 2, 2]),
  };
  expect(profileFeatures([text], 6).features["carrier"]).toEqual({
    kind: "category",
    counts: [
      { category: "B6", rows: 3 },
      { category: "UA", rows: 2 },
      { category: "", rows: 1 },
    ],
    other: 0,
  });
});

test("a value on an edge belongs below it; a missing one nowhere", () => {
  expect([-5, 1, 1.5, 2, 3, Number.NaN].map((value) => binOf([1, 2], value))).toEqual([0, 0, 1, 1, 2, -1]);
});
