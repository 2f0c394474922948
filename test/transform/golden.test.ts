import { expect, test } from "vitest";
import { count, countDistinct, countWhere, mean, median, share, sum } from "../../src/define/aggregate.ts";
import type { Columns } from "../../src/define/column.ts";
import { when } from "../../src/define/expression.ts";
import type { Readable } from "../../src/define/source.ts";
import { table } from "../../src/define/table.ts";
import type { Fitted } from "../../src/lake/note.ts";
import { given, printed } from "./support.ts";

const flights = given(
  "flights",
  { id: "bigint", carrier: "text", origin: "text", tailnum: "text", at: "timestamp", hour: "text", delay: "double", distance: "integer" },
  [],
);
const planes = given("planes", { tailnum: "text", year: "integer" }, []);
const weather = given("weather", { origin: "text", time: "timestamp", temp: "double" }, []);
const events = given("events", { airport: "text", time: "timestamp", until: "timestamp", delay: "double" }, []);
const begin = () => table("result", flights.table);

const cases: Readonly<Record<string, Readable<Columns>>> = {
  dedupe: begin().dedupe("id", { newest: "at" }),
  fill: begin().fill({
    carrier: { constant: "it's \\ none" },
    delay: "mean",
    distance: "median",
    origin: "mode",
    tailnum: { forward: { by: "carrier", order: "at" } },
  }),
  convert: begin().convert({ hour: "timestamp", distance: "double", delay: "integer", id: "text", at: "date" }),
  rename: begin().rename({ at: "scheduled" }),
  select: begin().select("delay", "id"),
  drop: begin().drop("hour", "tailnum"),
  derive: begin().derive((f) => ({
    late: f.delay.greaterThan(15),
    code: f.carrier.concat(f.id),
    per: f.delay.dividedBy(f.distance),
    day: f.at.dayOfWeek(),
    start: f.at.minus("1 hour").truncate("day"),
    band: when(f.distance.lessThan(500)).then("short").otherwise("long"),
    old: f.at.minutesSince(new Date("2013-01-01T00:00:00Z")),
  })),
  filter: begin().filter((f) => f.delay.isNotNull().and(f.carrier.oneOf(["UA", "AA"]).or(f.tailnum.matches("^N\\d")))),
  normalise: begin().normalise({ delay: "zscore", distance: "minmax", id: "log" }),
  onehot: begin().onehot({ carrier: ["AA", "UA"] }),
  bucket: begin()
    .bucket("distance", { into: "band", edges: [500, 1000] })
    .bucket("delay", { into: "third", quantiles: 3 }),
  lag: begin().lag("delay", { into: "last_delay", by: "tailnum", order: "at" }),
  window: begin().window({
    by: "origin",
    order: "at",
    range: "2 hours",
    excludeCurrent: true,
    columns: (f) => ({ recent: mean(f.delay), middle: median(f.delay), carriers: countDistinct(f.carrier) }),
  }),
  join: begin().join(planes.table, { on: "tailnum", columns: { year: "built" } }),
  "join-as-of": begin().join(weather.table, {
    on: "origin",
    asOf: { left: "at", right: "time", lag: "1 hour", tolerance: "3 hours" },
    columns: ["temp"],
  }),
  lookback: begin().lookback(events.table, {
    by: { origin: "airport" },
    at: "at",
    time: "time",
    range: "2 hours",
    columns: (e) => ({ recent: mean(e.delay), left: count() }),
  }),
  "lookback-open": begin().lookback(events.table, {
    by: { origin: "airport" },
    at: "at",
    time: "time",
    until: "until",
    range: "6 hours",
    columns: (e) => ({ open: count(), slow: countWhere(e.delay.greaterThan(15)) }),
  }),
  aggregate: begin().aggregate({
    by: ["carrier", "origin"],
    columns: (f) => ({ flights: count(), late: share(f.delay.greaterThan(15)), middle: median(f.delay), miles: sum(f.distance) }),
  }),
  check: begin().check({
    distance: { between: [1, 12_000] },
    carrier: { notNull: true, oneOf: ["AA", "UA"] },
    id: { unique: true },
    tailnum: { matches: "^N" },
  }),
};

/** What the data would have given. */
const fitted: Readonly<Record<string, Fitted>> = {
  fill: { "0.delay.mean": -1.5, "0.distance.median": 10, "0.origin.mode": "EWR" },
  normalise: { "0.delay.mean": 5, "0.delay.deviation": 2.5, "0.distance.min": 100, "0.distance.max": 300 },
  bucket: { "1.delay.quantile 1/3": -2, "1.delay.quantile 2/3": 7.5 },
};

test.each(Object.entries(cases))("%s reads in every dialect as it did", async (name, target) => {
  await expect(printed(target, [flights, planes, weather, events], fitted[name])).toMatchFileSnapshot(`golden/${name}.sql`);
});
