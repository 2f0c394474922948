// The cleaning job of clean-10m with limits, and loaded into the warehouse.
import { environment, platform, source, table } from "millwright";
import { duckdb, files } from "millwright/systems";

const flights = source("raw").table("flights", {
  columns: {
    id: "bigint",
    year: "integer",
    month: "integer",
    day: "integer",
    dep_time: "integer",
    sched_dep_time: "integer",
    dep_delay: "double",
    arr_time: "integer",
    sched_arr_time: "integer",
    arr_delay: "double",
    carrier: "text",
    flight: "integer",
    tailnum: "text",
    origin: "text",
    dest: "text",
    air_time: "double",
    distance: "double",
    hour: "integer",
    minute: "integer",
    time_hour: "text",
    updated_at: "timestamp",
  },
});

const clean = table("flights_clean", flights)
  .dedupe("id", { newest: "updated_at" })
  .fill({ dep_delay: "median", arr_delay: "median", air_time: "median" })
  .normalise({ distance: "zscore", air_time: "zscore" })
  .convert({ time_hour: "timestamp" })
  .derive((f) => ({
    late: f.arr_delay.greaterThan(15),
    code: f.carrier.concat(f.flight),
    minute_of_day: f.hour.times(60).plus(f.minute),
  }))
  .onehot({
    origin: ["EWR", "JFK", "LGA"],
    carrier: ["9E", "AA", "AS", "B6", "DL", "EV", "F9", "FL", "HA", "MQ", "OO", "UA", "US", "VX", "WN", "YV"],
  })
  .load();

const memoryLimit = process.env["BENCH_MEMORY"];

export default platform({
  name: "bench",
  assets: [clean],
  environments: {
    local: environment({
      raw: files({ directory: "raw", tables: { flights: { path: "flights-*.parquet" } } }),
      engine: duckdb({ threads: 2, ...(memoryLimit === undefined ? {} : { memoryLimit }) }),
    }),
  },
});
