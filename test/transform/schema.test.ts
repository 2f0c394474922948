import { expect, test } from "vitest";
import { count, mean, sum } from "../../src/define/aggregate.ts";
import type { Columns } from "../../src/define/column.ts";
import { source } from "../../src/define/source.ts";
import { table } from "../../src/define/table.ts";
import { outputColumns } from "../../src/transform/schema.ts";

// Declared loosely, so that the type checker lets every mistake pass and the schema pass has to find it.
const loose: Columns = {};
const flights = source("ops").table("flights", { columns: loose });
const planes = source("ops").table("planes", { columns: loose });
const columns = {
  flights: [
    { name: "id", type: "bigint" },
    { name: "carrier", type: "text" },
    { name: "delay", type: "double" },
    { name: "at", type: "timestamp" },
  ],
  planes: [
    { name: "tailnum", type: "text" },
    { name: "carrier", type: "text" },
    { name: "year", type: "integer" },
  ],
} as const;
const columnsOf = (name: string) => (name === "flights" || name === "planes" ? columns[name] : null);
const begin = () => table("clean", flights);
const said = (built: { readonly node: Parameters<typeof outputColumns>[0] }) =>
  outputColumns(built.node, columnsOf).problems.map(({ what }) => what);

test("a column that does not exist is named with the place of the declaration and the nearest names", () => {
  const clean = begin().dedupe("idd");
  expect(outputColumns(clean.node, columnsOf).problems).toEqual([
    { code: "unknown-column", what: "clean has no column 'idd'", where: clean.node.origin, fix: "use one of: id, at, delay, carrier" },
  ]);
});

test("every operation reports the columns and types that do not fit", () => {
  expect(said(begin().fill({ carrier: "median", nope: "mode", delay: { constant: "x" } }))).toEqual([
    "clean: 'carrier' is text: median needs a number",
    "clean has no column 'nope'",
    "clean: 'delay' is double, and \"x\" is no double",
  ]);
  expect(
    said(
      begin()
        .normalise({ at: "zscore" })
        .bucket("carrier", { into: "b", edges: [1] }),
    ),
  ).toEqual(["clean: 'at' is timestamp: normalise needs a number", "clean: 'carrier' is text: bucket needs a number"]);
  expect(said(begin().derive((f) => ({ x: f["carrier"]!.times(2), y: f["at"]!.upper(), z: f["delay"]!.equals("x") })))).toEqual([
    "clean: 'times' takes a number, and this is text",
    "clean: 'upper' takes text, and this is timestamp",
    "clean: the two sides of 'equals' are of different types: double and text",
  ]);
  expect(said(begin().filter((f) => f["delay"]!.plus(1)))).toEqual(["clean: the condition of filter must be boolean, and this is double"]);
  expect(said(begin().window({ order: "delay", range: "1 hour", columns: (f) => ({ m: mean(f["carrier"]!) }) }))).toEqual([
    "clean: clean.delay must be timestamp, and this is double",
    "clean: 'mean' takes a number, and this is text",
  ]);
  expect(said(begin().check({ delay: { oneOf: ["a"] }, at: { between: ["2013-01-01", "soon"] }, gone: { notNull: true } }))).toEqual([
    "clean: 'delay' is double, and \"a\" is no double",
    "clean: 'at' is timestamp, and \"soon\" is no timestamp",
    "clean has no column 'gone'",
  ]);
  expect(said(begin().aggregate({ by: "carier", columns: (f) => ({ n: sum(f["carrier"]!) }) }))).toEqual([
    "clean has no column 'carier'",
    "clean: 'sum' takes a number, and this is text",
  ]);
});

test("what engines cannot all be told, or never convert, is reported", () => {
  expect(said(begin().filter((f) => f["carrier"]!.matches("(?=A)")))).toEqual([
    "clean: the regular expression (?=A) cannot be told to all engines: of groups that begin with (? only (?:...) is, and (?i) at the very beginning",
  ]);
  expect(said(begin().check({ carrier: { matches: "\\p{L}" } }))).toEqual([
    "clean: the regular expression \\p{L} cannot be told to all engines: \\p does not mean the same on all engines",
  ]);
  expect(said(begin().convert({ at: "integer", delay: "date", id: "boolean", carrier: "timestamp" }))).toEqual([
    "clean: 'at' of type timestamp is never read as integer",
    "clean: 'delay' of type double is never read as date",
  ]);
  expect(said(begin().derive((f) => ({ x: f["delay"]!.convert("timestamp") })))).toEqual([
    "clean: a value of type double is never read as timestamp",
  ]);
});

test("a join reports keys that can never be equal and names that would meet", () => {
  expect(said(begin().join(planes, { on: { id: "tailnum" } }))).toEqual([
    "clean: 'id' is bigint and planes's 'tailnum' is text: they are never equal",
    "clean: join gives two columns called 'carrier'",
  ]);
  expect(said(begin().join(planes, { on: "carrier", columns: ["yeer"] }))).toEqual(["clean: planes has no column 'yeer'"]);
  expect(said(begin().lookback(planes, { by: "carrier", at: "at", time: "year", columns: () => ({ n: count() }) }))).toEqual([
    "clean: planes.year must be timestamp, and this is integer",
  ]);
});

test("operations that name nothing are reported, not printed as SQL that fails", () => {
  expect(said(begin().dedupe([]))).toEqual(["clean: a key is missing"]);
  expect(said(begin().join(planes, { on: [], columns: ["year"] }))).toEqual(["clean: a key is missing"]);
  expect(said(begin().drop("id", "carrier", "delay", "at"))).toEqual(["clean: drop leaves no column"]);
  expect(said(begin().aggregate({ columns: () => ({}) }))).toEqual(["clean: aggregate leaves no column"]);
});

test("one mistake is reported once: what follows from it is not", () => {
  expect(
    said(
      begin()
        .derive((f) => ({ x: f["gone"]!.plus(1) }))
        .derive((f) => ({ y: f["x"]!.times(2) })),
    ),
  ).toEqual(["clean has no column 'gone'"]);
});

test("where the columns of an input are not known, nothing is reported and nothing is known", () => {
  const other = source("ops").table("other", { columns: loose });
  expect(outputColumns(table("clean", other).dedupe("whatever").node, columnsOf)).toEqual({ columns: [], problems: [] });
});

test("types follow the operations", () => {
  const built = begin()
    .derive((f) => ({
      sum: f["id"]!.plus(1),
      ratio: f["id"]!.dividedBy(2),
      late: f["delay"]!.greaterThan(15),
      day: f["at"]!.dayOfWeek(),
      code: f["carrier"]!.concat(f["id"]!),
    }))
    .convert({ delay: "integer" })
    .drop("at");
  expect(Object.fromEntries(outputColumns(built.node, columnsOf).columns.map(({ name, type }) => [name, type]))).toEqual({
    id: "bigint",
    carrier: "text",
    delay: "integer",
    sum: "bigint",
    ratio: "double",
    late: "boolean",
    day: "integer",
    code: "text",
  });
});
