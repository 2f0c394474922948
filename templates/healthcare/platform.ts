// Which patients come back within thirty days of leaving? Synthetic data; all times are UTC.
import {
  boostedTrees,
  count,
  decision,
  endpoint,
  env,
  environment,
  maintenance,
  mean,
  min,
  model,
  platform,
  source,
  table,
} from "millwright";
import { alertmanager, described, embedded, files, iceberg, prometheus, s3 } from "millwright/systems";

const stays = source("records").table("stays", {
  key: "id",
  columns: {
    id: "bigint",
    patient: "bigint",
    ward: "text",
    age: "integer",
    days: "integer",
    earlier_stays: "integer",
    emergency: "boolean",
    lab_score: "double",
    left_at: "timestamp",
    returned: "boolean",
  },
});
const vitals = source("monitors").table("vitals", {
  columns: { patient: "bigint", taken_at: "timestamp", heart_rate: "integer", oxygen: "double" },
});

const clean = table("clean_stays", stays)
  .parts({ by: "month", column: "left_at" })
  .check({ age: { between: [0, 120] }, days: { between: [0, 365] } })
  .load();

const readings = table("clean_vitals", vitals)
  .parts({ by: "month", column: "taken_at" })
  .check({ heart_rate: { between: [20, 260] }, oxygen: { between: [40, 100] } });

// What was known when the patient left.
const features = table("stay_features", clean)
  .parts({ by: "month", column: "left_at" })
  .lookback(readings, {
    by: "patient",
    at: "left_at",
    time: "taken_at",
    range: "2 days",
    columns: (v) => ({ pulse: mean(v.heart_rate), lowest_oxygen: min(v.oxygen), readings: count() }),
  });

const returns = model("readmission", {
  from: features,
  target: "returned",
  ignore: ["id", "patient"],
  split: { by: "left_at", test: "last 60 days" },
  train: boostedTrees({ trees: 120, seed: 1 }),
  retrain: { on: ["drift"], schedule: "daily at 02:00", atMost: "1/day" },
  slices: ["ward"],
  accept: { auc: ">= 0.65" },
});

// Small files together, old snapshots let go: a day of time travel.
const nightly = maintenance("nightly", {
  compact: { below: "64 MB" },
  expire: { olderThan: "1 day" },
  orphans: { olderThan: "3 days" },
  schedule: "daily at 03:00",
});

const keys = { accessKey: env("LAKE_ACCESS_KEY"), secretKey: env("LAKE_SECRET_KEY"), kmsKey: "alias/hospital-lake" };

export default platform({
  name: "hospital",
  domain: "healthcare",
  purpose: "tell the ward, when a patient leaves, how likely a return within thirty days is, so that follow-up goes where it helps",
  requirements: {
    serving: "real-time",
    latency: { p50: "20 ms", p99: "200 ms" },
    requests: "20/second",
    peak: "5x",
    data: "streaming",
    volume: "20 GB/day",
    growth: "20%/year",
    retention: "6 years",
    quality: { auc: ">= 0.65" },
    uptime: "99.9%",
    recovery: { time: "1 hour", point: "15 minutes" },
    compliance: ["HIPAA", "FedRAMP Moderate"],
    costPerInference: "$0.001",
    budget: "$3000/month",
    region: "us-east-1",
  },
  schedule: "every 10 minutes",
  decisions: [
    decision("deployment", {
      choice: "cloud",
      because: "two zones without a second building, and a provider that signs a business associate agreement",
      rejected: { "on-premises": "no second site" },
    }),
    decision("storage", { choice: "s3", because: "encrypted with a key of our own, kept in three zones", rejected: { nfs: "one site" } }),
    decision("engine", {
      choice: "duckdb",
      because: "20 GB a day is a minute's work of one machine",
      rejected: { spark: "a cluster to look after" },
    }),
    decision("warehouse", {
      choice: "snowflake",
      because: "the hospital's analysts use it already",
      rejected: { redshift: "another system to learn" },
    }),
    decision("server", {
      choice: "embedded",
      because: "20 requests a second, one process answers them",
      rejected: { triton: "no accelerator" },
    }),
    decision("scheduler", { choice: "process", because: "one training a night", rejected: { slurm: "no cluster" } }),
    decision("accelerator", { choice: "cpu", because: "trees train in seconds" }),
  ],
  assets: [clean, readings, nightly, endpoint("returns", { model: returns, drift: "psi > 0.2" })],
  environments: {
    local: environment({ records: files({ directory: "data" }), monitors: files({ directory: "data" }), helpers: ["node generate.ts"] }),
    prod: environment({
      records: described("postgresql", { tls: true, encryption: true }),
      monitors: described("fhir", { tls: true, encryption: true }),
      catalog: iceberg({ url: "https://catalog.example.com", credential: env("CATALOG_CREDENTIAL") }),
      lake: s3({ bucket: "hospital-lake", region: "us-east-1", ...keys }),
      warehouse: described("snowflake", { region: "us-east-1", tls: true, encryption: true }),
      server: embedded({ host: "0.0.0.0", tls: { certificate: "server.crt", key: "server.key" }, keys: env("SERVER_KEYS") }),
      monitor: prometheus({ targets: ["millwright:8080"], key: env("METRICS_KEY") }),
      alerts: alertmanager({
        url: "http://alertmanager:9093",
        escalation: [
          { name: "team", slack: env("TEAM_SLACK") },
          { name: "lead", after: "15 minutes", pagerduty: env("LEAD_PAGERDUTY") },
        ],
      }),
      place: { provider: "aws", region: "us-east-1", zones: 2, encryptedDisks: true },
    }),
  },
});
