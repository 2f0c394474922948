import { expect, test } from "vitest";
import { count, countWhere, max, mean, sum } from "../../src/define/aggregate.ts";
import { table } from "../../src/define/table.ts";
import { evaluate, given } from "./support.ts";

const flights = given("flights", { id: "integer", tail: "text", origin: "text", at: "timestamp" }, [
  [1, "N1", "EWR", "2013-01-01 10:30:00"],
  [2, "N2", "EWR", "2013-01-01 11:00:00"],
  [3, null, "JFK", "2013-01-01 11:00:00"],
  [4, "N9", "EWR", null],
  [5, "N1", "EWR", "2013-01-01 20:00:00"],
]);

test("a left join keeps rows without a match, an inner join drops them; null matches nothing", async () => {
  const planes = given("planes", { tailnum: "text", year: "integer", seats: "integer" }, [
    ["N1", 1999, 55],
    ["N2", 2004, null],
    [null, 1900, 1],
  ]);
  const left = table("j", flights.table)
    .join(planes.table, { on: { tail: "tailnum" }, columns: { year: "plane_year" } })
    .select("id", "plane_year");
  expect((await evaluate(left, [flights, planes])).rows).toEqual([
    [1, 1999],
    [2, 2004],
    [3, null],
    [4, null],
    [5, 1999],
  ]);
  const inner = table("j", flights.table)
    .join(planes.table, { on: { tail: "tailnum" }, how: "inner" })
    .drop("tail", "origin", "at");
  expect((await evaluate(inner, [flights, planes])).rows).toEqual([
    [1, 1999, 55],
    [2, 2004, null],
    [5, 1999, 55],
  ]);
});

test("several matches give several rows", async () => {
  const notes = given("notes", { tail: "text", note: "text" }, [
    ["N1", "a"],
    ["N1", "b"],
  ]);
  const { rows } = await evaluate(table("j", flights.table).join(notes.table, "tail").select("id", "note"), [flights, notes]);
  expect(rows).toEqual([
    [1, "a"],
    [1, "b"],
    [2, null],
    [3, null],
    [4, null],
    [5, "a"],
    [5, "b"],
  ]);
});

const weather = given("weather", { origin: "text", hour: "timestamp", temp: "double" }, [
  ["EWR", "2013-01-01 09:00:00", 1],
  ["EWR", "2013-01-01 09:30:00", 2],
  ["EWR", "2013-01-01 10:00:00", 3],
  ["EWR", "2013-01-01 09:30:00", 7],
  ["JFK", "2013-01-01 10:00:01", 4],
  ["JFK", "2013-01-01 06:00:00", null],
  ["EWR", null, 9],
]);

test("a join as of an earlier time takes the newest row at or before it, of equal times the highest, and none older than the tolerance", async () => {
  const joined = table("j", flights.table)
    .join(weather.table, { on: "origin", asOf: { left: "at", right: "hour", lag: "1 hour", tolerance: "3 hours" }, columns: ["temp"] })
    .select("id", "temp");
  expect((await evaluate(joined, [flights, weather])).rows).toEqual([
    [1, 7],
    [2, 3],
    [3, null],
    [4, null],
    [5, null],
  ]);
  const inner = table("j", flights.table)
    .join(weather.table, {
      on: "origin",
      how: "inner",
      asOf: { left: "at", right: "hour", lag: "1 hour", tolerance: "5 hours" },
      columns: ["hour", "temp"],
    })
    .select("id", "hour", "temp");
  expect((await evaluate(inner, [flights, weather])).rows).toEqual([
    [1, "2013-01-01 09:30:00", 7],
    [2, "2013-01-01 10:00:00", 3],
    [3, "2013-01-01 06:00:00", null],
  ]);
});

