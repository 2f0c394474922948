import { expect, test } from "vitest";
import { count, mean, median, share } from "../../src/define/aggregate.ts";
import { table } from "../../src/define/table.ts";
import { evaluate, given } from "./support.ts";

// The shape of the main job (examples/flights) over tables small enough to work out by hand.
type Rows = readonly (readonly (string | number | null)[])[];
const flightRows: Rows = [
  [1, "UA", 10, "N1", "EWR", 1, "2013-01-01T10:00:00Z", "2013-01-01 10:15:00", 20, 100, 500],
  [2, "UA", 20, "N2", "EWR", 1, "2013-01-01T11:00:00Z", "2013-01-01 11:00:00", 15, null, 500],
  [2, "UA", 20, "N2", "EWR", 1, "2013-01-01T11:00:00Z", "2013-01-01 10:59:00", 99, null, 500], // an older version of flight 2
  [3, "AA", 30, null, "EWR", 1, "2013-01-01T11:00:00Z", "2013-01-01 11:30:00", null, null, 700], // cancelled
  [4, "AA", 40, "N1", "JFK", 1, "2013-01-01T12:00:00Z", "2013-01-01 12:00:00", 16, 300, 700],
  [5, "UA", 50, "N9", "EWR", 2, "2013-02-01T12:00:00Z", "2013-02-01 12:00:00", -3, 200, 700],
  [6, "UA", 60, "N1", "EWR", 2, "2013-02-01T12:00:00Z", "2013-02-01 12:30:00", 1, 120, 0], // no distance
  [7, "UA", 70, "N1", "EWR", 2, "noon", "2013-02-01 12:45:00", 1, 120, 10], // unreadable
];
const eventRows: Rows = [
  ["2013-01-01 10:25:00", "EWR", "OUT", "UA10", "2013-01-01 10:15:00"],
  ["2013-01-01 10:25:00", "EWR", "OUT", "UA10", "2013-01-01 10:15:00"], // said twice
  ["2013-01-01 10:40:00", "EWR", "OFF", "UA10", "2013-01-01 10:15:00"],
  ["2013-01-01 11:30:00", "EWR", "OUT", "UA20", "2013-01-01 11:00:00"],
  ["2013-01-01 12:10:00", "JFK", "OUT", "AA40", "2013-01-01 12:00:00"],
  ["2013-02-01 11:55:00", "EWR", "OUT", "UA50", "2013-02-01 12:00:00"],
];
const weatherRows: Rows = [
  ["EWR", "2013-01-01 09:00:00", 1],
  ["EWR", "2013-01-01 10:00:00", 2],
  ["EWR", "2013-01-01 11:00:00", 3],
  ["JFK", "2013-01-01 04:00:00", 4],
  ["JFK", "2013-01-01 12:00:00", 5],
];

function job({ events: happened = eventRows, weather: measured = weatherRows }: { readonly events?: Rows; readonly weather?: Rows } = {}) {
  const flights = given(
    "flights",
    {
      id: "bigint",
      carrier: "text",
      flight: "integer",
      tailnum: "text",
      origin: "text",
      month: "integer",
      time_hour: "text",
      updated_at: "timestamp",
      arr_delay: "double",
      air_time: "double",
      distance: "double",
    },
    flightRows,
  );
  const planes = given("planes", { tailnum: "text", year: "integer", engine: "text" }, [
    ["N1", 1999, "Turbo-fan"],
    ["N2", null, "Turbo-jet"],
  ]);
  const events = given("events", { time: "timestamp", airport: "text", event: "text", flight: "text", scheduled: "timestamp" }, happened);
  const weather = given("weather", { origin: "text", time_hour: "timestamp", temp: "double" }, measured);
  const clean = table("flights_clean", flights.table)
    .dedupe("id", { newest: "updated_at" })
    .fill({ air_time: "median" })
    .convert({ time_hour: "timestamp" })
    .rename({ updated_at: "scheduled" })
    .derive((f) => ({ late: f.arr_delay.greaterThan(15), code: f.carrier.concat(f.flight) }))
    .check({ distance: { between: [1, 12_000] } });
  const departures = table("departures", events.table)
    .filter((e) => e.event.equals("OUT"))
    .dedupe(["airport", "flight", "scheduled"], { newest: "time" })
    .derive((e) => ({ out_delay: e.time.minutesSince(e.scheduled) }));
  const departing = table("departing", clean)
    .select("origin", "code", "scheduled")
    .join(departures, { on: { origin: "airport", code: "flight", scheduled: "scheduled" }, columns: { time: "left_at" } });
  const features = table("delay_features", clean)
    .derive((f) => ({ day_of_week: f.scheduled.dayOfWeek() }))
    .select("id", "scheduled", "late", "origin", "tailnum", "day_of_week")
    .join(planes.table, { on: "tailnum", columns: { year: "plane_year" } })
    .join(weather.table, {
      on: "origin",
      asOf: { left: "scheduled", right: "time_hour", lag: "1 hour", tolerance: "6 hours" },
      columns: ["temp"],
    })
    .lookback(departures, {
      by: { origin: "airport" },
      at: "scheduled",
      time: "time",
      range: "2 hours",
      columns: (d) => ({ recent_delay: mean(d.out_delay), departed: count() }),
    })
    .lookback(departing, {
      by: "origin",
      at: "scheduled",
      time: "scheduled",
      until: "left_at",
      range: "6 hours",
      columns: () => ({ overdue: count() }),
    })
    .drop("origin", "tailnum");
  const month = table("carrier_month", clean).aggregate({
    by: ["carrier", "month"],
    columns: (f) => ({ flights: count(), share_late: share(f.late), median_delay: median(f.arr_delay) }),
  });
  return { inputs: [flights, planes, events, weather], clean, features, month };
}

