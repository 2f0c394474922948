import { beforeAll, expect, test } from "vitest";
import { compilerMessages } from "./compiler.ts";

// Layouts and parts, and the words that the compiler must say about each; null: it must compile.
const lines: readonly (readonly [code: string, says: string | null])[] = [
  [
    `clean.layout({ partition: [{ day: "at" }, { bucket: "id", count: 16 }, { truncate: "carrier", width: 2 }, "origin", { year: "on" }], sort: ["at", { column: "id", descending: true }], fileSize: "256 MB" })`,
    null,
  ],
  [`clean.layout({})`, null],
  [`clean.layout({ partition: [] })`, null],
  [`clean.layout({ partition: ["orgin"] })`, `"flights_clean has no column 'orgin'"`],
  [`clean.layout({ partition: ["origin", { day: "att" }] })`, `"flights_clean has no column 'att'"`],
  [`clean.layout({ partition: ["air"] })`, `'air' is double: a partition by its value needs no fractions and no binary`],
  [`clean.layout({ partition: [{ day: "carrier" }] })`, `'carrier' is text: day needs a date or timestamp`],
  [`clean.layout({ partition: [{ hour: "on" }] })`, `'on' is date: hour needs a timestamp`],
  [`clean.layout({ partition: [{ month: "id" }] })`, `'id' is bigint: month needs a date or timestamp`],
  [
    `clean.layout({ partition: [{ bucket: "air", count: 4 }] })`,
    `'air' is double: bucket needs a whole or decimal number, text, date, timestamp or binary`,
  ],
  [`clean.layout({ partition: [{ bucket: "id" }] })`, `Property 'count' is missing`],
  [`clean.layout({ partition: [{ truncate: "at", width: 4 }] })`, `'at' is timestamp: truncate needs a whole or decimal number, or text`],
  [`clean.layout({ partition: [{ week: "at" }] })`, `week`],
  [`clean.layout({ sort: ["att"] })`, `"flights_clean has no column 'att'"`],
  [`clean.layout({ sort: ["at", { column: "idd" }] })`, `"flights_clean has no column 'idd'"`],
  [`clean.layout({ fileSize: "256" })`, `'"256"' is not assignable to type`],
  [`table("open", unknown).layout({ partition: [{ day: "anything" }, "other"], sort: ["x"] })`, null],
  [`clean.layout({ partition: [{ day: "at" }] }).filter((f) => f.carrier.equals("AA")).load()`, null],
  [
    `table.sql("s", { clean }, { duckdb: "select 1" }, { id: "bigint", at: "timestamp" }).layout({ partition: [{ day: "at" }], sort: ["id"] }).load()`,
    null,
  ],
  [
    `table.sql("s", { clean }, { duckdb: "select 1" }, { id: "bigint" }).layout({ partition: [{ day: "id" }] })`,
    `'id' is bigint: day needs a date or timestamp`,
  ],
  [
    `source("ops").table("x", { key: "id", layout: { partition: [{ month: "day" }], sort: ["id"] }, columns: { id: "bigint", day: "date" } })`,
    null,
  ],
  [
    `source("ops").table("x", { layout: { partition: [{ hour: "day" }] }, columns: { id: "bigint", day: "date" } })`,
    `'day' is date: hour needs a timestamp`,
  ],
  [`source("ops").table("x", { layout: { partition: ["dya"] }, columns: { id: "bigint", day: "date" } })`, `"x has no column 'dya'"`],
  [`source("ops").table("y", { layout: { partition: ["dya"] } })`, null],

  [`table("daily", clean).parts({ by: "day", column: "at", lookback: "1 day" }).filter((f) => f.carrier.equals("AA"))`, null],
  [`clean.parts({ by: "month", column: "on" })`, null],
  [`clean.parts({ by: "month", column: "onn" })`, `"flights_clean has no column 'onn'"`],
  [`clean.parts({ by: "month", column: "id" })`, `'id' is bigint, but a date or timestamp is needed`],
  [`clean.parts({ by: "week", column: "at" })`, `'"week"' is not assignable to type '"day" | "month"'`],
  [`clean.parts({ by: "day", column: "at", lookback: "2 hours" })`, `'"2 hours"' is not assignable to type`],
  [`table("open", unknown).parts({ by: "day", column: "anything" })`, null],
];

const preamble = `
import { source } from "SRC/define/source.ts";
import { table } from "SRC/define/table.ts";
const flights = source("ops").table("flights", { columns: { id: "bigint", carrier: "text", origin: "text", at: "timestamp", on: "date", air: "double" } });
const unknown = source("ops").table("unknown");
const clean = table("flights_clean", flights);
`;

let messages: ReadonlyMap<number, string>;
beforeAll(() => {
  messages = compilerMessages(
    preamble,
    lines.map(([code]) => code),
  );
});

test("nothing but the lines themselves is wrong", () => {
  expect([...messages].filter(([line]) => line < 0)).toEqual([]);
});

test.each(lines.map(([code, says], index) => ({ code, says, index })))("$code", ({ says, index }) => {
  if (says === null) expect(messages.get(index)).toBeUndefined();
  else expect(messages.get(index)).toContain(says);
});
