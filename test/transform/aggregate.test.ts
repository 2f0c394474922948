import { expect, test } from "vitest";
import {
  count,
  countDistinct,
  countWhere,
  every,
  max,
  mean,
  median,
  min,
  share,
  some,
  standardDeviation,
  sum,
} from "../../src/define/aggregate.ts";
import { table } from "../../src/define/table.ts";
import { evaluate, given } from "./support.ts";

const input = given("t", { by: "text", n: "integer", x: "double", yes: "boolean", name: "text" }, [
  ["a", 1, 1.5, true, "q"],
  ["a", 2, null, false, "p"],
  ["a", null, 4.5, null, "q"],
  ["b", null, null, null, null],
  [null, 5, 2, true, "r"],
]);

test("aggregates ignore nulls; null is a group of its own; of nothing there is a count of 0 and else null", async () => {
  const { rows } = await evaluate(
    table("g", input.table).aggregate({
      by: "by",
      columns: (t) => ({
        rows: count(),
        known: count(t.n),
        names: countDistinct(t.name),
        big: countWhere(t.n.greaterThan(1)),
        part: share(t.yes),
        total: sum(t.n),
        average: mean(t.x),
        middle: median(t.n),
        spread: standardDeviation(t.n),
        low: min(t.name),
        high: max(t.n),
        any: some(t.yes),
        all: every(t.yes),
      }),
    }),
    [input],
  );
  expect(rows).toEqual([
    ["a", 3, 2, 2, 1, 0.5, 3, 3, 1.5, expect.closeTo(Math.SQRT1_2, 14), "p", 2, true, false],
    ["b", 1, 0, 0, 0, null, null, null, null, null, null, null, null, null],
    [null, 1, 1, 1, 1, 1, 5, 2, 5, null, "r", 5, true, true],
  ]);
});

test("without groups there is exactly one row, even of an empty table", async () => {
  const whole = table("g", input.table).aggregate({ columns: (t) => ({ rows: count(), total: sum(t.x) }) });
  expect((await evaluate(whole, [input])).rows).toEqual([[5, 8]]);
  expect((await evaluate(whole, [{ ...input, rows: [] }])).rows).toEqual([[0, null]]);
});

test("sums of integers are 64 bits wide and sums of decimals exact", async () => {
  const large = given("t", { n: "integer", d: "decimal(10,2)" }, [
    [2147483647, 0.1],
    [2147483647, 0.2],
  ]);
  expect((await evaluate(table("g", large.table).aggregate({ columns: (t) => ({ n: sum(t.n), d: sum(t.d) }) }), [large])).rows).toEqual([
    [4294967294, "0.30"],
  ]);
});
