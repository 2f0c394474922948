import type { Duration } from "../define/duration.ts";
import type { BindingNode } from "../define/node.ts";
import type { SecretReference } from "../define/option.ts";
import { binding } from "./binding.ts";
import type { System } from "./roles.ts";

export interface PrometheusOptions {
  /** Where `/metrics` of `millwright up` is, as Prometheus reaches it: `["10.0.0.5:8443"]`. @default host and port of the environment's embedded server */
  readonly targets?: readonly string[];
  /** Where DCGM exporters of NVIDIA GPUs are: `["node1:9400"]`; their rules and dashboard come with them. @default none */
  readonly gpus?: readonly string[];
  /** Between two scrapes, and between two evaluations of the rules. @default "15 seconds" */
  readonly interval?: Duration;
  /** After how long a table that no run has found up to date is stale. @default twice the longest pause of the platform's schedule */
  readonly stale?: Duration;
  /** A key of the embedded server that may ask for its metrics, where it asks for keys. */
  readonly key?: SecretReference;
  /** The certificate authority of the embedded server, as a file on Prometheus' machine, where it is not one that everybody knows. */
  readonly authority?: string;
  /** The folder on Prometheus' machine in which each secret is a file of its variable's name. @default "/etc/prometheus/secrets" */
  readonly secrets?: string;
}

/**
 * A Prometheus (2.42 or newer) that scrapes `millwright up` and the exporters of GPUs, and tests rules on what it finds: its configuration,
 * rules and their tests are written by `millwright render monitoring`.
 *
 * @example
 * environment({ monitor: prometheus({ targets: ["10.0.0.5:8443"], gpus: ["node1:9400"], key: env("METRICS_KEY") }) })
 */
export function prometheus(options: PrometheusOptions = {}): BindingNode {
  return binding("prometheus", options);
}

export const system: System = {
  name: "prometheus",
  title: "Prometheus",
  peers: [],
  roles: {},
  rendered: ["monitor"],
};
