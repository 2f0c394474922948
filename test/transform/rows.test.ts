import { expect, test } from "vitest";
import { table } from "../../src/define/table.ts";
import { evaluate, given } from "./support.ts";

test("fill replaces nulls by a constant, the mean, the exact median and the most frequent value, and says what it fitted", async () => {
  const input = given("t", { id: "integer", a: "integer", b: "double", c: "double", d: "text", e: "date" }, [
    [1, 1, 1, 10, "x", "2013-01-01"],
    [2, null, 2, null, "y", null],
    [3, 3, null, 20, "y", null],
    [4, 4, 6, 40, "x", null],
    [5, 5, null, null, null, null],
  ]);
  const { rows, fitted } = await evaluate(
    table("filled", input.table).fill({ a: { constant: 0 }, b: "mean", c: "median", d: "mode", e: { constant: "2013-12-31" } }),
    [input],
  );
  expect(fitted).toEqual({ "0.b.mean": 3, "0.c.median": 20, "0.d.mode": "x" });
  expect(rows).toEqual([
    [1, 1, 1, 10, "x", "2013-01-01"],
    [2, 0, 2, 20, "y", "2013-12-31"],
    [3, 3, 3, 20, "y", "2013-12-31"],
    [4, 4, 6, 40, "x", "2013-12-31"],
    [5, 5, 3, 20, "x", "2013-12-31"],
  ]);
});

test("the median of an even number of values lies half way between the middle two, and integers become doubles", async () => {
  const input = given("t", { id: "integer", a: "integer" }, [
    [1, 1],
    [2, 2],
    [3, 5],
    [4, 100],
    [5, null],
  ]);
  expect((await evaluate(table("filled", input.table).fill({ a: "median" }), [input])).rows).toEqual([
    [1, 1],
    [2, 2],
    [3, 5],
    [4, 100],
    [5, 3.5],
  ]);
});

test("where there is no value to fit, nothing is filled, and an empty table stays empty", async () => {
  const input = given("t", { id: "integer", a: "double", d: "text" }, [[1, null, null]]);
  const { rows, fitted } = await evaluate(table("filled", input.table).fill({ a: "median", d: "mode" }), [input]);
  expect(fitted).toEqual({ "0.a.median": null, "0.d.mode": null });
  expect(rows).toEqual([[1, null, null]]);
  const empty = given("t", { a: "double" }, []);
  expect((await evaluate(table("filled", empty.table).fill({ a: "mean" }).normalise({ a: "zscore" }), [empty])).rows).toEqual([]);
});

test("a later operation is fitted on what earlier ones have filled", async () => {
  const input = given("t", { id: "integer", a: "double" }, [
    [1, 2],
    [2, 4],
    [3, null],
  ]);
  const { rows, fitted } = await evaluate(
    table("scaled", input.table)
      .fill({ a: { constant: 6 } })
      .normalise({ a: "minmax" })
      .fill({ a: "median" }),
    [input],
  );
  expect(fitted).toEqual({ "1.a.min": 2, "1.a.max": 6, "2.a.median": 0.5 });
  expect(rows).toEqual([
    [1, 0],
    [2, 0.5],
    [3, 1],
  ]);
});

test("convert reads text as numbers, dates and instants in UTC, and refuses rows that it cannot read", async () => {
  const input = given("t", { id: "integer", n: "text", t: "text" }, [
    [1, " 12", "2013-01-01T10:00:00Z"],
    [2, "-3", "2013-01-01T10:00:00+02:00"],
    [3, null, null],
    [4, "1.5", "2013-01-01 10:00:00"],
    [5, "7", "soon"],
    [6, "x", "never"],
  ]);
  const { rows, rejected } = await evaluate(table("converted", input.table).convert({ n: "integer", t: "timestamp" }), [input]);
  expect(rows).toEqual([
    [1, 12, "2013-01-01 10:00:00"],
    [2, -3, "2013-01-01 08:00:00"],
    [3, null, null],
  ]);
  expect(rejected).toEqual([
    { id: 4, n: "1.5", t: "2013-01-01 10:00:00", reason: "n cannot be read as integer" },
    { id: 5, n: 7, t: "soon", reason: "t cannot be read as timestamp" },
    { id: 6, n: "x", t: "never", reason: "n cannot be read as integer; t cannot be read as timestamp" },
  ]);
});

