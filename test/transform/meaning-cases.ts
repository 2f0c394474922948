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
import type { Columns } from "../../src/define/column.ts";
import type { Expression, Row } from "../../src/define/expression-types.ts";
import { greatest, least, literal, row as rowOf, when } from "../../src/define/expression.ts";
import type { Readable } from "../../src/define/source.ts";
import { table } from "../../src/define/table.ts";
import { given, type Given } from "./support.ts";

type Cell = string | number | boolean | null;

/** What a table must mean on every engine; what it gives stands in meaning/NAME.txt. */
export interface Case {
  readonly what: string;
  readonly inputs: readonly Given<Columns, string>[];
  readonly target: Readable<Columns>;
}

/** Expressions over rows with these columns, and a number before them. */
function derived<const C extends Columns>(
  what: string,
  columns: C,
  rows: readonly (readonly Cell[])[],
  expressions: (row: Row<C>) => { readonly [name: string]: Expression },
): Case {
  const all: Columns = { ...columns, number: "integer" };
  const values = Object.entries(expressions(rowOf<C>()));
  const input = given(
    "t",
    all,
    rows.map((row, index) => [...row, index + 1]),
  );
  const target = table("result", input.table)
    .derive(() => Object.fromEntries(values.map(([name, value]) => [`r ${name}`, value])))
    .select("number", ...values.map(([name]) => `r ${name}`));
  return { what, inputs: [input], target };
}

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
const texts = given("t", { id: "integer", s: "text", n: "text", day: "text", at: "text", yes: "text" }, [
  [1, "12", "1.5", "2013-03-10", "2013-03-10 01:02:03", "true"],
  [2, " 12 ", " -1e3 ", " 2012-02-29 ", " 2013-03-10T01:02:03Z ", " YES "],
  [3, "1.5", ".5", "2013-02-29", "2013-03-10T01:02:03.123456789+05:30", "0"],
  [4, "2147483648", "1e999", "2013-3-1", "2013-03-10 01:02:03-0800", "on"],
  [5, "-2147483648", "1e-400", "today", "2013-03-10", "T"],
  [6, "99999999999999999999", "NaN", "2013-03-10 10:00:00", "2013-03-10 24:00:00", ""],
  [7, "+7", "1d", "0000-01-01", "2013-03-10 23:59:60", "no"],
  [8, "1_000", "1_000", "infinity", "2013-03-10 01:02", "f"],
  [9, "", "", "", "", "2"],
  [10, "0x1F", "Infinity", "2013", "epoch", null],
  [11, null, null, null, null, "true "],
  [12, "12\n", "1.", "2100-02-29", "2013-03-10 01:02:03 UTC", "tru"],
  [13, "9223372036854775807", "12345678.905", "2400-02-29", "2013-03-10 01:02:03.1", "y"],
  [14, "\t1", "1,5", "9999-12-31", "1969-12-31T23:59:59.9999999+00", "n"],
]);

