import type { Registry as Metrics } from "prom-client";
import { driftRuleText } from "../define/quantity.ts";
import type { Definition, EndpointNode, EnvironmentNode } from "../define/node.ts";
import { describeMissed } from "../monitor/bounds.ts";
import type { DriftReport, FeatureDrift } from "../monitor/drift.ts";
import { driftGauges } from "../monitor/drift-gauges.ts";
import { monitoringCounter, monitoringGauge, monitoringGauges, isGauge, type MonitoringGauge } from "../monitor/metrics.ts";
import { performanceGauges } from "../monitor/performance-gauges.ts";
import { describeFault, qualityFaults } from "../monitor/quality.ts";
import { watchDrift, type DriftWatch } from "../monitor/watch.ts";
import { readModelFile } from "../registry/files.ts";
import type { ModelVersion } from "../registry/version.ts";
import type { PredictionBatch } from "../serve/prediction.ts";
import type { FeatureProfile } from "../train/profile.ts";
import { openAlarms, type AlarmKind, type Alarms, type AlarmSource, type Seen } from "./alarms.ts";
import type { EventBody, Journal } from "./journal.ts";
import { usualRule } from "./look.ts";
import type { LookReport } from "./look-report.ts";
import { startLooks, type LooksOptions } from "./looks.ts";
import { retrainingOutcomes } from "./retrain.ts";

export interface MonitoringOptions extends Pick<LooksOptions, "everySeconds" | "rest" | "directory" | "state"> {
  readonly definition: Definition;
  readonly environment: Pick<EnvironmentNode, "name">;
  /** The endpoints that are served here, with what they serve. */
  readonly served: readonly { readonly endpoint: EndpointNode; readonly version: ModelVersion }[];
  readonly journal: Journal;
  readonly metrics: Metrics;
  /** Of the serving process. */
  readonly run: string;
  note(text: string): void;
}

/** What watches the endpoints while they serve. */
export interface Monitoring {
  /** Takes what was answered; never waits. */
  add(batch: PredictionBatch): void;
  /** Another version serves from now on. */
  replace(endpoint: string, version: ModelVersion): Promise<void>;
  stop(): Promise<void>;
}

const alarmGauges: Readonly<Record<AlarmKind, MonitoringGauge>> = {
  drift: "millwright_drift_over",
  "prediction-drift": "millwright_prediction_drift_over",
  quality: "millwright_quality_over",
  performance: "millwright_performance_over",
};

/**
 * Watches endpoints by their newest rows, as they come and in this process, and by their stored predictions where they say how (`monitor`), in
 * windows and in a process of its own. An endpoint with seasons is judged by its windows alone: what comes round would be drift to the newest rows.
 */
export async function startMonitoring(options: MonitoringOptions): Promise<Monitoring> {
  const { served, journal, metrics, run, note } = options;
  const expected = performanceGauges(metrics, () => journal.latest("performance.measured"));
  declareMetrics(metrics, options);
  const watches = new Map<string, Watched>();
  const failures = new Map<string, string>();
  for (const { endpoint, version } of served) {
    const alarms = openAlarms({
      endpoint: endpoint.name,
      version: String(version.version),
      journal,
      run,
      note,
      judges: (kind, by) => isJudged(endpoint, kind, by),
      onChange: (kind, stands) => monitoringGauge(metrics, alarmGauges[kind]).set({ endpoint: endpoint.name }, stands ? 1 : 0),
    });
    watches.set(endpoint.name, { endpoint, alarms, watch: await newestRows(endpoint, version, alarms, metrics) });
  }
  const looks = startLooks({
    ...options,
    environment: options.environment.name,
    endpoints: served.flatMap(({ endpoint }) => (endpoint.monitor === null ? [] : [endpoint])),
    onLook(name, report, seconds) {
      failures.delete(name);
      monitoringGauge(metrics, "millwright_monitoring_looked_timestamp_seconds").set({ endpoint: name }, Date.now() / 1000);
      monitoringGauge(metrics, "millwright_monitoring_look_seconds").set({ endpoint: name }, seconds);
      const watched = watches.get(name);
      if (watched === undefined) return;
      see(watched, report, metrics);
      const last = report.performance.findLast(({ over, estimated }) => over && estimated !== null);
      if (last?.estimated != null) expected({ endpoint: name, from: last.from, figures: last.estimated });
    },
    onFailure(name, reason) {
      monitoringCounter(metrics, "millwright_monitoring_look_failures_total").inc({ endpoint: name });
      // Once, and again when there is another reason.
      if (failures.get(name) !== reason) note(`the stored predictions of ${name} could not be looked at, trying again: ${reason}`);
      failures.set(name, reason);
    },
  });
  return {
    add: (batch) => watches.get(batch.endpoint)?.watch?.add(batch),
    async replace(name, version) {
      const watched = watches.get(name);
      watched?.alarms.replace(String(version.version));
      watched?.watch?.replace(String(version.version), await profileOf(version));
    },
    async stop() {
      await looks.stop();
      for (const { watch } of watches.values()) {
        watch?.evaluate();
        watch?.stop();
      }
    },
  };
}

