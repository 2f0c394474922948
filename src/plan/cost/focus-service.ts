import type { CostLine } from "../vocabulary.ts";

/** What FOCUS calls a service, by its lists of categories and subcategories (version 1.2). */
export interface FocusService {
  readonly name: string;
  readonly category: string;
  readonly subcategory: string;
}

const objects = ["Storage", "Object Storage"] as const;
const blocks = ["Storage", "Block Storage"] as const;
const containers = ["Compute", "Containers"] as const;
const messaging = ["Integration", "Messaging"] as const;
const warehouses = ["Databases", "Data Warehouses"] as const;
const other = ["Other", "Other (Other)"] as const;

/** By the service that a line's item begins with. */
const services: Readonly<Record<string, readonly [name: string, kind: readonly [category: string, subcategory: string]]>> = {
  s3: ["Amazon S3", objects],
  gcs: ["Google Cloud Storage", objects],
  "blob-adls": ["Azure Blob Storage", objects],
  ebs: ["Amazon EBS", blocks],
  "persistent-disk": ["Google Persistent Disk", blocks],
  "managed-disks": ["Azure Managed Disks", blocks],
  disks: ["Disks", blocks],
  eks: ["Amazon EKS", containers],
  gke: ["Google Kubernetes Engine", containers],
  aks: ["Azure Kubernetes Service", containers],
  pubsub: ["Google Pub/Sub", messaging],
  "kinesis-streams": ["Amazon Kinesis", messaging],
  snowflake: ["Snowflake", warehouses],
  bigquery: ["Google BigQuery", warehouses],
  redshift: ["Amazon Redshift", warehouses],
  "data-transfer": ["Data transfer", ["Networking", "Other (Networking)"]],
  electricity: ["Electricity", other],
  people: ["People", other],
};

/** The service of a line. */
export function focusServiceOf({ item, quantity }: CostLine): FocusService {
  const found = services[item.split(" ")[0] ?? ""];
  if (found !== undefined) return { name: found[0], category: found[1][0], subcategory: found[1][1] };
  if (quantity.name === "months") return { name: item, category: other[0], subcategory: other[1] };
  return { name: "Machines", category: "Compute", subcategory: "Virtual Machines" };
}

const units: Readonly<Record<string, string>> = {
  "1k requests": "1000 Requests",
  "10k operations": "10000 Operations",
  "TB-month (compressed)": "TB-Months",
};

/** The unit of a line's quantity, as FOCUS writes units. */
export function focusUnitOf(line: CostLine): string {
  const { item, quantity, price } = line;
  const kept = focusServiceOf(line).category === "Storage" || /storage/i.test(item);
  if (quantity.unit === "hours") return item.startsWith("snowflake") ? "Credits" : "Hours";
  if (quantity.unit === "kWh") return "Kilowatt-Hours";
  const unit = quantity.name.split(", ").at(-1) ?? "";
  if (units[unit] !== undefined) return units[unit];
  if (/^[KMGT]i?B$/.test(unit)) return kept ? `${unit}-Months` : unit;
  return quantity.name === "months" ? "Months" : price.unit === "USD/month" ? "Unit-Months" : "Units";
}
