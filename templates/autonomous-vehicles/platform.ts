// Will the driver have to take over? Asked many times a second, in the vehicle. Synthetic data; all times are UTC.
import { boostedTrees, count, decision, endpoint, env, environment, maintenance, max, model, platform, source, table } from "millwright";
import { described, embedded, files, grafana, iceberg, prometheus, s3, spark } from "millwright/systems";

const moments = source("fleet").table("moments", {
  key: "id",
  columns: {
    id: "bigint",
    vehicle: "bigint",
    road: "text",
    weather: "text",
    speed: "double",
    lidar_points: "integer",
    objects: "integer",
    jerk: "double",
    at: "timestamp",
    takeover: "boolean",
  },
});
const brakes = source("telemetry").table("brakes", {
  columns: { vehicle: "bigint", braked_at: "timestamp", strength: "double" },
});

const clean = table("clean_moments", moments)
  .parts({ by: "month", column: "at" })
  .fill({ lidar_points: { constant: 8000 } })
  .check({ speed: { between: [0, 100] } })
  .load();

const features = table("moment_features", clean)
  .parts({ by: "month", column: "at" })
  .lookback(brakes, {
    by: "vehicle",
    at: "at",
    time: "braked_at",
    range: "30 minutes",
    columns: (b) => ({ brakes_before: count(), hardest_brake: max(b.strength) }),
  });

const takeover = model("takeover", {
  from: features,
  target: "takeover",
  ignore: ["id", "vehicle"],
  split: { by: "at", test: "last 20 days" },
  train: boostedTrees({ trees: 100, seed: 1 }),
  retrain: { on: ["drift"], schedule: "daily at 02:00", atMost: "1/day" },
  slices: ["road", "weather"],
  accept: { auc: ">= 0.65" },
});

// Small files together, old snapshots let go: a day of time travel.
const nightly = maintenance("nightly", {
  compact: { below: "64 MB" },
  expire: { olderThan: "1 day" },
  orphans: { olderThan: "3 days" },
  schedule: "daily at 03:00",
});

const keys = { accessKey: env("LAKE_ACCESS_KEY"), secretKey: env("LAKE_SECRET_KEY"), kmsKey: "alias/fleet-lake" };

export default platform({
  name: "fleet",
  domain: "autonomous-vehicles",
  purpose: "warn the driver in time that the car will need a hand, in the car and without a network",
  requirements: {
    serving: "real-time",
    latency: { p50: "2 ms", p99: "10 ms" },
    requests: "20/second",
    peak: "2x",
    data: "streaming",
    volume: "10 TB/day",
    growth: "50%/year",
    retention: "1 year",
    quality: { auc: ">= 0.65" },
    uptime: "99.9%",
    recovery: { time: "4 hours", point: "1 hour" },
    compliance: ["GDPR"],
    budget: "$150000/month",
    region: "eu-central-1",
  },
  schedule: "every 30 minutes",
  decisions: [
    decision("deployment", {
      choice: "hybrid",
      because: "answers in the car, where no network may be; training in the cloud on what the cars bring home",
      rejected: { cloud: "a tunnel has no network", edge: "a car cannot train on a fleet" },
    }),
    decision("storage", { choice: "s3", because: "petabytes within the year", rejected: { hdfs: "three times the disks" } }),
    decision("engine", {
      choice: "spark",
      because: "10 TB a day is more than one machine reads",
      rejected: { duckdb: "keeps up with 2 TB a day on two cores" },
    }),
    decision("broker", { choice: "kafka", because: "what the cars send is read again for each training" }),
    decision("warehouse", { choice: "snowflake", because: "engineers ask about rare moments; computing grows apart from storage" }),
    decision("server", {
      choice: "embedded",
      because: "one ONNX file in one process, small enough for the car's computer",
      rejected: { triton: "needs more than the car spares" },
    }),
    decision("scheduler", { choice: "kubernetes", because: "Spark and the services on one cluster", rejected: { slurm: "no services" } }),
    decision("orchestrator", {
      choice: "airflow",
      because: "the fleet's other pipelines run on it already",
      rejected: { nifi: "cars buffer by themselves" },
    }),
    decision("accelerator", { choice: "Jetson", because: "is in the car already; trees need none of it" }),
  ],
  assets: [clean, nightly, endpoint("warning", { model: takeover, drift: "psi > 0.2" })],
  environments: {
    local: environment({ fleet: files({ directory: "data" }), telemetry: files({ directory: "data" }), helpers: ["node generate.ts"] }),
    prod: environment({
      fleet: described("kafka", { tls: true, encryption: true }),
      telemetry: described("mqtt", { tls: true }),
      broker: described("kafka", { tls: true, encryption: true }),
      engine: spark({ url: env("SPARK_URL") }),
      catalog: iceberg({ url: "https://catalog.example.com", credential: env("CATALOG_CREDENTIAL") }),
      lake: s3({ bucket: "fleet-lake", region: "eu-central-1", ...keys }),
      warehouse: described("snowflake", { tls: true, encryption: true }),
      orchestrator: described("airflow", { tls: true }),
      server: embedded({ host: "0.0.0.0", tls: { certificate: "server.crt", key: "server.key" }, keys: env("SERVER_KEYS") }),
      monitor: prometheus({ targets: ["millwright:8080"], key: env("METRICS_KEY") }),
      dashboard: grafana(),
      place: { provider: "aws", region: "eu-central-1", zones: 2, encryptedDisks: true },
    }),
  },
});
