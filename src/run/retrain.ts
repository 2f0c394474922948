import type { Registry as Metrics } from "prom-client";
import type { Definition, EndpointNode, ModelNode, RetrainNode } from "../define/node.ts";
import { dueAt } from "../define/schedule.ts";
import { monitoringCounter, monitoringGauge } from "../monitor/metrics.ts";
import { challenger } from "../registry/aliases.ts";
import { champion, type Registry } from "../registry/registry.ts";
import { openAlerts, type AlarmKind } from "./alarms.ts";
import type { EventBody, Journal, JournalEvent } from "./journal.ts";
import { lastTraining } from "./standing.ts";

/** How a training anew ended: what it made, or `unchanged` when there were no new rows to learn from. */
export type RetrainingOutcome = "champion" | "challenger" | "rejected" | "unchanged" | "failed";

export const retrainingOutcomes: readonly RetrainingOutcome[] = ["champion", "challenger", "rejected", "unchanged", "failed"];

export interface RetrainingOptions {
  readonly definition: Definition;
  readonly journal: Journal;
  readonly registry: Pick<Registry, "get">;
  readonly metrics: Metrics;
  /** Of the process that watches. */
  readonly run: string;
  /** Brings assets up to date under the environment's lock, as `millwright run --wait` does. */
  readonly perform: (assets: readonly string[], signal: AbortSignal) => Promise<void>;
  readonly note: (text: string) => void;
}

/** Why a model is to be trained anew. */
export interface Due {
  /** The alarms, oldest first; none where only the schedule says so. */
  readonly because: readonly {
    readonly event: number;
    readonly time: string;
    readonly endpoint: string;
    readonly alert: string;
    readonly reason: string;
  }[];
  /** The schedule's words, where it is due. */
  readonly schedule: string | null;
  /** The event of a training that was begun and never told its end: its process was killed. */
  readonly resumes: number | null;
}

const alarmsOf: Readonly<Record<RetrainNode["on"][number], readonly AlarmKind[]>> = {
  drift: ["drift", "prediction-drift"],
  performance: ["performance"],
};

/** A training that has made a version has answered the alarms that it was begun for, but for those that stand on. */
const made: ReadonlySet<unknown> = new Set(["champion", "challenger", "rejected"] satisfies readonly RetrainingOutcome[]);

/** What has failed is tried again for the same alarms after so many seconds at the latest. */
const afterFailure = 3600;

/**
 * Trains anew each model for which that is due, one after the other. The journal is the list of what is to be done: an alarm that no training
 * has answered since, a schedule, a training that a killed process left; so that nothing is lost with a process, and a storm of alarms trains once.
 */
export async function retrainDue(options: RetrainingOptions, signal: AbortSignal): Promise<void> {
  for (const model of options.definition.assets) {
    if (signal.aborted) return;
    if (model.kind !== "model" || model.retrain === null) continue;
    const due = dueRetraining({ ...model, retrain: model.retrain }, options, Date.now());
    if (due !== null) await retrain(model, due, options, signal);
  }
}

/** Why a model is to be trained anew now; null where it is not. @param now milliseconds since 1970 */
export function dueRetraining(
  model: ModelNode & { readonly retrain: RetrainNode },
  { definition, journal, registry }: Pick<RetrainingOptions, "definition" | "journal" | "registry">,
  now: number,
): Due | null {
  const { on, schedule, atMost } = model.retrain;
  const serving = registry.get(model.name, champion);
  // Nothing serves, so nothing drifts: the first training is a person's.
  if (serving === null) return null;
  const finished = journal.events({ type: "retraining.finished", asset: model.name });
  const open = journal
    .events({ type: "retraining.started", asset: model.name })
    .filter(({ sequence }) => sequence > (finished.at(-1)?.sequence ?? 0));
  const answered = Math.max(0, ...finished.filter(({ body }) => made.has(body["outcome"])).map(({ body }) => Number(body["through"] ?? 0)));
  const kinds: readonly unknown[] = on.flatMap((event) => alarmsOf[event]);
  const endpoints = endpointsOf(definition, model);
  const standing = new Set(endpoints.flatMap(({ name }) => openAlerts(journal, name).map(({ event }) => event)));
  const because = endpoints
    .flatMap(({ name }) => journal.events({ type: "alert.raised", asset: name }))
    .filter(
      ({ sequence, body }) =>
        (sequence > answered || standing.has(sequence)) && kinds.includes(body["alert"]) && body["version"] === String(serving.version),
    )
    .toSorted((a, b) => a.sequence - b.sequence)
    .map(({ sequence, time, asset, body }) => ({
      event: sequence,
      time,
      endpoint: asset ?? "",
      alert: String(body["alert"]),
      reason: String(body["because"]),
    }));
  const scheduled =
    schedule !== null &&
    dueAt(
      schedule,
      lastTraining(model, (type) => journal.latest(type)),
    ) <= now
      ? schedule.text
      : null;
  const [first] = open;
  if (first !== undefined) return { because, schedule: scheduled ?? textOf(first.body["schedule"]), resumes: first.sequence };
  if (scheduled !== null) return { because, schedule: scheduled, resumes: null };
  // What a person has still to decide on answers what stands.
  if (finished.at(-1)?.body["outcome"] === "challenger" && registry.get(model.name, challenger) !== null) return null;
  const newest = because.at(-1)?.event ?? 0;
  return newest > 0 && isAllowed(finished, newest, atMost, now) ? { because, schedule: null, resumes: null } : null;
}

