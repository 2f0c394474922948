// The flights of 2013 from New York: from three kinds of source to a model that says, at the scheduled
// departure, how likely a flight is to arrive more than 15 minutes late. All times are UTC.
import { boostedTrees, count, decision, endpoint, environment, env, mean, median, model, platform, share, source, table } from "millwright";
import { hdfs, logs, mysql, rest, s3, spark, sqlite } from "millwright/systems";

const flights = source("ops").table("flights", { key: "id", cursor: "updated_at" });
const planes = source("ops").table("planes", { key: "tailnum" });
const airports = source("ops").table("airports", { key: "faa" });
const airlines = source("ops").table("airlines", { key: "carrier" });
const weather = source("weather").table("weather", { key: ["origin", "time_hour"], cursor: "time_hour" });
const events = source("gates").table("events", { pattern: "{time:timestamp} {airport} {event} {tailnum} {flight} {scheduled:timestamp}" });

// `late` is unknown, not false, where a flight never arrived.
const clean = table("flights_clean", flights)
  .dedupe("id", { newest: "updated_at" })
  .fill({ air_time: "median" })
  .convert({ time_hour: "timestamp" })
  .rename({ updated_at: "scheduled" })
  .derive((f) => ({ late: f.arr_delay.greaterThan(15), code: f.carrier.concat(f.flight) }))
  .check({ distance: { between: [1, 12_000] } })
  .load();

// Gate messages that a flight has left, once each: the log repeats some of them.
const departures = table("departures", events)
  .filter((e) => e.event.equals("OUT"))
  .dedupe(["airport", "flight", "scheduled"], { newest: "time" })
  .derive((e) => ({ out_delay: e.time.minutesSince(e.scheduled) }));

// Each scheduled flight with the time of its OUT message, null while (or if ever) there is none.
const departing = table("departing", clean)
  .select("id", "origin", "code", "scheduled")
  .join(departures, { on: { origin: "airport", code: "flight", scheduled: "scheduled" }, columns: { time: "left_at" } });

// Only what is known at the scheduled departure: the schedule, the plane, the weather of the hour before,
// and gate messages with earlier times.
const features = table("delay_features", clean)
  .derive((f) => ({ day_of_week: f.scheduled.minus("5 hours").dayOfWeek(), minute_of_day: f.hour.times(60).plus(f.minute) }))
  .select("id", "scheduled", "late", "carrier", "origin", "dest", "tailnum", "day_of_week", "minute_of_day", "sched_arr_time", "distance")
  .join(planes, {
    on: "tailnum",
    columns: { year: "plane_year", seats: "seats", engines: "engines", manufacturer: "manufacturer", engine: "engine" },
  })
  .join(weather, {
    on: "origin",
    asOf: { left: "scheduled", right: "time_hour", lag: "1 hour", tolerance: "6 hours" },
    columns: ["temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib"],
  })
  .lookback(departures, {
    by: { origin: "airport" },
    at: "scheduled",
    time: "time",
    range: "2 hours",
    columns: (d) => ({ recent_delay: mean(d.out_delay), recent_departures: count() }),
  })
  .lookback(departing, {
    by: "origin",
    at: "scheduled",
    time: "scheduled",
    until: "left_at",
    range: "6 hours",
    columns: () => ({ overdue: count() }),
  });

const carrierMonth = table("carrier_month", clean)
  .aggregate({
    by: ["carrier", "month"],
    columns: (f) => ({ flights: count(), share_late: share(f.late), median_delay: median(f.arr_delay) }),
  })
  .load();

const delay = model("arrival_delay", {
  from: features,
  target: "late",
  ignore: ["id", "tailnum"],
  split: { by: "scheduled", test: "last 60 days" },
  train: boostedTrees({ trees: 300, seed: 1 }),
  slices: ["carrier", "origin"],
  accept: { auc: ">= 0.72" },
});

// Where things are. The helpers make the data (once) and serve the weather; `run` and `up` start and stop them.
const here = {
  weather: rest({
    url: "http://127.0.0.1:8017",
    tables: { weather: { path: "/weather", rows: "data", pagination: { kind: "page" }, cursorParameter: "since" } },
  }),
  gates: logs({ path: ".data/gates/*.log.gz" }),
  helpers: ["node prepare.ts", "node weather-api.ts"],
};

// Spark computes, and reads the database itself.
const cluster = { ops: mysql({ url: env("OPS_DATABASE_URL") }), engine: spark({ url: env("SPARK_URL") }) };
const keys = { accessKey: env("LAKE_ACCESS_KEY"), secretKey: env("LAKE_SECRET_KEY") };

export default platform({
  name: "flights",
  domain: "smart-city",
  purpose: "tell an airport at each scheduled departure how likely the flight is to arrive more than 15 minutes late",
  requirements: {
    latency: { p99: "50 ms" },
    requests: "50/second",
    peak: "4x",
    volume: "2 TB/day",
    retention: "2 years",
    quality: { auc: ">= 0.72" },
    uptime: "99.9%",
    compliance: ["GDPR"],
    costPerInference: "$0.00002",
  },
  decisions: [
    decision("storage", {
      choice: "s3",
      because: "two years of 2 TB a day outgrow every disk",
      rejected: { local: "one disk", hdfs: "three times the disks, and a cluster for them" },
    }),
    decision("engine", {
      choice: "duckdb",
      because: "2 TB a day is what one machine of two cores keeps up with; Spark stands ready for more",
      rejected: { spark: "a cluster to look after, for what fits one machine" },
    }),
    decision("server", { choice: "embedded", because: "200 requests a second at the peak, one process answers thousands" }),
    decision("accelerator", { choice: "cpu", because: "300 trees train in seconds" }),
  ],
  assets: [airports, airlines, carrierMonth, features, delay, endpoint("delay", { model: delay, drift: "psi > 0.2" })],
  environments: {
    local: environment({ ops: sqlite({ file: ".data/ops.sqlite" }), ...here }),
    services: environment({ ops: mysql({ url: env("OPS_DATABASE_URL") }), ...here }),
    cluster: environment({
      ...cluster,
      place: { provider: "aws", region: "us-east-1", zones: 2 },
      lake: s3({ bucket: "flights", prefix: "lake", endpoint: env("LAKE_ENDPOINT"), ...keys }),
      ...here,
    }),
    hadoop: environment({ ...cluster, lake: hdfs({ url: env("LAKE_URL"), webhdfs: env("LAKE_WEBHDFS") }), ...here }),
  },
});
