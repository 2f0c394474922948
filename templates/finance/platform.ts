// Is this card payment fraud? Answered while the customer waits. Synthetic data; all times are UTC.
import {
  boostedTrees,
  count,
  decision,
  endpoint,
  env,
  environment,
  maintenance,
  max,
  mean,
  model,
  platform,
  source,
  table,
} from "millwright";
import { alertmanager, described, embedded, files, grafana, iceberg, prometheus, s3 } from "millwright/systems";

const accounts = source("core").table("accounts", {
  key: "account",
  columns: { account: "bigint", opened_at: "timestamp", home: "text", credit_limit: "integer" },
});
const payments = source("cards").table("payments", {
  key: "id",
  columns: {
    id: "bigint",
    account: "bigint",
    shop: "text",
    country: "text",
    amount: "double",
    online: "boolean",
    paid_at: "timestamp",
    fraud: "boolean",
  },
});

const clean = table("clean_payments", payments)
  .parts({ by: "month", column: "paid_at" })
  .check({ amount: { between: [0, 1_000_000] } })
  .load();

const earlier = table("earlier_payments", clean).parts({ by: "month", column: "paid_at" }).select("account", "amount", "paid_at");

const features = table("payment_features", clean)
  .parts({ by: "month", column: "paid_at" })
  .join(accounts, { on: "account", columns: ["home", "credit_limit"] })
  .derive((p) => ({ abroad: p.country.equals(p.home).not(), hour: p.paid_at.hour() }))
  .lookback(earlier, {
    by: "account",
    at: "paid_at",
    time: "paid_at",
    range: "7 days",
    columns: (e) => ({ payments_before: count(), mean_before: mean(e.amount), largest_before: max(e.amount) }),
  });

const fraud = model("card_fraud", {
  from: features,
  target: "fraud",
  ignore: ["id", "account"],
  split: { by: "paid_at", test: "last 30 days" },
  train: boostedTrees({ trees: 150, seed: 1 }),
  retrain: { on: ["drift"], schedule: "daily at 02:00", atMost: "1/day" },
  slices: ["shop"],
  accept: { auc: ">= 0.7" },
});

// Small files together, old snapshots let go: a day of time travel.
const nightly = maintenance("nightly", {
  compact: { below: "64 MB" },
  expire: { olderThan: "1 day" },
  orphans: { olderThan: "3 days" },
  schedule: "daily at 03:00",
});

const keys = { accessKey: env("LAKE_ACCESS_KEY"), secretKey: env("LAKE_SECRET_KEY"), kmsKey: "alias/payments-lake" };

export default platform({
  name: "payments",
  domain: "finance",
  purpose: "stop fraudulent card payments while the customer waits, and let the honest ones through",
  requirements: {
    serving: "real-time",
    latency: { p50: "5 ms", p99: "30 ms" },
    requests: "300/second",
    peak: "4x",
    data: "streaming",
    volume: "200 GB/day",
    growth: "30%/year",
    retention: "7 years",
    quality: { auc: ">= 0.7" },
    uptime: "99.95%",
    recovery: { time: "15 minutes", point: "5 minutes" },
    compliance: ["GDPR"],
    costPerInference: "$0.0001",
    budget: "$10000/month",
    region: "eu-west-1",
  },
  schedule: "every 5 minutes",
  decisions: [
    decision("deployment", {
      choice: "cloud",
      because: "three zones, and load that follows the shops' hours",
      rejected: { "on-premises": "two buildings to run" },
    }),
    decision("broker", {
      choice: "kafka",
      because: "payments are read again when a model is trained anew",
      rejected: { rabbitmq: "a message that was read is gone" },
    }),
    decision("storage", { choice: "s3", because: "seven years of payments, encrypted with a key of our own" }),
    decision("engine", { choice: "duckdb", because: "200 GB a day fits one machine", rejected: { spark: "a cluster to look after" } }),
    decision("warehouse", {
      choice: "redshift",
      because: "beside S3, where the auditors' reports run",
      rejected: { bigquery: "another provider" },
    }),
    decision("server", { choice: "embedded", because: "one process answers thousands a second; replicas are for the zones" }),
    decision("scheduler", { choice: "kubernetes", because: "replicas in three zones follow the load", rejected: { slurm: "no services" } }),
    decision("accelerator", { choice: "cpu", because: "trees train in seconds" }),
  ],
  assets: [clean, nightly, endpoint("fraud", { model: fraud, drift: "psi > 0.2" })],
  environments: {
    local: environment({ core: files({ directory: "data" }), cards: files({ directory: "data" }), helpers: ["node generate.ts"] }),
    prod: environment({
      core: described("postgresql", { tls: true, encryption: true }),
      cards: described("kafka", { tls: true, encryption: true }),
      broker: described("kafka", { tls: true, encryption: true }),
      catalog: iceberg({ url: "https://catalog.example.com", credential: env("CATALOG_CREDENTIAL") }),
      lake: s3({ bucket: "payments-lake", region: "eu-west-1", ...keys }),
      warehouse: described("redshift", { tls: true, encryption: true }),
      server: embedded({ host: "0.0.0.0", tls: { certificate: "server.crt", key: "server.key" }, keys: env("SERVER_KEYS") }),
      proxy: described("haproxy", { tls: true }),
      identity: described("keycloak", { tls: true }),
      monitor: prometheus({ targets: ["millwright:8080"], key: env("METRICS_KEY") }),
      alerts: alertmanager({
        url: "http://alertmanager:9093",
        escalation: [
          { name: "team", slack: env("TEAM_SLACK") },
          { name: "lead", after: "15 minutes", pagerduty: env("LEAD_PAGERDUTY") },
        ],
      }),
      dashboard: grafana(),
      place: { provider: "aws", region: "eu-west-1", zones: 3, encryptedDisks: true },
    }),
  },
});