const list: Readonly<Record<string, Case>> = {
  integers: derived(
    "sums, differences and products of integers stay whole, quotients are doubles, a divisor of 0 gives null",
    { a: "integer", b: "integer", c: "bigint" },
    [
      [7, 2, "9007199254740993"],
      [-7, 2, "-9007199254740993"],
      [7, 0, null],
      [null, 3, "1"],
    ],
    (r) => ({
      a: r.a.plus(r.b),
      b: r.c.minus(r.a),
      c: r.a.times(r.c),
      d: r.a.dividedBy(r.b),
      e: r.a.modulo(r.b),
      f: r.a.modulo(3),
      g: r.a.dividedBy(2),
      h: r.a.absolute(),
      i: r.a.times(-1).minus(-1),
    }),
  ),
  doubles: derived(
    "doubles: half rounds away from zero, what has no result is null",
    { x: "double", y: "double", i: "integer" },
    [
      [2.5, 2, 5],
      [-2.5, 0.5, -5],
      [0.49999999999999994, -1, 15],
      [1.005, 0, 25],
      [0, -1, -15],
      [4503599627370497, 3, 0],
      [-0.5, null, 4],
      [null, 1, null],
    ],
    (r) => ({
      a: r.x.round(),
      b: r.x.round(2),
      c: r.x.floor(),
      d: r.x.ceiling(),
      e: r.x.modulo(2),
      f: r.x.power(2),
      g: r.x.power(r.y),
      h: r.x.logarithm(),
      i: r.x.squareRoot(),
      j: r.x.dividedBy(r.y),
      k: r.x.round(-1),
      l: r.i.round(-1),
      m: r.i.power(-1),
      n: r.i.squareRoot(),
      o: r.x.power(0.5),
      p: r.x.modulo(r.y),
    }),
  ),
  "not-a-number": derived(
    "NaN is a number like others: equal to itself, above all others; infinities are the ends",
    { x: "double", y: "double" },
    [
      ["NaN", "NaN"],
      ["NaN", 1],
      [1, "NaN"],
      ["Infinity", "NaN"],
      ["NaN", null],
      ["-Infinity", "Infinity"],
      ["Infinity", "Infinity"],
      [null, "NaN"],
    ],
    (r) => ({
      a: r.x.equals(r.y),
      b: r.x.notEquals(r.y),
      c: r.x.greaterThan(r.y),
      d: r.x.lessThan(r.y),
      e: r.x.atLeast(r.y),
      f: r.x.atMost(r.y),
      g: r.x.greaterThan(5),
      h: r.x.equals(1),
      i: r.x.lessThan(5),
      j: least(r.x, r.y),
      k: greatest(r.x, r.y),
      l: r.x.isNull(),
      m: r.x.round(2),
      n: r.x.floor(),
      o: r.x.convert("integer"),
      p: r.x.convert("decimal(10,2)"),
      q: r.x.convert("boolean"),
      s: r.x.logarithm(),
      t: r.x.orElse(0),
      u: r.x.oneOf([1, 2]),
    }),
  ),
  logic: derived(
    "three-valued logic, and comparisons with null",
    { p: "boolean", q: "boolean", n: "integer" },
    [true, false, null].flatMap((p) => [true, false, null].map((q) => [p, q, p === q ? 1 : null])),
    (r) => ({
      a: r.p.and(r.q),
      b: r.p.or(r.q),
      c: r.p.not(),
      d: r.p.equals(r.q),
      e: r.n.oneOf([1, 2]),
      f: r.n.equals(1).or(r.p),
      g: r.p.isNull(),
      h: r.n.between(1, 2),
      i: when(r.p).then(1).otherwise(null),
      j: when(r.p).then(1).when(r.q).then(0.5).otherwise(2),
    }),
  ),
  text: derived(
    "text: characters counted from 1, spaces only trimmed, null joined is null",
    { s: "text", n: "integer" },
    [
      [" Ab ", 1],
      ["Zürich 東京 🛫", 2],
      ["\tx\n", 3],
      ["", 4],
      ['it\'s \\ "q" %_', null],
      [null, 5],
      ["N1N2", 6],
    ],
    (r) => ({
      a: r.s.trim().upper(),
      b: r.s.lower(),
      c: r.s.concat("-", r.n),
      d: r.s.substring(2),
      e: r.s.substring(1, 2),
      f: r.s.substring(0, 2),
      g: r.s.substring(-1, 4),
      h: r.s.substring(3, 0),
      i: r.s.substring(8, 9),
      j: r.s.length(),
      k: r.s.contains("N1"),
      l: r.s.startsWith("N"),
      m: r.s.replace("N", "it's \\"),
      n: r.s.replace("", "x"),
      o: r.s.contains(""),
      p: r.s.startsWith(""),
      q: r.s.lessThan("Z"),
      u: r.s.trim().length(),
      v: r.s.equals('it\'s \\ "q" %_'),
      w: r.s.contains("\\"),
    }),
  ),
  patterns: derived(
    "regular expressions: ASCII classes, a dot is all but a line feed, the end is the end",
    { s: "text" },
    [["UA1545"], ["ua 15\n"], ["x-٣é_9"], ["a\nb"], [""], [null], ["AAB AB"], ["a.b[c]"]],
    (r) => ({
      a: r.s.matches("^[A-Z]{2}\\d+$"),
      b: r.s.matches("\\d$"),
      c: r.s.matches("a.b"),
      d: r.s.matches("(?i)ua"),
      e: r.s.extract("([A-Z]+)([0-9]+)", 2),
      f: r.s.extract("\\w+"),
      g: r.s.extract("[^\\s]+"),
      h: r.s.matches("\\bAB\\b"),
      i: r.s.extract("x?"),
      j: r.s.matches("\\.b\\[c\\]"),
      k: r.s.matches("^$|^a"),
      l: r.s.extract("(AA|B)+", 1),
      m: r.s.extract("\\d{2,3}"),
      n: r.s.matches("\\D\\W"),
      o: r.s.matches("é"),
      p: r.s.extract("(.*) (.*)", 1),
    }),
  ),
  times: derived(
    "dates and instants: parts, beginnings, differences, in UTC without daylight saving",
    { at: "timestamp", other: "timestamp", day: "date" },
    [
      ["2013-03-10 07:03:00.123456", "2013-03-10 09:03:00", "2013-03-10"],
      ["2012-12-31 23:59:59.999999", "2012-02-29 00:00:00", "2012-12-31"],
      ["1969-12-31 23:59:59.5", "1970-01-01 00:00:00", "1969-12-29"],
      ["2012-01-01 02:30:00", null, "2012-01-01"],
      [null, "2013-03-10 02:30:00", null],
      ["1900-03-01 00:00:00.000001", "1900-02-28 23:59:59.999999", "1900-03-01"],
    ],
    (r) => ({
      a: r.at.year(),
      b: r.at.month(),
      c: r.at.dayOfMonth(),
      d: r.at.dayOfWeek(),
      e: r.at.dayOfYear(),
      f: r.at.hour(),
      g: r.at.minute(),
      h: r.at.truncate("minute"),
      i: r.at.truncate("hour"),
      j: r.at.truncate("day"),
      k: r.at.truncate("week"),
      l: r.at.truncate("month"),
      m: r.at.truncate("year"),
      n: r.at.minutesSince(r.other),
      o: r.at.plus("90 seconds"),
      p: r.at.minus("1 day"),
      q: r.at.convert("date"),
      s: r.day.convert("timestamp"),
      t: r.day.dayOfWeek(),
      u: r.at.greaterThan(r.day),
      v: r.at.minutesSince(r.day),
      w: r.day.equals(literal("2012-12-31", "date")),
      x: r.at.equals(literal("2012-12-31 23:59:59.999999", "timestamp")),
      y: r.day.year(),
      z: r.at.atLeast(new Date("2013-01-01T00:00:00Z")),
    }),
  ),
  "least-and-fallback": derived(
    "least, greatest and orElse pass over null; numbers meet as doubles, dates as instants",
    { i: "integer", b: "bigint", d: "decimal(10,2)", x: "double", day: "date", at: "timestamp", s: "text" },
    [
      [1, "2", "1.50", 0.5, "2013-03-10", "2013-03-10 01:00:00", "a"],
      [null, "2", null, null, "2013-03-10", null, null],
      [null, null, null, null, null, null, null],
      [3, null, "-1.00", 3, null, "2013-03-10 01:00:00", "B"],
    ],
    (r) => ({
      a: least(r.i, r.i.plus(1)),
      b: greatest(r.x, r.x.times(2)),
      c: r.i.orElse(7),
      d: r.d.orElse(0),
      e: r.x.orElse(r.i),
      f: r.s.orElse("none"),
      g: when(r.i.isNull()).then(r.d).otherwise(r.b),
      h: r.d.plus(1),
      i: r.d.equals(1.5),
      j: r.day.orElse(literal("2000-01-01", "date")),
      k: r.at.orElse(r.day),
      l: r.b.greaterThan(r.x),
      m: r.d.lessThan(r.i),
      n: greatest(r.s, r.s.upper()),
    }),
  ),
  "convert-text": derived(
    "text is read in one spelling: whole numbers, numbers, days that exist, instants with an offset or in UTC",
    { s: "text", n: "text", day: "text", at: "text", yes: "text" },
    texts.rows.map(([, ...row]) => row),
    (r) => ({
      a: r.s.convert("integer"),
      b: r.s.convert("bigint"),
      c: r.n.convert("double"),
      d: r.n.convert("decimal(10,2)"),
      e: r.day.convert("date"),
      f: r.at.convert("timestamp"),
      g: r.yes.convert("boolean"),
    }),
  ),
  "convert-numbers": derived(
    "numbers into narrower types: fractions and what is too large are null, digits round half away from zero",
    { x: "double", b: "bigint", d: "decimal(13,3)", p: "boolean" },
    [
      [1, "1", "1.005", true],
      [1.5, "2147483648", "-1.005", false],
      [-2147483648, "-2147483649", "2147483648.000", null],
      [1e300, "9223372036854775807", "999999999.999", null],
      [9223372036854775808, "0", "0.000", null],
      [1.005, null, null, null],
      [null, "-5", "7.000", null],
      [0, "12", "0.005", null],
    ],
    (r) => ({
      a: r.x.convert("integer"),
      b: r.x.convert("bigint"),
      c: r.x.convert("decimal(10,2)"),
      d: r.b.convert("integer"),
      e: r.b.convert("decimal(5,2)"),
      f: r.b.convert("double"),
      g: r.d.convert("integer"),
      h: r.d.convert("decimal(6,2)"),
      i: r.d.convert("double"),
      j: r.d.convert("bigint"),
      k: r.p.convert("integer"),
      l: r.b.convert("boolean"),
      m: r.p.convert("double"),
      n: r.x.convert("boolean"),
    }),
  ),
  "convert-to-text": derived(
    "numbers and times as text",
    { x: "double", b: "bigint", d: "decimal(12,3)", p: "boolean", day: "date", at: "timestamp" },
    [
      [1, "1", "1.005", true, "2013-03-10", "2013-03-10 07:03:00.123456"],
      [0.1, "-5", "-0.500", false, "1969-12-31", "2013-03-10 07:03:00.5"],
      [12345678.25, null, null, null, null, "2013-03-10 00:00:00"],
      [1e15, "9223372036854775807", "0.000", null, null, null],
      [1e16, null, null, null, null, "2013-03-10 10:10:10.000001"],
      [1.5e-5, null, null, null, null, null],
      [0.00012345, null, null, null, null, null],
      [-1e20, null, null, null, null, null],
      ["NaN", null, null, null, null, null],
      ["-Infinity", null, null, null, null, null],
      [0.001, null, null, null, null, null],
      [-123456789.125, null, null, null, null, null],
      [2.5e-10, null, null, null, null, null],
      [0, null, null, null, null, null],
      [1.7976931348623157e308, null, null, null, null, null],
    ],
    (r) => ({
      a: r.x.convert("text"),
      b: r.b.convert("text"),
      c: r.d.convert("text"),
      d: r.p.convert("text"),
      e: r.day.convert("text"),
      f: r.at.convert("text"),
    }),
  ),
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

export const cases: Readonly<Record<string, Case>> = list;