test("flights are cleaned: newest version, filled, typed, derived, checked, with the refused rows and the fitted median", async () => {
  const { clean, inputs } = job();
  const { rows, rejected, fitted } = await evaluate(clean.select("id", "time_hour", "scheduled", "air_time", "late", "code"), inputs);
  expect(fitted).toEqual({ "1.air_time.median": 120 });
  expect(rows).toEqual([
    [1, "2013-01-01 10:00:00", "2013-01-01 10:15:00", 100, true, "UA10"],
    [2, "2013-01-01 11:00:00", "2013-01-01 11:00:00", 120, false, "UA20"],
    [3, "2013-01-01 11:00:00", "2013-01-01 11:30:00", 120, null, "AA30"],
    [4, "2013-01-01 12:00:00", "2013-01-01 12:00:00", 300, true, "AA40"],
    [5, "2013-02-01 12:00:00", "2013-02-01 12:00:00", 200, false, "UA50"],
  ]);
  expect(rejected.map(({ id, reason }) => [id, reason])).toEqual([
    [6, "distance is not between 1 and 12000"],
    [7, "time_hour cannot be read as timestamp"],
  ]);
});

test("features are what is known at the scheduled departure", async () => {
  const { features, inputs } = job();
  expect((await evaluate(features, inputs)).rows).toEqual([
    // id, scheduled, late, weekday, plane, temperature, mean delay and number of departures in 2 hours, scheduled earlier and not yet gone
    [1, "2013-01-01 10:15:00", true, 2, 1999, 1, null, 0, 0],
    [2, "2013-01-01 11:00:00", false, 2, null, 2, 10, 1, 0],
    [3, "2013-01-01 11:30:00", null, 2, null, 2, 10, 1, 1],
    [4, "2013-01-01 12:00:00", true, 2, 1999, null, null, 0, 0],
    [5, "2013-02-01 12:00:00", false, 5, null, null, -5, 1, 0],
  ]);
});

test("nothing that happens at or after a flight's scheduled departure changes its features", async () => {
  const whole = (await evaluate(job().features, job().inputs)).rows;
  for (const row of whole) {
    const scheduled = String(row[1]);
    const before = {
      events: eventRows.filter(([time]) => String(time) < scheduled),
      weather: weatherRows.filter(([, time]) => String(time) < scheduled),
    };
    const { features, inputs } = job(before);
    expect((await evaluate(features, inputs)).rows.find(([id]) => id === row[0])).toEqual(row);
  }
});

test("a month of a carrier counts all flights, and the known delays only for share and median", async () => {
  const { month, inputs } = job();
  expect((await evaluate(month, inputs)).rows).toEqual([
    ["AA", 1, 2, 1, 16],
    ["UA", 1, 2, 0.5, 17.5],
    ["UA", 2, 1, 0, -3],
  ]);
});
