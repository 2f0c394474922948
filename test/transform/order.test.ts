import { expect, test } from "vitest";
import { count, max, mean, median, sum } from "../../src/define/aggregate.ts";
import { table } from "../../src/define/table.ts";
import { evaluate, given } from "./support.ts";

test("dedupe keeps the newest row of a key; ties are settled by all columns; null is a key like others", async () => {
  const input = given("t", { key: "text", at: "integer", a: "integer", b: "text" }, [
    ["x", 1, 9, "old"],
    ["x", 2, 1, "p"],
    ["x", 2, 1, "q"],
    ["x", null, 5, "never"],
    ["y", 1, 1, "only"],
    [null, 1, 1, "n"],
    [null, 2, 2, "m"],
    ["z", 3, 3, "same"],
    ["z", 3, 3, "same"],
  ]);
  const { rows } = await evaluate(table("d", input.table).dedupe("key", { newest: "at" }), [input]);
  expect(rows).toEqual([
    ["x", 2, 1, "q"],
    ["y", 1, 1, "only"],
    ["z", 3, 3, "same"],
    [null, 2, 2, "m"],
  ]);
});

test("dedupe without an order keeps the highest row, by several keys, and of an empty table nothing", async () => {
  const input = given("t", { a: "integer", b: "integer", c: "integer" }, [
    [1, 1, 1],
    [1, 1, 2],
    [1, 2, 1],
    [1, 1, null],
  ]);
  expect((await evaluate(table("d", input.table).dedupe(["a", "b"]), [input])).rows).toEqual([
    [1, 1, 2],
    [1, 2, 1],
  ]);
  const all = given("t", { a: "integer" }, [[1], [1], [2]]);
  expect((await evaluate(table("d", all.table).dedupe("a"), [all])).rows).toEqual([[1], [2]]);
  const empty = given("t", { a: "integer" }, []);
  expect((await evaluate(table("d", empty.table).dedupe("a"), [empty])).rows).toEqual([]);
});

test("forward fill takes the last known value in order, and never one of another group", async () => {
  const input = given("t", { by: "text", at: "integer", a: "integer" }, [
    ["x", 1, 5],
    ["x", 2, null],
    ["x", 3, null],
    ["x", 4, 7],
    ["y", 1, null],
    ["y", 2, 1],
    ["y", 3, null],
  ]);
  const { rows } = await evaluate(table("f", input.table).fill({ a: { forward: { by: "by", order: "at" } } }), [input]);
  expect(rows).toEqual([
    ["x", 1, 5],
    ["x", 2, 5],
    ["x", 3, 5],
    ["x", 4, 7],
    ["y", 1, null],
    ["y", 2, 1],
    ["y", 3, 1],
  ]);
});

test("lag gives the value so many rows earlier in the group", async () => {
  const input = given("t", { by: "text", at: "integer", a: "integer" }, [
    ["x", 1, 5],
    ["x", 2, 6],
    ["x", 3, 7],
    ["y", 1, 8],
  ]);
  const { rows } = await evaluate(table("l", input.table).lag("a", { into: "before", by: "by", order: "at", rows: 2 }), [input]);
  expect(rows).toEqual([
    ["x", 1, 5, null],
    ["x", 2, 6, null],
    ["x", 3, 7, 5],
    ["y", 1, 8, null],
  ]);
});

const times = given("t", { id: "integer", by: "text", at: "timestamp", a: "integer" }, [
  [1, "x", "2013-01-01 00:00:00", 1],
  [2, "x", "2013-01-01 01:00:00", 2],
  [3, "x", "2013-01-01 01:00:00", 4],
  [4, "x", "2013-01-01 02:00:00", null],
  [5, "x", "2013-01-01 03:00:01", 8],
  [6, "y", "2013-01-01 01:00:00", 16],
  [7, "x", null, 32],
]);

test("a window over a range of time has both ends in it, with the rows of the same instant; a row without a time has none", async () => {
  const { rows } = await evaluate(
    table("w", times.table)
      .window({ by: "by", order: "at", range: "2 hours", columns: (t) => ({ total: sum(t.a), rows: count(), middle: median(t.a) }) })
      .drop("at", "a"),
    [times],
  );
  expect(rows).toEqual([
    [1, "x", 1, 1, 1],
    [2, "x", 7, 3, 2],
    [3, "x", 7, 3, 2],
    [4, "x", 7, 4, 2],
    [5, "x", 8, 2, 8],
    [6, "y", 16, 1, 16],
    [7, "x", null, null, null],
  ]);
});

test("a window that leaves out the current row leaves out its whole instant, and a count of nothing is 0", async () => {
  const { rows } = await evaluate(
    table("w", times.table)
      .window({ by: "by", order: "at", range: "2 hours", excludeCurrent: true, columns: (t) => ({ average: mean(t.a), rows: count() }) })
      .drop("at", "a"),
    [times],
  );
  expect(rows).toEqual([
    [1, "x", null, 0],
    [2, "x", 1, 1],
    [3, "x", 1, 1],
    [4, "x", expect.closeTo(7 / 3, 14), 3],
    [5, "x", null, 1],
    [6, "y", null, 0],
    [7, "x", null, null],
  ]);
});

test("a window without a range begins at the first row; one by rows counts rows", async () => {
  const { rows } = await evaluate(
    table("w", times.table)
      .filter((t) => t.at.isNotNull())
      .window({ by: "by", order: "at", columns: (t) => ({ so_far: sum(t.a) }) })
      .window({ by: "by", order: "at", rows: 1, columns: (t) => ({ pair: max(t.a) }) })
      .window({ by: "by", order: "at", rows: 1, excludeCurrent: true, columns: (t) => ({ before: max(t.a) }) })
      .drop("at", "a"),
    [times],
  );
  expect(rows).toEqual([
    [1, "x", 1, 1, null],
    [2, "x", 7, 2, 1],
    [3, "x", 7, 4, 2],
    [4, "x", 7, 4, 4],
    [5, "x", 15, 8, null],
    [6, "y", 16, 16, null],
  ]);
});
