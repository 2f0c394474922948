import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { dataFile, type FileName } from "../../examples/flights/helpers/csv.ts";
import { localToUtc, nextClockTime } from "../../examples/flights/helpers/clock.ts";
import {
  referenceCarrierMonth,
  referenceCounts,
  referenceFlights,
  referenceLate,
  referenceRows,
  type ReferenceFlight,
} from "./reference.ts";

let flights: ReferenceFlight[];
beforeAll(async () => {
  flights = await referenceFlights();
}, 60_000);

/** New York's clock as year-month-day-hour, through another locale and option set than the helpers use. */
const newYork = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "America/New_York",
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "numeric",
});
const clockOf = (timeHour: string | null | undefined): string =>
  newYork
    .format(new Date(timeHour ?? ""))
    .replaceAll(/\D+/g, " ")
    .trim();
const rowClock = (row: Readonly<Record<string, string | null>>): string =>
  ["year", "month", "day", "hour"].map((name) => row[name]?.padStart(name === "year" ? 4 : 2, "0")).join(" ");

test("the files are those that their README describes", () => {
  const readme = readFileSync(new URL("../../examples/flights/data/README.md", import.meta.url), "utf8");
  const listed = [...readme.matchAll(/^\| (\w+)\.csv\.gz \| ([\d,]+) \| \d+ \| `(\w+)` \|$/gm)].map(([, name = "", , hash = ""]) => [
    name,
    hash,
  ]);
  const names: FileName[] = ["flights", "weather", "planes", "airports", "airlines"];
  expect(listed).toEqual(
    names.map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(dataFile(name)))
        .digest("hex"),
    ]),
  );
});

test("the files have as many rows as the data set", async () => {
  expect(await referenceCounts()).toEqual({ flights: 336_776, planes: 3_322, airports: 1_458, airlines: 16, weather: 26_115 });
}, 30_000);

test("time_hour is UTC in every row", async () => {
  const known = new Map<string, string>();
  const clock = (timeHour: string): string => known.get(timeHour) ?? (known.set(timeHour, clockOf(timeHour)), known.get(timeHour) ?? "");
  const wrong = flights.filter(({ fields }) => clock(fields["time_hour"] ?? "") !== rowClock(fields));
  expect(wrong).toEqual([]);
  for await (const row of referenceRows("weather")) expect(clock(row["time_hour"] ?? "")).toBe(rowClock(row));
}, 60_000);

test("the departures and arrivals that the README counts are there", () => {
  const departed = flights.filter(({ departureDelay }) => departureDelay !== null);
  expect(departed.length).toBe(328_521);
  expect(flights.filter(({ fields }) => fields["arr_time"] !== null && fields["arr_delay"] === null).length).toBe(717);
  expect(departed.filter(({ fields }) => fields["tailnum"] === null)).toEqual([]);
  expect(new Set(flights.map(({ carrier, fields, scheduled }) => `${carrier}${fields["flight"]} ${scheduled}`)).size).toBe(336_776);
});

test("the reference answers agree with what awk and sort find in the same files", () => {
  expect(referenceLate(flights)).toEqual({ late: 77_630, known: 327_346 });
  const mart = referenceCarrierMonth(flights);
  expect(mart.length).toBe(185);
  expect(mart.reduce((sum, { flights: count }) => sum + count, 0)).toBe(336_776);
  expect(mart.filter(({ carrier }) => carrier === "OO").map(({ month, flights: count }) => [month, count])).toEqual([
    [1, 1],
    [6, 2],
    [8, 4],
    [9, 20],
    [11, 5],
  ]);
  expect(mart.find(({ carrier, month }) => carrier === "UA" && month === 7)).toEqual({
    carrier: "UA",
    month: 7,
    flights: 5_066,
    share_late: 1_349 / 4_971,
    median_delay: -4,
  });
});

test("local times turn to UTC across both changes of the clock", () => {
  const utc = (zone: string, local: string): string => new Date(localToUtc(zone, Date.parse(`${local}Z`))).toISOString().slice(0, 16);
  expect(utc("America/New_York", "2013-03-10T01:59")).toBe("2013-03-10T06:59");
  expect(utc("America/New_York", "2013-03-10T02:30")).toBe("2013-03-10T07:30");
  expect(utc("America/New_York", "2013-03-10T03:00")).toBe("2013-03-10T07:00");
  expect(utc("America/New_York", "2013-11-03T01:30")).toBe("2013-11-03T05:30");
  expect(utc("America/New_York", "2013-11-03T02:00")).toBe("2013-11-03T07:00");
  expect(utc("America/Phoenix", "2013-07-01T12:00")).toBe("2013-07-01T19:00");
  expect(utc("Pacific/Honolulu", "2013-12-31T23:00")).toBe("2014-01-01T09:00");
});

test("a clock time is the first one after the moment given", () => {
  const next = (zone: string, after: string, clock: number): string =>
    new Date(nextClockTime(zone, Date.parse(after), clock)).toISOString().slice(0, 16);
  expect(next("America/Chicago", "2013-01-01T10:15:00Z", 819)).toBe("2013-01-01T14:19");
  expect(next("America/Los_Angeles", "2013-01-02T03:00:00Z", 5)).toBe("2013-01-02T08:05");
  expect(next("America/New_York", "2013-01-02T03:00:00Z", 2400)).toBe("2013-01-02T05:00");
});
