// Which junctions will be congested? So that the lights can be set before they are. Synthetic data; all times are UTC.
import {
  boostedTrees,
  count,
  decision,
  endpoint,
  env,
  environment,
  maintenance,
  mean,
  model,
  platform,
  share,
  source,
  table,
} from "millwright";
import { alertmanager, azure, described, embedded, files, iceberg, prometheus } from "millwright/systems";

const junctions = source("city").table("junctions", {
  key: "junction",
  columns: { junction: "bigint", lanes: "integer", district: "text" },
});
const counts = source("sensors").table("counts", {
  key: "id",
  columns: { id: "bigint", junction: "bigint", counted_at: "timestamp", vehicles: "integer", speed: "double", congested: "boolean" },
});
const weather = source("weather").table("weather", {
  columns: { hour: "timestamp", district: "text", rain: "double", temperature: "double" },
});

const clean = table("clean_counts", counts)
  .parts({ by: "month", column: "counted_at" })
  .check({ vehicles: { between: [0, 10_000] } })
  .load();

const earlier = table("earlier_counts", clean)
  .parts({ by: "month", column: "counted_at" })
  .select("junction", "vehicles", "congested", "counted_at");

// Only what was known when the quarter of an hour began: what was counted before, the hour, the weather of the hour before.
const features = table("junction_features", clean)
  .parts({ by: "month", column: "counted_at" })
  .select("id", "junction", "counted_at", "congested")
  .derive((c) => ({ hour_of_day: c.counted_at.hour(), day_of_week: c.counted_at.dayOfWeek() }))
  .join(junctions, { on: "junction", columns: ["lanes", "district"] })
  .join(weather, {
    on: "district",
    asOf: { left: "counted_at", right: "hour", lag: "1 hour", tolerance: "6 hours" },
    columns: ["rain", "temperature"],
  })
  .lookback(earlier, {
    by: "junction",
    at: "counted_at",
    time: "counted_at",
    range: "7 days",
    columns: (e) => ({ counts_before: count(), vehicles_before: mean(e.vehicles), congested_before: share(e.congested) }),
  });

const hours = table("congestion_by_hour", clean)
  .derive((c) => ({ hour: c.counted_at.hour() }))
  .aggregate({ by: ["hour"], columns: (c) => ({ counts: count(), share_congested: share(c.congested), vehicles: mean(c.vehicles) }) })
  .load();

const congestion = model("congestion", {
  from: features,
  target: "congested",
  ignore: ["id", "junction"],
  split: { by: "counted_at", test: "last 10 days" },
  train: boostedTrees({ trees: 100, seed: 1 }),
  retrain: { on: ["drift"], schedule: "daily at 02:00", atMost: "1/day" },
  accept: { auc: ">= 0.65" },
});

// Small files together, old snapshots let go: a day of time travel.
const nightly = maintenance("nightly", {
  compact: { below: "64 MB" },
  expire: { olderThan: "1 day" },
  orphans: { olderThan: "3 days" },
  schedule: "daily at 03:00",
});

export default platform({
  name: "junctions",
  domain: "smart-city",
  purpose: "tell the traffic lights which junctions will be congested, before they are",
  requirements: {
    serving: "real-time",
    latency: { p99: "100 ms" },
    requests: "50/second",
    peak: "3x",
    data: "streaming",
    volume: "500 GB/day",
    growth: "25%/year",
    retention: "2 years",
    quality: { auc: ">= 0.65" },
    uptime: "99.9%",
    recovery: { time: "1 hour", point: "15 minutes" },
    compliance: ["GDPR"],
    costPerInference: "$0.0005",
    budget: "$10000/month",
    region: "westeurope",
  },
  schedule: "every 10 minutes",
  decisions: [
    decision("deployment", {
      choice: "cloud",
      because: "the city has an agreement with the provider, and one building",
      rejected: { "on-premises": "no second site" },
    }),
    decision("storage", { choice: "azure", because: "where the city's other data is", rejected: { nfs: "one site" } }),
    decision("engine", { choice: "duckdb", because: "500 GB a day fits one machine", rejected: { spark: "a cluster to look after" } }),
    decision("broker", { choice: "kafka", because: "sensors of several makers, read by several offices" }),
    decision("warehouse", {
      choice: "snowflake",
      because: "offices ask in their own hours: computing is paid by the second",
      rejected: { redshift: "another provider" },
    }),
    decision("server", { choice: "embedded", because: "50 requests a second" }),
    decision("scheduler", { choice: "kubernetes", because: "99.9 % asks for a second machine", rejected: { process: "one machine" } }),
    decision("accelerator", { choice: "cpu", because: "trees train in seconds" }),
  ],
  assets: [clean, hours, nightly, endpoint("lights", { model: congestion, drift: "psi > 0.2" })],
  environments: {
    local: environment({
      city: files({ directory: "data" }),
      sensors: files({ directory: "data" }),
      weather: files({ directory: "data" }),
      helpers: ["node generate.ts"],
    }),
    prod: environment({
      city: described("postgresql", { tls: true, encryption: true }),
      sensors: described("mqtt", { tls: true }),
      weather: described("kafka", { tls: true, encryption: true }),
      broker: described("kafka", { tls: true, encryption: true }),
      catalog: iceberg({ url: "https://catalog.example.com", credential: env("CATALOG_CREDENTIAL") }),
      lake: azure({ account: "junctions", container: "lake" }),
      warehouse: described("snowflake", { tls: true, encryption: true }),
      bi: described("power-bi", { tls: true }),
      server: embedded({ host: "0.0.0.0", tls: { certificate: "server.crt", key: "server.key" }, keys: env("SERVER_KEYS") }),
      monitor: prometheus({ targets: ["millwright:8080"], key: env("METRICS_KEY") }),
      alerts: alertmanager({
        url: "http://alertmanager:9093",
        escalation: [
          { name: "team", slack: env("TEAM_SLACK") },
          { name: "lead", after: "15 minutes", pagerduty: env("LEAD_PAGERDUTY") },
        ],
      }),
      place: { provider: "azure", region: "westeurope", zones: 2, encryptedDisks: true },
    }),
  },
});
