import { expect, test } from "vitest";
import type { Column } from "../../src/define/column.ts";
import { count, max, mean } from "../../src/define/aggregate.ts";
import { source } from "../../src/define/source.ts";
import { table } from "../../src/define/table.ts";
import type { TableNode } from "../../src/define/node.ts";
import { partColumn, partsProblems, refusedColumn } from "../../src/transform/parts-check.ts";

const declared = { id: "bigint", at: "timestamp", on: "date", place: "text", amount: "double" } as const;
const events = source("ops").table("events", { columns: declared });
const other = table("other", events);
const columns: readonly Column[] = Object.entries(declared).map(([name, type]) => ({ name, type }));
const problemsOf = ({ node }: { readonly node: TableNode }) => partsProblems(node, () => columns).map(({ what }) => what);
const daily = table("daily", events).parts({ by: "day", column: "at", lookback: "1 day" });
const monthly = table("monthly", events).parts({ by: "month", column: "at" });

test.each([
  [
    "rows one by one",
    daily
      .filter((e) => e.amount.atLeast(0))
      .fill({ place: { constant: "x" } })
      .normalise({ amount: "log" })
      .drop("id"),
  ],
  ["a dedupe by the time too", daily.dedupe(["id", "at"])],
  ["windows that reach back no further than is looked", daily.window({ order: "at", range: "1 day", columns: () => ({ n: count() }) })],
  [
    "a time made coarser",
    daily.derive((e) => ({ at: e.at.truncate("hour") })).window({ order: "at", range: "2 hours", columns: () => ({ n: count() }) }),
  ],
  [
    "sums by day",
    daily.derive((e) => ({ day: e.at.truncate("day") })).aggregate({ by: ["place", "day"], columns: () => ({ n: count() }) }),
  ],
  [
    "sums by month of months",
    monthly.derive((e) => ({ month: e.at.truncate("month") })).aggregate({ by: "month", columns: () => ({ n: count() }) }),
  ],
  ["a renamed time", daily.rename({ at: "departed" }).drop("on")],
  ["a date of the time", daily.convert({ at: "date" })],
  ["a join with other rows", daily.join(other, { on: "id", columns: ["place"] })],
  [
    "what came before in another table",
    daily.lookback(other, { by: "id", at: "at", time: "at", range: "9 days", columns: (o) => ({ last: max(o.amount) }) }),
  ],
])("in parts: %s", (_, made) => {
  expect(problemsOf(made)).toEqual([]);
});

test.each([
  ["dedupe(id) compares the rows of all of them", daily.dedupe("id")],
  ["fill by median of 'amount' looks at the rows of all of them", daily.fill({ amount: "median" })],
  ["fill by forward of 'amount' looks at the rows of all of them", daily.fill({ amount: { forward: { order: "at" } } })],
  ["normalise by zscore of 'amount' looks at the rows of all of them", daily.normalise({ amount: "zscore" })],
  ["the quantiles of 'amount' are of the rows of all of them", daily.bucket("amount", { into: "b", quantiles: 4 })],
  ["lag of 'amount' looks a number of rows back, however far that is", daily.lag("amount", { into: "before", order: "at" })],
  [
    "a window without a range of time looks back however far that is",
    daily.window({ order: "at", rows: 3, columns: () => ({ n: count() }) }),
  ],
  ["aggregate makes a row of the rows of several of them", daily.aggregate({ by: "place", columns: (e) => ({ m: mean(e.amount) }) })],
  [
    "aggregate makes a row of the rows of several of them",
    daily.derive((e) => ({ month: e.at.truncate("month") })).aggregate({ by: "month", columns: () => ({ n: count() }) }),
  ],
  ["'id' can be unique only among the rows of all of them", daily.check({ id: { unique: true } })],
  ["reads events again as a whole", daily.join(events, { on: "id", columns: ["place"] })],
  ["no column of it says which part a row belongs to", daily.drop("at")],
  ["no column of it says which part a row belongs to", daily.derive((e) => ({ at: e.at.plus("1 day") }))],
  [
    "its windows reach 93600 seconds back",
    daily
      .window({ order: "at", range: "1 day", columns: () => ({ n: count() }) })
      .window({ order: "at", range: "2 hours", columns: () => ({ m: count() }) }),
  ],
  ["'place' of events is text", table("odd", source("ops").table("open")).parts({ by: "day", column: "place" })],
  ["events has no column 'att' to tell it by", table("odd", source("ops").table("open")).parts({ by: "day", column: "att" })],
])("not in parts: %s", (what, made) => {
  expect(problemsOf(made).map((said) => said.replace("open", "events"))).toEqual([
    `${made.node.name} is made a day at a time, and ${what}`,
  ]);
});

test("the column that tells the part is followed through its names, and to what is refused", () => {
  const { node } = daily
    .derive((e) => ({ day: e.at.truncate("day") }))
    .check({ amount: { between: [0, 1] } })
    .select("id", "day");
  expect(node.parts && [partColumn(node, node.parts), refusedColumn(node, node.parts)]).toEqual(["day", "at"]);
});

test("parts are said before the operations, and look back by whole days", () => {
  expect(() => daily.drop("id").parts({ by: "day", column: "at" })).toThrow("put .parts({ ... }) before the operations");
  expect(() => Reflect.apply(daily.parts, daily, [{ by: "day", column: "at", lookback: "90 minutes" }])).toThrow("no whole number of days");
});
