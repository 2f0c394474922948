import type { ModelNode } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import type { TestMetrics } from "./metrics.ts";

/** One bound of the acceptance gate, and how the model did against it. */
export interface Criterion {
  readonly metric: string;
  /** Null where the metric does not exist, as AUC without a positive row; a bound on it is missed. */
  readonly value: number | null;
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly met: boolean;
}

export interface Gate {
  readonly accepted: boolean;
  readonly criteria: readonly Criterion[];
}

/** The metrics that a gate can bound; those of the confusion matrix are at the threshold of a half. */
const gateMetrics: Readonly<Record<string, (metrics: TestMetrics) => number | null>> = {
  auc: (metrics) => metrics.auc,
  logLoss: (metrics) => metrics.logLoss,
  brier: (metrics) => metrics.brier,
  calibrationError: (metrics) => metrics.calibrationError,
  accuracy: (metrics) => metrics.confusion.accuracy,
  precision: (metrics) => metrics.confusion.precision,
  recall: (metrics) => metrics.confusion.recall,
  f1: (metrics) => metrics.confusion.f1,
};

export const gateMetricNames: readonly string[] = Object.keys(gateMetrics);

/** All the figures that a gate can bound. */
export function gateFigures(metrics: TestMetrics): Record<string, number | null> {
  return Object.fromEntries(Object.entries(gateMetrics).map(([name, figure]) => [name, figure(metrics)]));
}

/**
 * Refuses a gate that names a metric which does not exist, before any work is done.
 *
 * @throws MillwrightError `unknown-metric`, with the model's place.
 */
export function checkGate(node: ModelNode): void {
  for (const metric of Object.keys(node.accept)) {
    if (Object.hasOwn(gateMetrics, metric)) continue;
    throw new MillwrightError({
      code: "unknown-metric",
      what: `the gate of model '${node.name}' names the metric '${metric}'`,
      where: node.origin,
      fix: `use one of: ${Object.keys(gateMetrics).join(", ")}`,
    });
  }
}

/**
 * Compares a model's figures on the test rows with its gate. Without bounds every model is accepted.
 *
 * @throws MillwrightError `unknown-metric`, with the model's place.
 */
export function acceptModel(node: ModelNode, metrics: TestMetrics): Gate {
  checkGate(node);
  const criteria = Object.entries(node.accept).map(([metric, bound]): Criterion => {
    const value = gateMetrics[metric]?.(metrics) ?? null;
    const met =
      value !== null && value >= (bound.atLeast ?? Number.NEGATIVE_INFINITY) && value <= (bound.atMost ?? Number.POSITIVE_INFINITY);
    return { metric, value, ...bound, met };
  });
  return { accepted: criteria.every(({ met }) => met), criteria };
}

/** `auc 0.68 (wanted at least 0.7)`. */
export function describeCriterion({ metric, value, atLeast, atMost, met }: Criterion): string {
  const bounds = [atLeast === undefined ? null : `at least ${atLeast}`, atMost === undefined ? null : `at most ${atMost}`].filter(
    (bound) => bound !== null,
  );
  return `${metric} ${value === null ? "unknown" : Number(value.toFixed(5))} (${met ? "is" : "wanted"} ${bounds.join(" and ")})`;
}