/** All of them are there from the beginning, and what is counted begins at 0: Prometheus cannot tell the growth of what it first sees at 7. */
function declareMetrics(metrics: Metrics, { definition, served }: Pick<MonitoringOptions, "definition" | "served">): void {
  for (const name of Object.keys(monitoringGauges)) if (isGauge(name)) monitoringGauge(metrics, name);
  const failures = monitoringCounter(metrics, "millwright_monitoring_look_failures_total");
  for (const { endpoint } of served) if (endpoint.monitor !== null) failures.inc({ endpoint: endpoint.name }, 0);
  const retrainings = monitoringCounter(metrics, "millwright_retrainings_total");
  for (const asset of definition.assets)
    if (asset.kind === "model" && asset.retrain !== null)
      for (const outcome of retrainingOutcomes) retrainings.inc({ model: asset.name, outcome }, 0);
}

interface Watched {
  readonly endpoint: EndpointNode;
  readonly alarms: Alarms;
  /** Null where windows alone judge, or nothing does. */
  readonly watch: DriftWatch | null;
}

/** Whether an endpoint's declaration has it judged so. */
function isJudged({ drift, monitor }: EndpointNode, kind: AlarmKind, by: string): boolean {
  if (kind === "performance") return monitor !== null;
  const limited = kind === "quality" ? monitor?.quality != null : drift !== null;
  return limited && (by === "newest" ? monitor === null || monitor.season === null : monitor !== null);
}

/** Judges the newest rows as they come. */
async function newestRows(endpoint: EndpointNode, version: ModelVersion, alarms: Alarms, metrics: Metrics): Promise<DriftWatch | null> {
  const { name, drift, monitor } = endpoint;
  if ((drift === null && monitor === null) || (monitor !== null && monitor.season !== null)) return null;
  return watchDrift({
    endpoint: name,
    version: String(version.version),
    profile: await profileOf(version),
    rule: drift ?? usualRule,
    quality: monitor?.quality ?? null,
    registry: metrics,
    onVerdict: ({ report, ...over }) => seeRows({ endpoint, alarms }, "newest", report, over),
  });
}

/** What a look has found: newer windows after older ones, so that the newest decides. */
function see(watched: Watched, report: LookReport, metrics: Metrics): void {
  const { endpoint, alarms, watch } = watched;
  for (const window of report.drift) {
    if (!window.enough) continue;
    const prediction = report.performance.find(({ from }) => from === window.from)?.prediction ?? null;
    const { features, rows } = window;
    const shown = { features, prediction, rows };
    // Where the newest rows are not judged, the gauges show the windows.
    if (watch === null) driftGauges(metrics).show(endpoint.name, shown);
    const limit = endpoint.monitor?.quality ?? null;
    seeRows(watched, "window", shown, {
      inputs: features.some(({ over }) => over),
      predictions: prediction?.over ?? false,
      quality: limit !== null && qualityFaults(features, limit).length > 0,
    });
  }
  const verdicts = report.performance.flatMap(({ from, over, verdict }) => (over && verdict !== null ? [{ from, verdict }] : []));
  const byLabels = verdicts.findLast(({ verdict }) => verdict.by === "labels");
  const last = verdicts.at(-1);
  const told = ({ from, verdict: { by, rows, missed } }: (typeof verdicts)[number], over: boolean): Seen => ({
    kind: "performance",
    by: by === "labels" ? "labels" : "estimate",
    over,
    because: over
      ? `${by === "labels" ? "measured performance" : "performance to be expected"} misses its bound: ${missed.map(describeMissed).join("; ")}`
      : "performance is within its bounds again",
    body: { from, rows, missed },
  });
  if (byLabels !== undefined) alarms.see(told(byLabels, byLabels.verdict.missed.length > 0));
  if (last === undefined) return;
  // Once labels have come to the newest window, nobody need expect anything of it.
  if (last.verdict.by === "estimate") alarms.see(told(last, last.verdict.missed.length > 0));
  else alarms.see({ ...told(last, false), by: "estimate" });
}

/** Drift and quality of some rows. */
function seeRows(
  { endpoint, alarms }: Pick<Watched, "endpoint" | "alarms">,
  by: AlarmSource,
  { rows, features, prediction }: Pick<DriftReport, "rows" | "features" | "prediction">,
  over: { readonly inputs: boolean; readonly predictions: boolean; readonly quality: boolean },
): void {
  const { drift, monitor } = endpoint;
  if (drift !== null) {
    const limit = driftRuleText(drift);
    const moved = features.filter((feature) => feature.over);
    const body = (of: readonly FeatureDrift[]): EventBody => ({
      limit,
      rows,
      features: of.map(({ name, psi, ks }) => ({ name, psi, ks })),
    });
    const words = (of: readonly FeatureDrift[]): string => of.map(({ name, psi }) => `${name} (PSI ${psi.toFixed(2)})`).join(", ");
    const drifts = over.inputs ? `drifts: ${words(moved)}` : "is back within its limit";
    alarms.see({ kind: "drift", by, over: over.inputs, because: drifts, body: body(moved) });
    if (prediction !== null)
      alarms.see({
        kind: "prediction-drift",
        by,
        over: over.predictions,
        because: over.predictions ? `its predictions drift: ${words([prediction])}` : "its predictions are back within the limit",
        body: body([prediction]),
      });
  }
  if (monitor === null || monitor.quality === null) return;
  const faults = qualityFaults(features, monitor.quality);
  const because = over.quality
    ? `its inputs are not as in training: ${faults.map(describeFault).join("; ")}`
    : "its inputs are as in training again";
  alarms.see({ kind: "quality", by, over: over.quality, because, body: { limit: monitor.quality, rows, faults } });
}

async function profileOf(version: ModelVersion): Promise<FeatureProfile> {
  const profile: FeatureProfile = JSON.parse((await readModelFile(version, "profile.json")).toString("utf8"));
  return profile;
}
