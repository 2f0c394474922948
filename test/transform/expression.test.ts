import { expect, test } from "vitest";
import type { Columns } from "../../src/define/column.ts";
import type { Expression, Row } from "../../src/define/expression-types.ts";
import { greatest, least, literal, when } from "../../src/define/expression.ts";
import { table } from "../../src/define/table.ts";
import { evaluate, given } from "./support.ts";

const types = {
  i: "integer",
  j: "integer",
  b: "bigint",
  d: "double",
  m: "decimal(10,2)",
  t: "text",
  u: "text",
  p: "boolean",
  q: "boolean",
  day: "date",
  at: "timestamp",
  before: "timestamp",
} satisfies Columns;
const input = given("t", types, [
  [7, 2, 7000000000, -2.5, 1.25, " Ab ", "UA1545", true, null, "2013-03-10", "2013-03-10 23:59:30", "2013-03-10 22:00:00"],
]);
const nothing = given("t", types, [[null, 0, null, null, null, null, null, null, false, null, null, null]]);

/** What expressions give for the one row, in the order of their names. */
async function values(columns: (row: Row<typeof types>) => { readonly [name: string]: Expression }, from = input): Promise<unknown> {
  const built = table("e", from.table).derive((row) =>
    Object.fromEntries(Object.entries(columns(row)).map(([name, value]) => [`result ${name}`, value])),
  );
  const { rows } = await evaluate(built, [from]);
  return rows[0]?.slice(Object.keys(types).length);
}

test("arithmetic: integers stay integers but for quotients, a divisor of 0 gives null, rounding is half away from zero", async () => {
  expect(
    await values((r) => ({
      a: r.i.plus(1),
      b: r.i.times(r.b),
      c: r.i.dividedBy(2),
      d: r.i.modulo(4),
      e: r.i.minus(0.5),
      f: r.d.absolute(),
      g: r.d.round(),
      h: r.d.floor(),
      k: r.d.ceiling(),
      l: r.i.power(2),
      m: r.m.plus(1),
    })),
  ).toEqual([8, 49000000000, 3.5, 3, 6.5, 2.5, -3, -3, -2, 49, 2.25]);
  expect(
    await values(
      (r) => ({ a: r.j.dividedBy(r.j), b: r.j.modulo(r.j), c: r.j.logarithm(), d: r.j.minus(1).squareRoot(), e: r.i.plus(1) }),
      nothing,
    ),
  ).toEqual([null, null, null, null, null]);
});

test("operators inside operators are computed as they were called", async () => {
  expect(
    await values((r) => ({
      a: r.i.plus(1).times(2),
      b: r.i.minus(r.j.minus(1)),
      c: r.p.or(r.p).and(r.i.equals(0)),
      d: r.p.and(r.i.equals(0)).not(),
      e: r.i.times(-1).minus(-1),
    })),
  ).toEqual([16, 6, false, true, -6]);
});

test("comparisons and three-valued logic", async () => {
  expect(
    await values((r) => ({
      a: r.i.greaterThan(7),
      b: r.i.atLeast(7),
      c: r.i.lessThan(r.d),
      d: r.t.notEquals("x"),
      e: r.i.between(1, 7),
      f: r.u.oneOf(["x", "UA1545"]),
      g: r.p.and(r.q),
      h: r.p.or(r.q),
      k: r.q.isNull(),
      l: r.q.isNotNull(),
    })),
  ).toEqual([false, true, false, true, true, true, null, true, true, false]);
  expect(await values((r) => ({ a: r.i.equals(1), b: r.q.and(r.p), c: r.i.oneOf([1]), d: r.i.orElse(3), e: r.p.not() }), nothing)).toEqual([
    null,
    false,
    null,
    3,
    null,
  ]);
});

test("text", async () => {
  expect(
    await values((r) => ({
      a: r.t.trim().upper(),
      b: r.t.lower(),
      c: r.u.concat("-", r.i),
      d: r.u.substring(3),
      e: r.u.substring(1, 2),
      f: r.u.length(),
      g: r.u.extract("([A-Z]+)([0-9]+)", 2),
      h: r.u.extract("x"),
      k: r.u.matches("\\d{4}"),
      l: r.u.contains("15"),
      m: r.u.startsWith("UA"),
      n: r.u.replace("5", "'"),
    })),
  ).toEqual(["AB", " ab ", "UA1545-7", 1545, "UA", 6, 1545, null, true, true, true, "UA1'4'"]);
  expect(await values((r) => ({ a: r.t.concat("x"), b: r.t.length() }), nothing)).toEqual([null, null]);
});

test("dates and times in UTC; Monday is 1 and Sunday 7", async () => {
  expect(
    await values((r) => ({
      a: r.at.year(),
      b: r.day.month(),
      c: r.at.dayOfMonth(),
      d: r.day.dayOfWeek(),
      e: r.at.dayOfYear(),
      f: r.at.hour(),
      g: r.at.minute(),
      h: r.at.truncate("hour"),
      k: r.at.truncate("week"),
      l: r.at.minutesSince(r.before),
      m: r.before.minutesSince(r.at),
      n: r.at.plus("30 seconds"),
      o: r.at.minus("1 day"),
      p: r.at.minutesSince(r.day),
    })),
  ).toEqual([
    2013,
    3,
    10,
    7,
    69,
    23,
    59,
    "2013-03-10 23:00:00",
    "2013-03-04 00:00:00",
    119.5,
    -119.5,
    "2013-03-11 00:00:00",
    "2013-03-09 23:59:30",
    1439.5,
  ]);
  expect(
    await values((r) => ({
      a: r.at.greaterThan(new Date("2013-03-10T23:59:29Z")),
      b: r.at.equals(literal("2013-03-10T23:59:30Z", "timestamp")),
      c: r.day.lessThan(literal("2013-03-11", "date")),
    })),
  ).toEqual([true, true, true]);
});

test("cases, conversions, least and greatest", async () => {
  expect(
    await values((r) => ({
      a: when(r.i.greaterThan(10)).then("high").when(r.i.greaterThan(5)).then("middle").otherwise("low"),
      b: when(r.q).then(1).otherwise(null),
      c: when(r.p).then(1).otherwise(0.5),
      d: r.u.convert("integer"),
      e: r.i.convert("text"),
      f: least(r.i, r.j),
      g: greatest(r.i, r.j),
      h: r.at.convert("date"),
    })),
  ).toEqual(["middle", null, 1, null, 7, 2, 7, "2013-03-10"]);
  expect(await values((r) => ({ a: least(r.i, r.j), b: greatest(r.i, r.j) }), nothing)).toEqual([0, 0]);
});
