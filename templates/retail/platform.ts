// Will this order line come back? Asked at the checkout. Synthetic data; all times are UTC.
import {
  boostedTrees,
  count,
  decision,
  endpoint,
  env,
  environment,
  maintenance,
  model,
  platform,
  share,
  source,
  sum,
  table,
} from "millwright";
import { described, embedded, files, gcs, iceberg, prometheus } from "millwright/systems";

const products = source("catalogue").table("products", {
  key: "product",
  columns: { product: "bigint", kind: "text", fit: "double", cost: "double" },
});
const lines = source("shop").table("order_lines", {
  key: "id",
  columns: {
    id: "bigint",
    customer: "bigint",
    product: "bigint",
    size: "text",
    quantity: "integer",
    price: "double",
    discount: "double",
    ordered_at: "timestamp",
    returned: "boolean",
  },
});

const clean = table("clean_lines", lines)
  .parts({ by: "month", column: "ordered_at" })
  .fill({ discount: { constant: 0 } })
  .check({ price: { between: [0, 100_000] }, quantity: { between: [1, 1000] } })
  .load();

const earlier = table("earlier_lines", clean).parts({ by: "month", column: "ordered_at" }).select("product", "returned", "ordered_at");

const features = table("line_features", clean)
  .parts({ by: "month", column: "ordered_at" })
  .join(products, { on: "product", columns: ["kind", "fit", "cost"] })
  .derive((l) => ({ margin: l.price.minus(l.cost) }))
  .lookback(earlier, {
    by: "product",
    at: "ordered_at",
    time: "ordered_at",
    range: "60 days",
    columns: (e) => ({ sold_before: count(), returned_before: share(e.returned) }),
  });

const revenue = table("revenue_by_kind", features)
  .aggregate({ by: ["kind"], columns: (l) => ({ lines: count(), revenue: sum(l.price), share_returned: share(l.returned) }) })
  .load();

const returns = model("order_returns", {
  from: features,
  target: "returned",
  ignore: ["id", "customer", "product"],
  split: { by: "ordered_at", test: "last 40 days" },
  train: boostedTrees({ trees: 120, seed: 1 }),
  retrain: { on: ["drift"], schedule: "daily at 02:00", atMost: "1/day" },
  slices: ["kind"],
  accept: { auc: ">= 0.6" },
});

// Small files together, old snapshots let go: a day of time travel.
const nightly = maintenance("nightly", {
  compact: { below: "64 MB" },
  expire: { olderThan: "1 day" },
  orphans: { olderThan: "3 days" },
  schedule: "daily at 03:00",
});

export default platform({
  name: "shop",
  domain: "retail",
  purpose: "warn at the checkout when an order line is likely to come back, and show buyers which products do",
  requirements: {
    serving: "real-time",
    latency: { p99: "100 ms" },
    requests: "150/second",
    peak: "10x",
    data: "streaming",
    volume: "120 GB/day",
    growth: "40%/year",
    retention: "3 years",
    quality: { auc: ">= 0.6" },
    uptime: "99.9%",
    recovery: { time: "1 hour", point: "1 hour" },
    compliance: ["GDPR"],
    costPerInference: "$0.0002",
    budget: "$8000/month",
    region: "europe-west4",
  },
  schedule: "every 30 minutes",
  decisions: [
    decision("deployment", {
      choice: "cloud",
      because: "the week before Christmas has ten times the load of the others",
      rejected: { "on-premises": "idle for fifty weeks" },
    }),
    decision("storage", { choice: "gcs", because: "where the shop runs", rejected: { s3: "another provider" } }),
    decision("engine", { choice: "duckdb", because: "120 GB a day fits one machine", rejected: { spark: "a cluster to look after" } }),
    decision("warehouse", {
      choice: "bigquery",
      because: "buyers ask seldom and much: paid by the question",
      rejected: { snowflake: "another contract" },
    }),
    decision("server", { choice: "embedded", because: "answers the peak on one machine; the second is for its loss" }),
    decision("scheduler", { choice: "kubernetes", because: "replicas follow the season", rejected: { slurm: "no services" } }),
    decision("broker", { choice: "pubsub", because: "nothing to run", rejected: { kafka: "three brokers for 120 GB a day" } }),
    decision("accelerator", { choice: "cpu", because: "trees train in seconds" }),
  ],
  assets: [clean, revenue, nightly, endpoint("returns", { model: returns, drift: "psi > 0.2" })],
  environments: {
    local: environment({ catalogue: files({ directory: "data" }), shop: files({ directory: "data" }), helpers: ["node generate.ts"] }),
    prod: environment({
      catalogue: described("postgresql", { tls: true, encryption: true }),
      shop: described("pubsub", { tls: true, encryption: true }),
      broker: described("pubsub", { tls: true, encryption: true }),
      catalog: iceberg({ url: "https://catalog.example.com", credential: env("CATALOG_CREDENTIAL") }),
      lake: gcs({ bucket: "shop-lake" }),
      warehouse: described("bigquery", { tls: true, encryption: true }),
      server: embedded({ host: "0.0.0.0", tls: { certificate: "server.crt", key: "server.key" }, keys: env("SERVER_KEYS") }),
      cache: described("varnish"),
      bi: described("looker", { tls: true }),
      monitor: prometheus({ targets: ["millwright:8080"], key: env("METRICS_KEY") }),
      place: { provider: "google", region: "europe-west4", zones: 2, encryptedDisks: true },
    }),
  },
});
