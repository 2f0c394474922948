import type { BindingNode } from "../define/node.ts";
import { binding } from "./binding.ts";
import type { System } from "./roles.ts";

export interface GrafanaOptions {
  /** Where Grafana reaches Prometheus, to be provisioned as a data source: `http://prometheus:9090`. @default one that is there already */
  readonly prometheus?: string;
  /** The folder that the dashboards stand in. @default the platform's name */
  readonly folder?: string;
  /** Where the rendered dashboards lie on Grafana's machine. @default "/var/lib/grafana/dashboards/millwright" */
  readonly directory?: string;
}

/**
 * A Grafana (10 or newer) that shows the dashboards which `millwright render monitoring` writes, and the files with which it finds them.
 *
 * @example
 * environment({ dashboard: grafana({ prometheus: "http://prometheus:9090" }) })
 */
export function grafana(options: GrafanaOptions = {}): BindingNode {
  return binding("grafana", options);
}

export const system: System = {
  name: "grafana",
  title: "Grafana",
  peers: [],
  roles: {},
  rendered: ["dashboard"],
};
