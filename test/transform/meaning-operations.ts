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
import type { Case } from "./meaning-case.ts";
import { texts } from "./meaning-texts.ts";
import { given } from "./support.ts";

const flights = given("flights", { id: "integer", origin: "text", at: "timestamp", delay: "double", carrier: "text", seats: "integer" }, [
  [1, "JFK", "2013-03-10 07:00:00", 10, "UA", 100],
  [2, "JFK", "2013-03-10 08:00:00", 20, "AA", 150],
  [3, "JFK", "2013-03-10 09:00:00", null, "UA", 200],
  [4, "JFK", "2013-03-10 09:00:00", 40, "DL", null],
  [5, "EWR", "2013-03-10 08:30:00.000001", 5, null, 50],
  [6, "EWR", "2013-03-10 06:30:00", 7, "UA", 60],
  [7, null, "2013-03-10 07:00:00", 1, "UA", 70],
  [8, null, "2013-03-10 07:30:00", 2, "AA", 80],
  [9, "JFK", null, 3, "UA", 90],
]);
const weather = given("weather", { place: "text", time: "timestamp", temp: "double", sky: "text" }, [
  ["JFK", "2013-03-10 06:00:00", 1, "a"],
  ["JFK", "2013-03-10 07:00:00", 2, "b"],
  ["JFK", "2013-03-10 07:00:00", 2, "c"],
  ["JFK", "2013-03-10 08:59:59.999999", null, "d"],
  ["JFK", "2013-03-10 09:00:00", 9, "e"],
  ["EWR", "2013-03-10 01:00:00", 5, "f"],
  [null, "2013-03-10 01:00:00", 6, "g"],
  ["JFK", null, 7, "h"],
]);
const visits = given("visits", { place: "text", begun: "timestamp", ended: "timestamp", load: "double" }, [
  ["JFK", "2013-03-10 07:30:00", "2013-03-10 08:30:00", 5],
  ["JFK", "2013-03-10 07:45:00", null, 50],
  ["JFK", "2013-03-10 08:00:00", "2013-03-10 08:00:00", 7],
  ["JFK", "2013-03-10 08:10:00", "2013-03-10 08:05:00", 8],
  ["EWR", "2013-03-10 04:00:00", null, 1],
  [null, "2013-03-10 06:00:00", null, 3],
]);

