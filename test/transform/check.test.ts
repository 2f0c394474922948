import { expect, test } from "vitest";
import { table } from "../../src/define/table.ts";
import { evaluate, given } from "./support.ts";

test("rows that break a rule leave the table with every reason; null passes all rules but notNull", async () => {
  const input = given("t", { id: "integer", code: "text", size: "integer", at: "timestamp", kind: "text" }, [
    [1, "UA1", 5, "2013-01-01 00:00:00", "a"],
    [2, "x", 0, "2013-01-01 00:00:00", "a"],
    [3, null, null, null, null],
    [null, "UA3", 10, "2014-01-01 00:00:00", "c"],
  ]);
  const { rows, rejected } = await evaluate(
    table("c", input.table).check({
      id: { notNull: true },
      code: { matches: "^[A-Z]{2}\\d+$" },
      size: { between: [1, 10] },
      at: { between: ["2013-01-01", "2013-12-31"] },
      kind: { oneOf: ["a", "b"] },
    }),
    [input],
  );
  expect(rows).toEqual([
    [1, "UA1", 5, "2013-01-01 00:00:00", "a"],
    [3, null, null, null, null],
  ]);
  expect(rejected).toEqual([
    {
      id: 2,
      code: "x",
      size: 0,
      at: "2013-01-01 00:00:00",
      kind: "a",
      reason: "code does not match ^[A-Z]{2}\\d+$; size is not between 1 and 10",
    },
    {
      id: null,
      code: "UA3",
      size: 10,
      at: "2014-01-01 00:00:00",
      kind: "c",
      reason: "id is null; at is not between 2013-01-01 and 2013-12-31; kind is not one of a, b",
    },
  ]);
});

test("unique refuses every row of a repeated value, and lets null repeat", async () => {
  const input = given("t", { id: "integer", code: "text" }, [
    [1, "a"],
    [1, "b"],
    [2, "c"],
    [null, "d"],
    [null, "e"],
    [3, "c"],
  ]);
  const { rows, rejected } = await evaluate(table("c", input.table).check({ id: { unique: true }, code: { unique: true } }), [input]);
  expect(rows).toEqual([
    [null, "d"],
    [null, "e"],
  ]);
  expect(rejected.map(({ code, reason }) => [code, reason])).toEqual([
    ["a", "id is not unique"],
    ["b", "id is not unique"],
    ["c", "code is not unique"],
    ["c", "code is not unique"],
  ]);
});

test("rows that several steps refuse stand together; a column that changed its type in between is text", async () => {
  const input = given("t", { id: "integer", at: "text" }, [
    [1, "2013-01-01"],
    [2, "soon"],
    [300, "2013-01-02"],
  ]);
  const { rows, rejected } = await evaluate(
    table("c", input.table)
      .convert({ at: "date" })
      .derive((t) => ({ day: t.at.dayOfYear() }))
      .check({ id: { between: [1, 100] } }),
    [input],
  );
  expect(rows).toEqual([[1, "2013-01-01", 1]]);
  expect(rejected).toEqual([
    { id: 2, at: "soon", day: null, reason: "at cannot be read as date" },
    { id: 300, at: "2013-01-02", day: 2, reason: "id is not between 1 and 100" },
  ]);
});
