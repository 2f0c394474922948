import { Gauge, type Registry } from "prom-client";

export interface CostMeterOptions {
  readonly registry: Registry;
  /** Dollars of an hour of a processor by endpoint; null where it is not known. */
  readonly prices: Readonly<Record<string, number | null>>;
  /** Seconds of processor time that this process has taken. @default all threads of this process, user and system */
  readonly processorSeconds?: () => number;
}

export interface CostMeter {
  /** Rows that were answered. */
  add(endpoint: string, rows: number): void;
  figures(): CostFigures;
}

export interface CostFigures {
  readonly inferences: number;
  /** Null before the first inference. */
  readonly cpuSecondsPerThousand: number | null;
  /** Dollars by endpoint; `unknown` without a price or an inference. */
  readonly dollarsPerThousand: Readonly<Record<string, number | "unknown">>;
}

/**
 * What inferences cost: the processor time of the whole serving process since it began to serve, over all rows that it answered, times the price
 * of an hour. What the process does besides (the prediction log, the watch) is part of the cost; the endpoints share it by their rows.
 */
export function createCostMeter({ registry, prices, processorSeconds = ownSeconds }: CostMeterOptions): CostMeter {
  const began = processorSeconds();
  let inferences = 0;
  const answered = new Set<string>();
  const figures = (): CostFigures => {
    const perThousand = inferences === 0 ? null : ((processorSeconds() - began) / inferences) * 1000;
    return {
      inferences,
      cpuSecondsPerThousand: perThousand,
      dollarsPerThousand: Object.fromEntries(
        Object.entries(prices).map(([endpoint, price]) => [
          endpoint,
          price === null || perThousand === null || !answered.has(endpoint) ? ("unknown" as const) : (perThousand / 3600) * price,
        ]),
      ),
    };
  };
  new Gauge({
    name: "millwright_inference_cpu_seconds_per_thousand",
    help: "Processor time of the serving process over a thousand inferences.",
    registers: [registry],
    // Both gauges come of one reading of the clock: this one is collected first, for it was registered first.
    collect() {
      const { cpuSecondsPerThousand, dollarsPerThousand } = figures();
      if (cpuSecondsPerThousand !== null) this.set(cpuSecondsPerThousand);
      for (const [endpoint, dollars] of Object.entries(dollarsPerThousand)) if (dollars !== "unknown") cost.set({ endpoint }, dollars);
    },
  });
  const cost = new Gauge({
    name: "millwright_inference_cost_dollars_per_thousand",
    help: "Dollars of processor time of a thousand inferences; absent where the price is unknown.",
    labelNames: ["endpoint"],
    registers: [registry],
  });
  return {
    add(endpoint, rows) {
      inferences += rows;
      answered.add(endpoint);
    },
    figures,
  };
}

function ownSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