const numbers = given(
  "t",
  {
    id: "integer",
    by: "text",
    n: "integer",
    b: "bigint",
    x: "double",
    d: "decimal(10,2)",
    yes: "boolean",
    name: "text",
    day: "date",
    at: "timestamp",
  },
  [
    [1, "a", 1, "9007199254740993", 1.5, "0.10", true, "q", "2013-03-10", "2013-03-10 01:00:00"],
    [2, "a", 2, null, null, "0.20", false, "p", "2012-02-29", "2013-03-10 02:00:00.5"],
    [3, "a", null, "1", 4.5, null, null, "q", null, null],
    [4, "b", null, null, null, null, null, null, null, null],
    [5, null, 5, "-5", 2, "99999999.99", true, "é", "1969-12-31", "1969-12-31 23:59:59.999999"],
    [6, "", 5, "-5", 0.1, "-0.05", false, "Z", "2013-03-10", "2013-03-10 01:00:00"],
  ],
);
const odd = given("t", { id: "integer", by: "text", x: "double" }, [
  [1, "a", "NaN"],
  [2, "a", 1],
  [3, "a", "Infinity"],
  [4, "b", "-Infinity"],
  [5, "b", 2],
  [6, "c", "NaN"],
  [7, "c", null],
  [8, "d", null],
]);
/** What operations on tables mean. */
export const operationCases: Readonly<Record<string, Case>> = {
  aggregates: {
    what: "aggregates ignore null; null is a group; of nothing there is a count of 0 and else null",
    inputs: [numbers],
    target: table("result", numbers.table).aggregate({
      by: "by",
      columns: (t) => ({
        rows: count(),
        known: count(t.n),
        names: countDistinct(t.name),
        big: countWhere(t.n.greaterThan(1)),
        part: share(t.yes),
        total: sum(t.n),
        large: sum(t.b),
        exact: sum(t.d),
        average: mean(t.n),
        of_decimal: mean(t.d),
        middle: median(t.n),
        spread: standardDeviation(t.n),
        low: min(t.name),
        high: max(t.name),
        first: min(t.at),
        day: max(t.day),
        none: min(t.yes),
        all: max(t.yes),
        any: some(t.yes),
        each: every(t.yes),
        lowest: min(t.d),
        x: sum(t.x),
        m: median(t.d),
      }),
    }),
  },
  "aggregate-all": {
    what: "without groups there is one row",
    inputs: [numbers],
    target: table("result", numbers.table).aggregate({
      columns: (t) => ({
        rows: count(),
        total: sum(t.n),
        exact: sum(t.d),
        names: countDistinct(t.name),
        middle: median(t.x),
        low: min(t.name),
        bytes: max(t.name),
      }),
    }),
  },
  "aggregate-empty": {
    what: "of an empty table there is one row without groups",
    inputs: [{ ...numbers, rows: [] }],
    target: table("result", numbers.table).aggregate({
      columns: (t) => ({
        rows: count(),
        total: sum(t.n),
        exact: sum(t.d),
        names: countDistinct(t.name),
        middle: median(t.x),
        any: some(t.yes),
        part: share(t.yes),
        spread: standardDeviation(t.x),
        low: min(t.at),
      }),
    }),
  },
  "aggregate-groups-of-none": {
    what: "and no row with groups",
    inputs: [{ ...numbers, rows: [] }],
    target: table("result", numbers.table).aggregate({ by: ["by", "day"], columns: (t) => ({ rows: count(), middle: median(t.x) }) }),
  },
  "aggregate-odd": {
    what: "NaN is the highest value, and makes a mean NaN",
    inputs: [odd],
    target: table("result", odd.table).aggregate({
      by: "by",
      columns: (t) => ({
        high: max(t.x),
        low: min(t.x),
        average: mean(t.x),
        known: count(t.x),
        kinds: countDistinct(t.x),
        middle: median(t.x),
        big: countWhere(t.x.greaterThan(1)),
      }),
    }),
  },
  "aggregate-by-odd": {
    what: "NaN and null are groups",
    inputs: [odd],
    target: table("result", odd.table).aggregate({ by: "x", columns: (t) => ({ rows: count(), ids: sum(t.id) }) }),
  },
  dedupe: {
    what: "the newest row of a key; a null key is a key, null is the oldest, ties are broken by all columns",
    inputs: [numbers],
    target: table("result", numbers.table).dedupe("by", { newest: "at" }),
  },
  "dedupe-ties": {
    what: "of rows alike in the newest column, the highest by all columns, texts by bytes, NaN above all",
    inputs: [odd],
    target: table("result", odd.table).dedupe("by"),
  },
  fill: {
    what: "fills with constants, means, medians, the lowest of the most frequent, and the last known",
    inputs: [numbers],
    target: table("result", numbers.table).fill({
      by: { constant: "it's \\ none" },
      n: "median",
      b: "mode",
      x: "mean",
      d: "mode",
      yes: "mode",
      name: "mode",
      day: { forward: { by: [], order: "id" } },
      at: "mode",
    }),
  },
  "fill-forward": {
    what: "the last known value among the rows of the same key",
    inputs: [flights],
    target: table("result", flights.table).fill({
      delay: { forward: { by: "origin", order: "at" } },
      seats: { forward: { by: "origin", order: "id" } },
      carrier: { forward: { by: [], order: "id" } },
    }),
  },
  "fill-nothing": {
    what: "without any value nothing is filled",
    inputs: [{ ...flights, rows: [[1, null, null, null, null, null]] }],
    target: table("result", flights.table).fill({ delay: "mean", carrier: "mode", seats: "median" }),
  },
  normalise: {
    what: "z-scores, 0 to 1, and logarithms",
    inputs: [flights],
    target: table("result", flights.table).normalise({ delay: "zscore", seats: "minmax", id: "log" }),
  },
  bucket: {
    what: "the edges at or below the value",
    inputs: [numbers],
    target: table("result", numbers.table)
      .bucket("n", { into: "band", edges: [1, 2, 5] })
      .bucket("x", { into: "third", quantiles: 3 })
      .bucket("d", { into: "half", quantiles: 2 }),
  },
  onehot: {
    what: "one column per category, of texts, numbers and doubles",
    inputs: [numbers],
    target: table("result", numbers.table).onehot({ by: ["a", "b", "it's"], n: ["1", "5"], x: ["2.0", "0.1"], yes: ["true"] }),
  },
  convert: {
    what: "rows with what cannot be read are refused, with the reasons",
    inputs: [texts],
    target: table("result", texts.table).convert({ s: "integer", n: "double", day: "date", at: "timestamp", yes: "boolean" }),
  },
  check: {
    what: "rows that break a rule are refused with every reason, their values kept",
    inputs: [numbers],
    target: table("result", numbers.table).check({
      n: { between: [1, 4] },
      by: { notNull: true, matches: "^[ab]" },
      name: { unique: true, oneOf: ["q", "p", "it's"] },
      x: { between: [0, 4] },
      at: { between: ["2013-01-01", "2014-01-01"] },
    }),
  },
  "check-twice": {
    what: "rows that several steps refuse stand together, a column that changed its type in between as text",
    inputs: [texts],
    target: table("result", texts.table)
      .select("id", "n", "at")
      .convert({ n: "double" })
      .convert({ at: "timestamp" })
      .check({ n: { between: [-2, 2] } }),
  },
  "check-odd": {
    what: "NaN lies above every bound",
    inputs: [odd],
    target: table("result", odd.table).check({ x: { between: [0, 10] } }),
  },
  lag: {
    what: "the value some rows before, rows without an order last",
    inputs: [flights],
    target: table("result", flights.table)
      .lag("delay", { into: "last", by: "origin", order: "at" })
      .lag("carrier", { into: "two", by: [], order: "id", rows: 2 }),
  },
  "window-range": {
    what: "a range of time takes both its ends and all rows of the instant",
    inputs: [flights],
    target: table("result", flights.table).window({
      by: "origin",
      order: "at",
      range: "1 hour",
      columns: (f) => ({
        rows: count(),
        known: count(f.delay),
        total: sum(f.seats),
        average: mean(f.delay),
        middle: median(f.delay),
        carriers: countDistinct(f.carrier),
        high: max(f.delay),
        late: countWhere(f.delay.greaterThan(15)),
        part: share(f.delay.greaterThan(15)),
        spread: standardDeviation(f.delay),
      }),
    }),
  },
  "window-range-native": {
    what: "the same by the frames of engines that have no others",
    inputs: [flights],
    target: table("result", flights.table).window({
      by: "origin",
      order: "at",
      range: "1 hour",
      columns: (f) => ({
        rows: count(),
        known: count(f.delay),
        total: sum(f.seats),
        average: mean(f.delay),
        high: max(f.delay),
        late: countWhere(f.delay.greaterThan(15)),
        part: share(f.delay.greaterThan(15)),
        spread: standardDeviation(f.delay),
        any: some(f.delay.greaterThan(15)),
      }),
    }),
  },
  "window-range-before": {
    what: "a range without the instant itself",
    inputs: [flights],
    target: table("result", flights.table).window({
      by: "origin",
      order: "at",
      range: "2 hours",
      excludeCurrent: true,
      columns: (f) => ({ rows: count(), total: sum(f.delay) }),
    }),
  },
  "window-range-before-pairs": {
    what: "and with medians",
    inputs: [flights],
    target: table("result", flights.table).window({
      by: "origin",
      order: "at",
      range: "2 hours",
      excludeCurrent: true,
      columns: (f) => ({ rows: count(), middle: median(f.delay) }),
    }),
  },
  "window-rows": {
    what: "a number of rows, null keys together",
    inputs: [flights],
    target: table("result", flights.table).window({
      by: "origin",
      order: "at",
      rows: 1,
      columns: (f) => ({ rows: count(), total: sum(f.delay), low: min(f.carrier) }),
    }),
  },
  "window-rows-before": {
    what: "the rows before, with medians and distinct values",
    inputs: [flights],
    target: table("result", flights.table).window({
      by: "origin",
      order: "at",
      rows: 2,
      excludeCurrent: true,
      columns: (f) => ({ rows: count(), middle: median(f.delay), carriers: countDistinct(f.carrier) }),
    }),
  },
  "window-all": {
    what: "from the first row on",
    inputs: [flights],
    target: table("result", flights.table).window({
      by: [],
      order: "at",
      columns: (f) => ({ rows: count(), total: sum(f.delay), middle: median(f.delay) }),
    }),
  },
  join: {
    what: "null equals nothing; several matches give several rows",
    inputs: [flights, weather],
    target: table("result", flights.table)
      .select("id", "origin")
      .join(weather.table, { on: { origin: "place" }, columns: { temp: "temp", sky: "sky" } }),
  },
  "join-inner": {
    what: "rows without a match are left out",
    inputs: [flights, weather],
    target: table("result", flights.table)
      .select("id", "origin", "at")
      .join(weather.table, { on: { origin: "place", at: "time" }, how: "inner", columns: { temp: "temp" } }),
  },
  "join-odd": {
    what: "NaN is equal to NaN in a join",
    inputs: [
      odd,
      {
        ...odd,
        table: given("u", { key: "double", word: "text" }, []).table,
        rows: [
          ["NaN", "n"],
          [1, "one"],
          [null, "none"],
        ],
      },
    ],
    target: table("result", odd.table).join(given("u", { key: "double", word: "text" }, []).table, {
      on: { x: "key" },
      columns: { word: "word" },
    }),
  },
  "join-as-of": {
    what: "the newest row at or before; of several at one instant the highest",
    inputs: [flights, weather],
    target: table("result", flights.table)
      .select("id", "origin", "at")
      .join(weather.table, { on: { origin: "place" }, asOf: { left: "at", right: "time" }, columns: { temp: "temp", sky: "sky" } }),
  },
  "join-as-of-late": {
    what: "with a lag and a tolerance, only where there is one",
    inputs: [flights, weather],
    target: table("result", flights.table)
      .select("id", "origin", "at")
      .join(weather.table, {
        on: { origin: "place" },
        how: "inner",
        asOf: { left: "at", right: "time", lag: "1 hour", tolerance: "2 hours" },
        columns: { sky: "sky", time: "seen" },
      }),
  },
  lookback: {
    what: "what came strictly earlier, within a range",
    inputs: [flights, visits],
    target: table("result", flights.table)
      .select("id", "origin", "at")
      .lookback(visits.table, {
        by: { origin: "place" },
        at: "at",
        time: "begun",
        range: "90 minutes",
        columns: (v) => ({ visits: count(), load: sum(v.load), high: max(v.load), heavy: countWhere(v.load.greaterThan(6)) }),
      }),
  },
  "lookback-pairs": {
    what: "with medians and distinct values",
    inputs: [flights, visits],
    target: table("result", flights.table)
      .select("id", "origin", "at")
      .lookback(visits.table, {
        by: { origin: "place" },
        at: "at",
        time: "begun",
        range: "90 minutes",
        columns: (v) => ({ visits: count(), middle: median(v.load), kinds: countDistinct(v.load) }),
      }),
  },
  "lookback-always": {
    what: "all that came earlier, for all places together",
    inputs: [flights, visits],
    target: table("result", flights.table)
      .select("id", "at")
      .lookback(visits.table, { by: {}, at: "at", time: "begun", columns: (v) => ({ visits: count(), load: mean(v.load) }) }),
  },
  "lookback-open": {
    what: "what is still open; what ended before it began never was",
    inputs: [flights, visits],
    target: table("result", flights.table)
      .select("id", "origin", "at")
      .lookback(visits.table, {
        by: { origin: "place" },
        at: "at",
        time: "begun",
        until: "ended",
        range: "2 hours",
        columns: (v) => ({ open: count(), heavy: countWhere(v.load.greaterThan(6)) }),
      }),
  },
  "lookback-open-always": {
    what: "without a limit of time",
    inputs: [flights, visits],
    target: table("result", flights.table)
      .select("id", "origin", "at")
      .lookback(visits.table, { by: { origin: "place" }, at: "at", time: "begun", until: "ended", columns: () => ({ open: count() }) }),
  },
  chain: {
    what: "steps after one another, texts with quotes as names",
    inputs: [flights, weather],
    target: table("result", flights.table)
      .filter((f) => f.delay.isNotNull())
      .rename({ carrier: 'the "carrier"' })
      .dedupe("at", { newest: "delay" })
      .derive((f) => ({ late: f.delay.greaterThan(6), share: f.delay.dividedBy(f.seats) }))
      .select("id", "late", "share", 'the "carrier"', "at")
      .drop("at"),
  },
};