test("convert loses nothing of a number: a fraction or a too large value is refused", async () => {
  const input = given("t", { id: "integer", a: "double" }, [
    [1, 2],
    [2, 2.5],
    [3, 1e12],
    [4, null],
  ]);
  const { rows, rejected } = await evaluate(table("converted", input.table).convert({ a: "integer", id: "text" }), [input]);
  expect(rows).toEqual([
    [1, 2],
    [4, null],
  ]);
  expect(rejected.map(({ id }) => id)).toEqual([2, 3]);
});

test("rename, select, drop, derive and filter do what they say, row by row", async () => {
  const input = given("t", { id: "integer", a: "integer", b: "integer", c: "text" }, [
    [1, 10, 2, "x"],
    [2, 20, null, "y"],
    [3, 30, 3, null],
  ]);
  const { rows } = await evaluate(
    table("t2", input.table)
      .rename({ a: "b", b: "a" })
      .derive((t) => ({ a: t.b, b: t.a, s: t.a.plus(t.b) }))
      .filter((t) => t.s.greaterThan(0))
      .drop("c")
      .select("s", "id", "a"),
    [input],
  );
  expect(rows).toEqual([
    [12, 1, 10],
    [33, 3, 30],
  ]);
});

test("normalise gives z-scores, 0 to 1, and logarithms; a constant column becomes 0", async () => {
  const input = given("t", { id: "integer", z: "integer", m: "double", l: "double", k: "double" }, [
    [1, 2, 5, 0, 7],
    [2, 4, 10, 1, 7],
    [3, 6, 15, -1, 7],
    [4, null, null, null, null],
  ]);
  const { rows, fitted } = await evaluate(table("n", input.table).normalise({ z: "zscore", m: "minmax", l: "log", k: "zscore" }), [input]);
  const deviation = Math.sqrt(8 / 3);
  expect(fitted["0.z.deviation"]).toBeCloseTo(deviation, 14);
  expect(rows).toEqual([
    [1, expect.closeTo(-2 / deviation, 14), 0, 0, 0],
    [2, 0, 0.5, Math.LN2, 0],
    [3, expect.closeTo(2 / deviation, 14), 1, null, 0],
    [4, null, null, null, null],
  ]);
});

test("one-hot columns are true for their category only; null and other values have none", async () => {
  const input = given("t", { id: "integer", carrier: "text" }, [
    [1, "AA"],
    [2, "UA"],
    [3, null],
    [4, "XX"],
  ]);
  const { rows } = await evaluate(table("o", input.table).onehot({ carrier: ["AA", "UA"] }), [input]);
  expect(rows).toEqual([
    [1, true, false],
    [2, false, true],
    [3, false, false],
    [4, false, false],
  ]);
});

test("a bucket counts the edges at or below the value; quantile edges are fitted", async () => {
  const input = given("t", { id: "integer", a: "integer" }, [
    [1, 0],
    [2, 10],
    [3, 15],
    [4, 20],
    [5, 100],
    [6, null],
  ]);
  const { rows, fitted } = await evaluate(
    table("b", input.table)
      .bucket("a", { into: "band", edges: [10, 20] })
      .bucket("a", { into: "half", quantiles: 2 }),
    [input],
  );
  expect(fitted).toEqual({ "1.a.quantile 1/2": 15 });
  expect(rows).toEqual([
    [1, 0, 0, 0],
    [2, 10, 1, 0],
    [3, 15, 1, 1],
    [4, 20, 2, 1],
    [5, 100, 2, 1],
    [6, null, null, null],
  ]);
});
