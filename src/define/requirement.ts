import type { Option } from "./node.ts";

/** A length of time as people write it. */
export type Duration = `${number} ${"ms" | "second" | "seconds" | "minute" | "minutes" | "hour" | "hours" | "day" | "days"}`;

/** What the platform must reach; `check` and `plan` hold it against what is bound and measured. */
export interface Requirements {
  /** Of one prediction, at the endpoint. */
  readonly latency?: { readonly p50?: Duration; readonly p99?: Duration };
  /** Data that arrives. */
  readonly volume?: `${number} ${"GB" | "TB"}/day`;
  readonly uptime?: `${number}%`;
  readonly compliance?: readonly ("GDPR" | "HIPAA" | "FedRAMP")[];
  /** In US dollars. */
  readonly costPerInference?: `$${number}`;
  readonly [other: string]: Option | undefined | { readonly p50?: Duration; readonly p99?: Duration };
}
