import type { Registry } from "prom-client";
import type { PredictionBatch } from "../serve/prediction.ts";
import type { FeatureProfile } from "../train/profile.ts";
import type { DriftRule } from "../define/quantity.ts";
import { driftReport, recoveryShare, type DriftReport } from "./drift.ts";
import { driftGauges } from "./drift-gauges.ts";
import { qualityFaults } from "./quality.ts";
import { createWindow } from "./window.ts";

/** How an evaluation came out: what is beyond its limit, or was and has not come back below nine tenths of it. */
export interface Verdict {
  readonly version: string;
  readonly report: DriftReport;
  readonly inputs: boolean;
  readonly predictions: boolean;
  readonly quality: boolean;
}

export interface DriftWatchOptions {
  readonly endpoint: string;
  readonly version: string;
  /** The training rows of that version. */
  readonly profile: FeatureProfile;
  /** Limit per feature. */
  readonly rule: DriftRule;
  /** Told of every evaluation with enough rows, whether anything has changed or not. */
  readonly onVerdict: (verdict: Verdict) => void;
  /** The greatest share of rows of a feature that training had not: see `qualityFaults`. @default not judged */
  readonly quality?: number | null;
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

/** Compares an endpoint's newest predictions with the training rows, again and again, and tells each time whether they part. */
export function watchDrift(options: DriftWatchOptions): DriftWatch {
  const { endpoint, rule, registry, quality = null, windowRows = 5000, minimumRows = 200, everyRows = 1000, everySeconds = 60 } = options;
  const gauges = registry === undefined ? null : driftGauges(registry);
  let version = options.version;
  let profile = options.profile;
  let window = createWindow(Object.keys(profile.features), windowRows);
  let fresh = 0;
  let drifting = false;
  let predictions = false;
  let faulty = false;
  let last: DriftReport | null = null;

  function evaluate(): DriftReport {
    fresh = 0;
    const report = driftReport(profile, window.columns(), { rule, minimumRows }, window.scores());
    last = report;
    if (!report.enough) return report;
    gauges?.show(endpoint, report);
    drifting = report.over || (drifting && report.features.some(({ near }) => near));
    predictions = report.prediction?.over === true || (predictions && report.prediction?.near === true);
    const faults = (share: number): boolean => quality !== null && qualityFaults(report.features, share * quality).length > 0;
    faulty = faults(1) || (faulty && faults(recoveryShare));
    options.onVerdict({ version, report, inputs: drifting, predictions, quality: faulty });
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
      gauges?.forget(endpoint, Object.keys(profile.features));
      version = nextVersion;
      profile = nextProfile;
      window = createWindow(Object.keys(profile.features), windowRows);
      fresh = 0;
      drifting = predictions = faulty = false;
      last = null;
    },
    stop: () => clearInterval(timer),
  };
}
