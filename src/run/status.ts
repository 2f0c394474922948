import { existsSync } from "node:fs";
import type { Definition, EnvironmentNode } from "../define/node.ts";
import { readHeads } from "../lake/catalog/heads.ts";
import { openAlerts } from "./alarms.ts";
import { selectSteps, stepsOf, type Step } from "./graph.ts";
import { readJournal, type EventType, type Journal, type JournalEvent } from "./journal.ts";
import { newestModel, standingOf, type Facts, type Standing } from "./standing.ts";
import { statePaths } from "./state.ts";

export interface AssetStatus {
  /** The asset's name; `warehouse.<name>` for a load. */
  readonly name: string;
  readonly kind: Step["kind"];
  /**
   * `fresh`: as its declaration and inputs say (a source: as last extracted); `stale`: they have changed since; `missing`: never made;
   * `failed`: the last run that reached it failed there; `drifting`: an endpoint whose requests have left the training data;
   * `alarming`: one whose inputs' values or whose performance are beyond their bounds.
   */
  readonly status: "fresh" | "stale" | "missing" | "failed" | "drifting" | "alarming";
  readonly rows: number | null;
  /** The table's snapshot; of a model or endpoint, its version; of a metric, the snapshot that was measured. */
  readonly snapshot: string | null;
  /** Wall time of the work that made it. */
  readonly seconds: number | null;
  /** Why it is so, or what else is worth knowing. */
  readonly detail: string | null;
}

export interface PlatformStatus {
  readonly assets: readonly AssetStatus[];
  /** False when anything failed, drifts or alarms. */
  readonly healthy: boolean;
}

/**
 * How every asset of an environment stands, from the newest commits and the journal alone: no engine, no catalog
 * and no source is opened, so that it answers at once, also while a run is in progress.
 *
 * @throws MillwrightError `unbound-role` when the environment does not bind a source.
 */
export function statusOf(options: {
  readonly definition: Definition;
  readonly environment: EnvironmentNode;
  readonly directory: string;
}): PlatformStatus {
  const { definition, environment } = options;
  const paths = statePaths(options.directory, environment.name);
  using journal = readJournal(paths.journal);
  const asked = new Map<EventType, ReadonlyMap<string, JournalEvent>>();
  const latest = (type: EventType) => {
    const known = asked.get(type) ?? journal?.latest(type) ?? new Map<string, JournalEvent>();
    asked.set(type, known);
    return known;
  };
  const facts: Facts = { environment, heads: readHeads(paths.state, definition.name), warehouse: existsSync(paths.warehouse), latest };
  const steps = stepsOf(definition);
  const failures = journal === null ? new Map<string, string>() : openFailures(definition, steps, journal, latest);
  const behind = new Set<string>();
  const assets = steps.map((step) => {
    const standing = standingOf(step, facts);
    const stale = standing.stale ?? staleNeed(step, behind);
    if (stale !== null || standing.made === null) behind.add(step.name);
    return assetStatus(step, { ...standing, stale }, failures.get(step.name) ?? null, concernOf(step, latest, journal));
  });
  return { assets, healthy: assets.every(({ status }) => !["failed", "drifting", "alarming"].includes(status)) };
}

function staleNeed(step: Step, behind: ReadonlySet<string>): string | null {
  const need = step.needs.find((name) => behind.has(name));
  return need === undefined ? null : `${need} is out of date`;
}

function assetStatus(step: Step, { made, stale }: Standing, failure: string | null, concern: Concern | null): AssetStatus {
  const [status, detail]: [AssetStatus["status"], string | null] =
    failure !== null
      ? ["failed", failure]
      : concern !== null
        ? [concern.status, concern.detail]
        : made === null
          ? ["missing", null]
          : stale !== null
            ? ["stale", stale]
            : ["fresh", made.detail];
  return {
    name: step.name,
    kind: step.kind,
    status,
    rows: made?.rows ?? null,
    snapshot: made?.snapshot ?? null,
    seconds: made?.seconds ?? null,
    detail,
  };
}

/** What is wrong with an endpoint that serves. */
interface Concern {
  readonly status: "drifting" | "alarming";
  readonly detail: string;
}

/** Why an endpoint drifts or alarms; null when it does not, has recovered, or another version has been released since. */
function concernOf(step: Step, latest: Facts["latest"], journal: Journal | null): Concern | null {
  if (step.kind !== "endpoint" || journal === null) return null;
  if (latest("drift.detected").get(step.name) !== undefined) {
    const drift = ["inputs", "predictions"].map((of) => driftOf(step.name, of, latest, journal)).filter((one) => one !== null);
    if (drift.length > 0) return { status: "drifting", detail: drift.join("; ") };
  }
  if (latest("alert.raised").get(step.name) === undefined) return null;
  const alerts = openAlerts(journal, step.name).filter(({ kind }) => kind === "quality" || kind === "performance");
  return alerts.length === 0
    ? null
    : { status: "alarming", detail: alerts.map(({ because, since }) => `${because}, since ${since}`).join("; ") };
}

