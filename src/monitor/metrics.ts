import { Counter, Gauge } from "prom-client";
import type { Registry } from "prom-client";

/** A gauge of a registry, made when it is not there yet, so that every endpoint's watch shares it. */
export function gauge(registry: Registry, name: string, help: string, labelNames: readonly string[]): Gauge {
  const existing = registry.getSingleMetric(name);
  return existing instanceof Gauge ? existing : new Gauge({ name, help, labelNames, registers: [registry] });
}

/** Likewise a counter. */
export function counter(registry: Registry, name: string, help: string, labelNames: readonly string[]): Counter {
  const existing = registry.getSingleMetric(name);
  return existing instanceof Counter ? existing : new Counter({ name, help, labelNames, registers: [registry] });
}
