import { Gauge, type Registry } from "prom-client";
import type { JournalEvent } from "../run/journal.ts";
import { monitoringGauges, type MonitoringGauge } from "./metrics.ts";

const figures = ["auc", "logLoss", "brier", "accuracy", "calibrationError"] as const;

/** What is to be expected of a window before its labels come. */
export interface Expected {
  readonly endpoint: string;
  /** ISO 8601: when the window began. */
  readonly from: string;
  readonly figures: Readonly<Record<string, unknown>>;
}

/**
 * Gauges of the newest performance that was told to the journal: `millwright_performance{endpoint,figure}` from labels, and
 * `millwright_performance_estimated{endpoint,figure}` from scores alone. They are read at each scrape, so that another process may tell.
 *
 * @returns tells what is to be expected of a newer window than any that has labels
 */
export function performanceGauges(registry: Registry, latest: () => ReadonlyMap<string, JournalEvent>): (expected: Expected) => void {
  const told = new Map<string, Expected>();
  const make = (name: MonitoringGauge, collect: (this: Gauge, endpoint: string, event: JournalEvent) => void): Gauge => {
    const { help, labels } = monitoringGauges[name];
    return new Gauge({
      name,
      help,
      labelNames: labels,
      registers: [registry],
      collect() {
        for (const [endpoint, event] of latest()) collect.call(this, endpoint, event);
      },
    });
  };
  const show = (gauge: Gauge, endpoint: string, values: unknown): void => {
    if (typeof values !== "object" || values === null) return;
    const known = new Map<string, unknown>(Object.entries(values));
    for (const figure of figures) {
      const value = known.get(figure);
      if (typeof value === "number") gauge.set({ endpoint, figure }, value);
    }
  };
  make("millwright_performance", function (endpoint, { body }) {
    show(this, endpoint, body["figures"]);
  });
  make("millwright_performance_labelled_rows", function (endpoint, { body }) {
    if (typeof body["labelled"] === "number") this.set({ endpoint }, body["labelled"]);
  });
  const estimated = make("millwright_performance_estimated", function (endpoint, { body }) {
    const newer = told.get(endpoint);
    if (newer === undefined || newer.from <= String(body["from"])) show(this, endpoint, body["estimated"]);
  });
  return (expected) => {
    told.set(expected.endpoint, expected);
    show(estimated, expected.endpoint, expected.figures);
  };
}