function driftOf(endpoint: string, of: string, latest: Facts["latest"], journal: Journal): string | null {
  const last = (type: "drift.detected" | "drift.recovered") =>
    journal.events({ type, asset: endpoint }).findLast(({ body }) => (body["of"] ?? "inputs") === of);
  const detected = last("drift.detected");
  if (detected === undefined || (last("drift.recovered")?.sequence ?? 0) > detected.sequence) return null;
  const released = latest("endpoint.released").get(endpoint);
  if (
    released !== undefined &&
    released.sequence > detected.sequence &&
    String(released.body["version"]) !== String(detected.body["version"])
  )
    return null;
  const features = Array.isArray(detected.body["features"]) ? detected.body["features"].map(featureText) : [];
  return `drifts since ${detected.time}${features.length === 0 ? "" : `: ${features.join(", ")}`}`;
}

function featureText(feature: unknown): string {
  if (typeof feature !== "object" || feature === null || !("name" in feature)) return String(feature);
  return "psi" in feature && typeof feature.psi === "number"
    ? `${String(feature.name)} (PSI ${feature.psi.toFixed(2)})`
    : String(feature.name);
}

/**
 * Reasons of the failures that nothing has made good since: no later commit of the step, and no later run
 * that came through it and all it needs. (A step that had nothing to do leaves no event of its own.)
 */
function openFailures(
  definition: Definition,
  steps: readonly Step[],
  journal: Journal,
  latest: Facts["latest"],
): ReadonlyMap<string, string> {
  const failed = latest("asset.failed");
  const open = new Map<string, string>();
  if (failed.size === 0) return open;
  const byName = new Map(steps.map((step) => [step.name, step]));
  const runs = finishedRuns(definition, journal);
  for (const [name, failure] of failed) {
    const step = byName.get(name);
    if (step === undefined || (successOf(step, latest)?.sequence ?? 0) > failure.sequence) continue;
    const needed = upstream(name, byName);
    const passed = runs.some(
      (run) => run.finished > failure.sequence && run.steps.has(name) && [...run.failed].every((asset) => !needed.has(asset)),
    );
    if (!passed) open.set(name, textOf(failure.body["reason"]));
  }
  return open;
}

function successOf(step: Step, latest: Facts["latest"]): JournalEvent | undefined {
  switch (step.kind) {
    case "load":
      return latest("load.committed").get(step.name);
    case "metric":
      return latest("metric.measured").get(step.name);
    case "model":
    case "imported-model":
      return newestModel(step.name, latest);
    case "endpoint":
      return latest("endpoint.released").get(step.name);
    case "maintenance":
      return latest("maintenance.finished").get(step.name);
    default:
      return latest("asset.committed").get(step.name);
  }
}

interface FinishedRun {
  /** Sequence number of its end. */
  readonly finished: number;
  readonly steps: ReadonlySet<string>;
  readonly failed: ReadonlySet<string>;
}

function finishedRuns(definition: Definition, journal: Journal): readonly FinishedRun[] {
  const declared = new Set(definition.assets.map(({ name }) => name));
  const asked = new Map(
    journal.events({ type: "run.started" }).map(({ run, body }) => [run, Array.isArray(body["assets"]) ? body["assets"].map(String) : []]),
  );
  const failures = Map.groupBy(journal.events({ type: "asset.failed" }), ({ run }) => run);
  return journal.events({ type: "run.finished" }).flatMap(({ run, body, sequence }): FinishedRun[] => {
    const names = asked.get(run);
    // One that was cancelled or killed, or could not begin its steps, says nothing of them.
    if (names === undefined || body["outcome"] === "cancelled" || body["outcome"] === "killed" || body["reason"] !== undefined) return [];
    const known = names.filter((name) => declared.has(name));
    const steps = names.length > 0 && known.length === 0 ? [] : selectSteps(definition, known);
    return [
      {
        finished: sequence,
        // A run of everything says nothing of maintenance, which it leaves alone until it is due.
        steps: new Set(steps.filter(({ kind, name }) => kind !== "maintenance" || known.includes(name)).map(({ name }) => name)),
        failed: new Set((failures.get(run) ?? []).map(({ asset }) => asset ?? "")),
      },
    ];
  });
}

/** A step and all that it needs. */
function upstream(name: string, byName: ReadonlyMap<string, Step>): Set<string> {
  const seen = new Set<string>();
  const rest = [name];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    rest.push(...(byName.get(next)?.needs ?? []));
  }
  return seen;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "for an unknown reason";
}
