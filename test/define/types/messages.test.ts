import { beforeAll, expect, test } from "vitest";
import { compilerMessages } from "./compiler.ts";

// Each line of a made-up platform file, and the words that the compiler must say about it; null: it must compile.
// They are compiled together, because the compiler takes seconds to start.
const lines: readonly (readonly [code: string, says: string | null])[] = [
  [`clean.dedupe("id", { newest: "at" }).fill({ air: "median", carrier: { constant: "none" } }).convert({ hour: "timestamp" })`, null],
  [`clean.dedupe("idd")`, `'"idd"' is not assignable to parameter of type 'OneOrMore<"flights_clean has no column 'idd'">'`],
  [`clean.dedupe("id", { newest: "att" })`, `"flights_clean has no column 'att'"`],
  [`clean.select("id", "nope")`, `"flights_clean has no column 'nope'"`],
  [`clean.drop("nope")`, `"flights_clean has no column 'nope'"`],
  [`clean.fill({ tailnumber: "median" })`, `'tailnumber' does not exist in type`],
  [`clean.fill({ air: "median", tailnumber: "median" })`, `"flights_clean has no column 'tailnumber'"`],
  [`clean.fill({ carrier: "median" })`, `'carrier' is text: it has no mean and no median`],
  [`clean.fill({ air: { constant: "x" } })`, `Type 'string' is not assignable to type 'number | bigint'`],
  [`clean.derive((f) => ({ x: f.carrrier.upper() }))`, `Did you mean 'carrier'?`],
  [`clean.derive((f) => ({ x: f.carrier.plus(1) }))`, `Property 'plus' does not exist on type 'TextExpression'`],
  [`clean.derive((f) => ({ x: f.air.hour() }))`, `Property 'hour' does not exist on type 'NumberExpression<"double">'`],
  [`clean.derive((f) => ({ x: f.at.plus("2 fortnights") }))`, `'"2 fortnights"' is not assignable to parameter of type`],
  [`clean.filter((f) => f.carrier)`, `Type '"text"' is not assignable to type '"boolean"'`],
  [`clean.filter((f) => f.carrier.equals(1))`, `'number' is not assignable to parameter of type 'Operand<"text">'`],
  [`clean.normalise({ carrier: "zscore" })`, `'carrier' is text: only numbers are normalised`],
  [`clean.bucket("carrier", { into: "b", edges: [1] })`, `'carrier' is text, but a number is needed`],
  [`clean.window({ order: "air", range: "2 hours", columns: () => ({ n: count() }) })`, `'air' is double, but a timestamp is needed`],
  [`clean.join(planes, "tail")`, `"planes has no column 'tail'"`],
  [`clean.join(planes, { on: { tail: "x" } })`, `"planes has no column 'x'"`],
  [`clean.join(planes, { on: "tail", asOf: { left: "at", right: "year" } })`, `'year' is integer, but a timestamp is needed`],
  [
    `clean.lookback(events, { by: { origin: "airport" }, at: "at", time: "tim", columns: () => ({ n: count() }) })`,
    `"events has no column 'tim'"`,
  ],
  [
    `clean.lookback(events, { by: { origin: "airport" }, at: "at", time: "time", columns: (e) => ({ n: mean(e.airport) }) })`,
    `Type '"text"' is not assignable to type 'Numeric'`,
  ],
  [`clean.aggregate({ by: "carier", columns: () => ({ n: count() }) })`, `"flights_clean has no column 'carier'"`],
  [`clean.aggregate({ columns: (f) => ({ n: f.air }) })`, `Type '"one row"' is not assignable to type '"many rows"'`],
  [`clean.derive((f) => ({ n: mean(f.air) }))`, `Type '"many rows"' is not assignable to type '"one row"'`],
  [`clean.check({ air: { between: ["a", "b"] } })`, `Type 'string' is not assignable to type 'number | bigint'`],
  [`clean.select("id").derive((f) => ({ x: f.air }))`, `Property 'air' does not exist on type`],
  [`lone.join(lone, "tail").join(clean, { on: "tail", columns: ["air"] }).filter((f) => f.air.atLeast(0))`, null],
  [
    `lone.join(planes, { on: { tail: "tailnum" } }).lookback(clean, { by: "tail", at: "tail", time: "at", columns: () => ({ n: count() }) })`,
    `'tail' is text, but a timestamp is needed`,
  ],
  [`lone.join(clean, "tial")`, `"lone has no column 'tial'"`],
  [
    `lone.dedupe("tail").aggregate({ by: "tail", columns: () => ({ n: count() }) }).select("tail", "n").drop("tail").bucket("n", { into: "size", quantiles: 4 })`,
    null,
  ],
  [`source("ops").table("x", { key: ["id", "day"], cursor: "day", columns: { id: "bigint", day: "date" } })`, null],
  [`source("ops").table("x", { key: ["id", "dya"], columns: { id: "bigint", day: "date" } })`, `"x has no column 'dya'"`],
  [
    `source("ops").table("x", { key: "id", cursor: "dya", columns: { id: "bigint", day: "date" } })`,
    `'"dya"' is not assignable to type '"x has no column 'dya'"'`,
  ],
  [`source("gates").table("y", { key: "tiem", pattern: "{time:timestamp} {airport}" })`, `"y has no column 'tiem'"`],
  [`clean.rename({ air: "minutes" }).drop("minutes").select("id", "at")`, null],
  [
    `clean.aggregate({ by: ["carrier", "origin"], columns: (f) => ({ n: count(), late: share(f.air.greaterThan(15)) }) }).filter((g) => g.late.greaterThan(0.5).and(g.n.atLeast(10)))`,
    null,
  ],
  [`clean.join(planes, { on: { tail: "tailnum" }, columns: { year: "built" } }).filter((f) => f.built.atLeast(2000))`, null],
  [`clean.onehot({ carrier: ["AA", "UA"] }).filter((f) => f.carrier_AA)`, null],
  [
    `clean.lookback(events, { by: { origin: "airport" }, at: "at", time: "time", range: "2 hours", columns: (e) => ({ recent: mean(e.delay), n: count() }) }).filter((f) => f.recent.plus(f.n).greaterThan(1))`,
    null,
  ],
  [`clean.derive((f) => ({ band: when(f.air.lessThan(60)).then("short").otherwise("long") })).filter((f) => f.band.startsWith("s"))`, null],
  [`logs.filter((e) => e.time.hour().equals(5).and(e.airport.equals("EWR")))`, null],
  [`table("open", unknown).dedupe("anything").filter((r) => r["x"]!.equals(1).and(r["y"]!.hour().atLeast(5)))`, null],
  [
    `clean.derive((f) => ({ code: f.carrier.concat(f.id), n: f.id.plus(1), q: f.id.dividedBy(2) })).fill({ n: "mean", code: "mode" })`,
    null,
  ],
  [
    `const load: Readable<{ id: "bigint"; n: "integer" }, "ops"> = table.sql("s", { clean }, { duckdb: "select 1" }, { id: "bigint", n: "integer" }).load()`,
    null,
  ],
  [
    `const sources: Asset<"ops"> = table("both", clean).join(logs, { on: { carrier: "airport" } })`,
    `Type '"gates"' is not assignable to type '"ops"'`,
  ],
];

const preamble = `
import type { Asset } from "SRC/define/asset.ts";
import { count, mean, share } from "SRC/define/aggregate.ts";
import { when } from "SRC/define/expression.ts";
import { source, type Readable } from "SRC/define/source.ts";
import { table } from "SRC/define/table.ts";
const flights = source("ops").table("flights", { columns: { id: "bigint", carrier: "text", origin: "text", tail: "text", at: "timestamp", hour: "text", air: "double" } });
const planes = source("ops").table("planes", { columns: { tailnum: "text", year: "integer" } });
const events = source("ops").table("events", { columns: { airport: "text", time: "timestamp", delay: "double" } });
const logs = table("logs", source("gates").table("log", { pattern: "{time:timestamp} {airport} {event}" }));
const unknown = source("ops").table("unknown");
const clean = table("flights_clean", flights);
const lone = table("lone", clean.select("tail"));
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