const events = given("events", { airport: "text", time: "timestamp", delay: "double" }, [
  ["EWR", "2013-01-01 08:30:00", 10],
  ["EWR", "2013-01-01 08:29:59", 1000],
  ["EWR", "2013-01-01 10:29:59.999999", 20],
  ["EWR", "2013-01-01 10:30:00", 90],
  ["EWR", "2013-01-01 10:00:00", null],
  ["JFK", "2013-01-01 10:00:00", 7],
  [null, "2013-01-01 10:00:00", 7],
  ["EWR", null, 7],
]);

test("a lookback counts what lies in [at - range, at): the first instant is in, the row's own instant is not", async () => {
  const { rows } = await evaluate(
    table("l", flights.table)
      .lookback(events.table, {
        by: { origin: "airport" },
        at: "at",
        time: "time",
        range: "2 hours",
        columns: (e) => ({ delay: mean(e.delay), left: count(), late: countWhere(e.delay.greaterThan(15)), top: max(e.delay) }),
      })
      .drop("tail", "origin", "at"),
    [flights, events],
  );
  expect(rows).toEqual([
    [1, 15, 3, 1, 20],
    [2, 55, 3, 2, 90],
    [3, 7, 1, 0, 7],
    [4, null, 0, 0, null],
    [5, null, 0, 0, null],
  ]);
});

test("a lookback without a range goes back to the beginning", async () => {
  const { rows } = await evaluate(
    table("l", flights.table)
      .lookback(events.table, {
        by: { origin: "airport" },
        at: "at",
        time: "time",
        columns: (e) => ({ total: sum(e.delay), left: count() }),
      })
      .drop("tail", "origin", "at"),
    [flights, events],
  );
  expect(rows).toEqual([
    [1, 1030, 4],
    [2, 1120, 5],
    [3, 7, 1],
    [4, null, 0],
    [5, 1120, 5],
  ]);
});

test("a lookback at a table without rows, or of one, gives no row too many", async () => {
  const none = given("events", { airport: "text", time: "timestamp" }, []);
  const from = table("l", flights.table)
    .lookback(none.table, { by: { origin: "airport" }, at: "at", time: "time", range: "1 hour", columns: () => ({ left: count() }) })
    .select("id", "left");
  expect((await evaluate(from, [flights, none])).rows).toEqual([
    [1, 0],
    [2, 0],
    [3, 0],
    [4, 0],
    [5, 0],
  ]);
  const nobody = given("flights", { id: "integer", tail: "text", origin: "text", at: "timestamp" }, []);
  const to = table("l", nobody.table).lookback(events.table, {
    by: { origin: "airport" },
    at: "at",
    time: "time",
    columns: () => ({ left: count() }),
  });
  expect((await evaluate(to, [nobody, events])).rows).toEqual([]);
});

test("a lookback at open rows counts those begun before and not yet ended, however wrong their ends are", async () => {
  const waiting = given("waiting", { origin: "text", due: "timestamp", left: "timestamp", big: "boolean" }, [
    ["EWR", "2013-01-01 10:00:00", "2013-01-01 10:30:00", true], // ends at the instant of flight 1: still open there
    ["EWR", "2013-01-01 10:00:00", "2013-01-01 10:29:59", false], // over just before it
    ["EWR", "2013-01-01 10:30:00", null, true], // begins at it: not yet open
    ["EWR", "2013-01-01 09:00:00", null, null], // never ends: open for the range of 2 hours, 11:00 included
    ["EWR", "2013-01-01 10:15:00", "2013-01-01 09:00:00", true], // ends before it begins
    ["EWR", null, null, true],
    ["JFK", "2013-01-01 10:59:59", null, true],
  ]);
  const { rows } = await evaluate(
    table("l", flights.table)
      .lookback(waiting.table, {
        by: "origin",
        at: "at",
        time: "due",
        until: "left",
        range: "2 hours",
        columns: (w) => ({ open: count(), open_big: countWhere(w.big) }),
      })
      .drop("tail", "origin", "at"),
    [flights, waiting],
  );
  expect(rows).toEqual([
    [1, 2, 1],
    [2, 2, 1],
    [3, 1, 1],
    [4, 0, 0],
    [5, 0, 0],
  ]);
});