/**
 * Whether alarms may cause one more: so many in the time, of which one that failed does not count; and for
 * the same alarms, where they stand on, found no new rows or failed, after their share of that time, or an hour after a failure.
 */
function isAllowed(finished: readonly JournalEvent[], newest: number, { times, seconds }: RetrainNode["atMost"], now: number): boolean {
  const since = (event: JournalEvent): number => (now - Date.parse(event.time)) / 1000;
  const counted = finished.filter((event) => event.body["outcome"] !== "failed" && since(event) < seconds);
  if (counted.length >= times) return false;
  const last = finished.at(-1);
  if (last === undefined || newest > Number(last.body["through"] ?? 0)) return true;
  return since(last) >= Math.min(seconds / times, last.body["outcome"] === "failed" ? afterFailure : Number.POSITIVE_INFINITY);
}

async function retrain(model: ModelNode, due: Due, options: RetrainingOptions, signal: AbortSignal): Promise<void> {
  const { definition, journal, registry, metrics, run, note, perform } = options;
  const running = monitoringGauge(metrics, "millwright_retraining_running");
  const before = registry.get(model.name, champion);
  const append = (type: "retraining.started" | "retraining.finished", body: EventBody): void =>
    journal.append({ type, asset: model.name, run, body });
  append("retraining.started", { ...due, champion: before?.version ?? null });
  const began = due.resumes ?? journal.events({ type: "retraining.started", asset: model.name }).at(-1)?.sequence ?? 0;
  const reasons = [
    ...(due.resumes === null ? [] : ["it was broken off"]),
    ...due.because.map(({ endpoint, reason }) => `${endpoint} ${reason}`),
    ...(due.schedule === null ? [] : [due.schedule]),
  ];
  note(`${model.name} is trained anew: ${reasons.join("; ")}`);
  running.set({ model: model.name }, 1);
  let failure: string | null = null;
  try {
    await perform([model.name, ...endpointsOf(definition, model).map(({ name }) => name)], signal);
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  } finally {
    running.set({ model: model.name }, 0);
  }
  // Broken off rather than ended: the next process goes on.
  if (signal.aborted) return;
  const version = newestSince(journal, model.name, began);
  const now = registry.get(model.name, champion)?.version ?? null;
  const outcome: RetrainingOutcome =
    version === null
      ? failure === null
        ? "unchanged"
        : "failed"
      : !version.accepted
        ? "rejected"
        : version.version === now
          ? "champion"
          : "challenger";
  append("retraining.finished", {
    outcome,
    version: version?.version ?? null,
    champion: now,
    started: began,
    through: due.because.at(-1)?.event ?? 0,
    ...(failure === null ? {} : { reason: failure }),
  });
  monitoringCounter(metrics, "millwright_retrainings_total").inc({ model: model.name, outcome });
  note(`${model.name}: ${words[outcome](version?.version ?? 0, now ?? 0)}${failure === null ? "" : ` (${failure})`}`);
}

const words: Readonly<Record<RetrainingOutcome, (version: number, champion: number) => string>> = {
  champion: (version) => `version ${version} is the new champion`,
  challenger: (version, now) => `version ${version} waits for its approval, version ${now} serves on`,
  rejected: (version, now) => `version ${version} is rejected, version ${now} serves on`,
  unchanged: (_, now) => `there are no new rows to learn from, version ${now} serves on`,
  failed: (_, now) => `it could not be trained anew, version ${now} serves on`,
};

/** The newest version that the journal was told of since an event. */
function newestSince(journal: Journal, model: string, since: number): { readonly version: number; readonly accepted: boolean } | null {
  const told = (["model.registered", "model.rejected"] as const).flatMap((type) => journal.events({ type, asset: model }));
  const last = told
    .filter(({ sequence }) => sequence > since)
    .toSorted((a, b) => a.sequence - b.sequence)
    .at(-1);
  return last === undefined ? null : { version: Number(last.body["version"]), accepted: last.type === "model.registered" };
}

function endpointsOf(definition: Definition, model: ModelNode): readonly EndpointNode[] {
  return definition.assets.filter((asset): asset is EndpointNode => asset.kind === "endpoint" && asset.model === model.name);
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
