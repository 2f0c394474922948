import type { Gauge, Registry } from "prom-client";
import type { PredictionBatch } from "../serve/prediction.ts";
import type { FeatureProfile } from "../train/profile.ts";
import type { DriftRule } from "../define/quantity.ts";
import { driftReport } from "./drift.ts";
import type { DriftReport, FeatureDrift } from "./drift.ts";
import { gauge } from "./metrics.ts";
import { createWindow } from "./window.ts";

/** An endpoint's inputs have left the training distribution, or come back. */
export interface DriftEvent {
  readonly kind: "drift" | "recovered";
  readonly endpoint: string;
  readonly version: string;
  readonly time: Date;
  readonly rule: DriftRule;
  readonly report: DriftReport;
}

export interface DriftWatchOptions {
  readonly endpoint: string;
  readonly version: string;
  /** The training rows of that version. */
  readonly profile: FeatureProfile;
  /** Limit per feature. */
  readonly rule: DriftRule;
  readonly onDrift: (event: DriftEvent) => void;
  /** Newest predictions that are compared. @default 5000 */
  readonly windowRows?: number;
  /** @default 200 */
  readonly minimumRows?: number;
  /** Evaluated after so many new rows. @default 1000 */
  readonly everyRows?: number;
  /** And after so many seconds, if rows have come. @default 60 */
  readonly everySeconds?: number;
  /** Where the gauges go. */
  readonly registry?: Registry;
}

export interface DriftWatch {
  /** Takes a batch of this endpoint; of another version than the watched one it is passed over, because its profile is another. */
  add(batch: PredictionBatch): void;
  evaluate(): DriftReport;
  /** The last evaluation; null before the first. */
  report(): DriftReport | null;
  /** Watches another version from now on, with an empty window. */
  replace(version: string, profile: FeatureProfile): void;
  stop(): void;
}

/** Compares an endpoint's newest predictions with the training rows, again and again, and tells when they part and when they meet again. */
export function watchDrift(options: DriftWatchOptions): DriftWatch {
  const { endpoint, rule, registry, windowRows = 5000, minimumRows = 200, everyRows = 1000, everySeconds = 60 } = options;
  const gauges = registry === undefined ? null : driftGauges(registry);
  let version = options.version;
  let profile = options.profile;
  let window = createWindow(Object.keys(profile.features), windowRows);
  let fresh = 0;
  let drifting = false;
  let last: DriftReport | null = null;

  function evaluate(): DriftReport {
    fresh = 0;
    const report = driftReport(profile, window.columns(), { rule, minimumRows });
    last = report;
    if (!report.enough) return report;
    for (const feature of report.features)
      for (const { of, gauge: shown } of gauges?.features ?? []) {
        const value = of(feature);
        if (value !== null) shown.set({ endpoint, feature: feature.name }, value);
      }
    const over = report.over || (drifting && report.features.some(({ near }) => near));
    if (over !== drifting) {
      drifting = over;
      options.onDrift({ kind: over ? "drift" : "recovered", endpoint, version, time: new Date(), rule, report });
    }
    gauges?.over.set({ endpoint }, drifting ? 1 : 0);
    return report;
  }

  const timer = setInterval(() => {
    if (fresh === 0) return;
    try {
      evaluate();
    } catch (error) {
      process.emitWarning(`the drift of ${endpoint} could not be evaluated: ${error instanceof Error ? error.message : String(error)}`);
    }
  }, everySeconds * 1000);
  timer.unref();

  return {
    add(batch) {
      if (batch.endpoint !== endpoint || batch.version !== version) return;
      window.add(batch);
      fresh += batch.rows;
      if (fresh >= everyRows) evaluate();
    },
    evaluate,
    report: () => last,
    replace(nextVersion, nextProfile) {
      for (const feature of Object.keys(profile.features))
        for (const { gauge: shown } of gauges?.features ?? []) shown.remove({ endpoint, feature });
      gauges?.over.set({ endpoint }, 0);
      version = nextVersion;
      profile = nextProfile;
      window = createWindow(Object.keys(profile.features), windowRows);
      fresh = 0;
      drifting = false;
      last = null;
    },
    stop: () => clearInterval(timer),
  };
}

interface DriftGauges {
  readonly features: readonly { readonly gauge: Gauge; of(feature: FeatureDrift): number | null }[];
  readonly over: Gauge;
}

function driftGauges(registry: Registry): DriftGauges {
  const figure = (name: string, help: string, of: (feature: FeatureDrift) => number | null) => ({
    gauge: gauge(registry, name, help, ["endpoint", "feature"]),
    of,
  });
  return {
    features: [
      figure("millwright_drift_psi", "Population stability index of a feature against training.", ({ psi }) => psi),
      figure("millwright_drift_js", "Jensen-Shannon distance of a feature against training.", ({ jensenShannon }) => jensenShannon),
      figure("millwright_drift_ks", "Kolmogorov-Smirnov statistic of a numeric feature against training.", ({ ks }) => ks),
      figure(
        "millwright_drift_wasserstein",
        "Wasserstein distance of a numeric feature against training, in its unit.",
        (feature) => feature.wasserstein,
      ),
      figure("millwright_drift_p", "Corrected p-value of the test that fits the feature's type.", ({ corrected }) => corrected),
      figure("millwright_quality_missing_share", "Rows of the window without a value.", ({ quality }) => quality.missing.current),
      figure(
        "millwright_quality_unseen_share",
        "Rows of the window whose category training did not have.",
        ({ quality }) => quality.unseen,
      ),
      figure("millwright_quality_out_of_range_share", "Rows of the window outside training's range.", ({ quality }) => quality.outOfRange),
    ],
    over: gauge(registry, "millwright_drift_over", "1 while a feature of the endpoint is beyond its limit.", ["endpoint"]),
  };
}
