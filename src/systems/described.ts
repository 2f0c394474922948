import type { BindingNode } from "../define/node.ts";
import type { Option } from "../define/option.ts";
import { binding } from "./binding.ts";

/** Systems that Millwright can plan, cost, draw and defend, but not run yet. */
export type DescribedSystem =
  | "postgresql"
  | "sql-server"
  | "mongodb"
  | "cassandra"
  | "hbase"
  | "mqtt"
  | "fhir"
  | "kafka"
  | "rabbitmq"
  | "pubsub"
  | "dask"
  | "rapids"
  | "hadoop"
  | "trino"
  | "hive"
  | "snowflake"
  | "bigquery"
  | "redshift"
  | "kubeflow"
  | "seldon"
  | "airflow"
  | "nifi"
  | "nginx"
  | "haproxy"
  | "varnish"
  | "dcgm"
  | "keycloak"
  | "tableau"
  | "power-bi"
  | "looker";

/**
 * Binds a system that cannot run here yet: `plan` and `design` reckon with it, marked "described"; `run` refuses it.
 *
 * @param options what is to be known of it: `{ region: "us-east-1", encryption: true }`
 * @example
 * environment({ ops: described("postgresql"), warehouse: described("snowflake", { region: "us-east-1" }) })
 */
export function described(system: DescribedSystem, options: Readonly<Record<string, Option>> = {}): BindingNode {
  return binding(system, options);
}
