import type { Duration } from "./duration.ts";
import type { Option } from "./option.ts";

/** How long an answer may take. */
export type Latency = Duration | `${number} ms`;

/** What the platform must reach; `check` and `plan` hold it against what is bound and measured. */
export interface Requirements {
  /** Of one prediction, at the endpoint. */
  readonly latency?: { readonly p50?: Latency; readonly p99?: Latency };
  /** Data that arrives. */
  readonly volume?: `${number} ${"GB" | "TB"}/day`;
  readonly uptime?: `${number}%`;
  readonly compliance?: readonly ("GDPR" | "HIPAA" | "FedRAMP")[];
  /** In US dollars. */
  readonly costPerInference?: `$${number}`;
  readonly [other: string]: Option | undefined | { readonly p50?: Latency; readonly p99?: Latency };
}
