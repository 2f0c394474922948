import { Gauge, type Registry } from "prom-client";
import type { JournalEvent } from "../run/journal.ts";

const figures = ["auc", "logLoss", "brier", "accuracy", "calibrationError"] as const;

/**
 * Gauges of the newest performance that was told to the journal: `millwright_performance{endpoint,figure}` from labels, and
 * `millwright_performance_estimated{endpoint,figure}` from scores alone. They are read at each scrape, so that another process may tell.
 */
export function performanceGauges(registry: Registry, latest: () => ReadonlyMap<string, JournalEvent>): void {
  const make = (name: string, help: string, part: "figures" | "estimated") =>
    new Gauge({
      name,
      help,
      labelNames: ["endpoint", "figure"],
      registers: [registry],
      collect() {
        for (const [endpoint, { body }] of latest()) {
          const values = body[part];
          if (typeof values !== "object" || values === null) continue;
          const known = new Map<string, unknown>(Object.entries(values));
          for (const figure of figures) {
            const value = known.get(figure);
            if (typeof value === "number") this.set({ endpoint, figure }, value);
          }
        }
      },
    });
  make("millwright_performance", "Performance of the newest window with labels.", "figures");
  make("millwright_performance_estimated", "Performance that was to be expected of that window without labels.", "estimated");
}
