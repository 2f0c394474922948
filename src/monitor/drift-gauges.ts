import type { Gauge, Registry } from "prom-client";
import type { DriftReport, FeatureDrift } from "./drift.ts";
import { monitoringGauge, type MonitoringGauge } from "./metrics.ts";

/** The gauges of an endpoint's drift and quality. */
export interface DriftGauges {
  show(endpoint: string, report: Pick<DriftReport, "features" | "prediction">): void;
  /** Another version may have other features. */
  forget(endpoint: string, features: readonly string[]): void;
}

interface Shown {
  readonly gauge: Gauge;
  of(feature: FeatureDrift): number | null;
}

const inputFigures: readonly (readonly [MonitoringGauge, Shown["of"]])[] = [
  ["millwright_drift_psi", ({ psi }) => psi],
  ["millwright_drift_js", ({ jensenShannon }) => jensenShannon],
  ["millwright_drift_ks", ({ ks }) => ks],
  ["millwright_drift_wasserstein", ({ wasserstein }) => wasserstein],
  ["millwright_drift_p", ({ corrected }) => corrected],
];

const predictionFigures: readonly (readonly [MonitoringGauge, Shown["of"]])[] = [
  ["millwright_prediction_drift_psi", ({ psi }) => psi],
  ["millwright_prediction_drift_js", ({ jensenShannon }) => jensenShannon],
  ["millwright_prediction_drift_ks", ({ ks }) => ks],
  ["millwright_prediction_drift_wasserstein", ({ wasserstein }) => wasserstein],
  ["millwright_prediction_drift_p", ({ corrected }) => corrected],
];

const qualities: readonly (readonly [MonitoringGauge, Shown["of"]])[] = [
  ["millwright_quality_missing_share", ({ quality }) => quality.missing.current],
  ["millwright_quality_unseen_share", ({ quality }) => quality.unseen],
  ["millwright_quality_out_of_range_share", ({ quality }) => quality.outOfRange],
];

/** Makes them in a registry, or finds them there: all endpoints share them. */
export function driftGauges(registry: Registry): DriftGauges {
  const shown = (declared: readonly (readonly [MonitoringGauge, Shown["of"]])[]): readonly Shown[] =>
    declared.map(([name, of]) => ({ gauge: monitoringGauge(registry, name), of }));
  const features = shown([...inputFigures, ...qualities]);
  const predictions = shown(predictionFigures);
  const set = ({ gauge, of }: Shown, labels: Record<string, string>, feature: FeatureDrift): void => {
    const value = of(feature);
    if (value !== null) gauge.set(labels, value);
  };
  return {
    show(endpoint, report) {
      for (const feature of report.features) for (const one of features) set(one, { endpoint, feature: feature.name }, feature);
      if (report.prediction !== null) for (const one of predictions) set(one, { endpoint }, report.prediction);
    },
    forget(endpoint, names) {
      for (const feature of names) for (const { gauge } of features) gauge.remove({ endpoint, feature });
      for (const { gauge } of predictions) gauge.remove({ endpoint });
    },
  };
}
