import { contentHash } from "../define/canonical.ts";
import { definitionHash, trainingHash } from "../define/made.ts";
import type {
  EnvironmentNode,
  ImportedModelNode,
  MaintenanceNode,
  MetricNode,
  ModelNode,
  EndpointNode,
  SourceTableNode,
  TableNode,
} from "../define/node.ts";
import { dueAt } from "../define/schedule.ts";
import { sourceDefinition } from "../extract/definition.ts";
import type { Head } from "../lake/catalog/heads.ts";
import { holdsRowsOf } from "../lake/catalog/rearranged.ts";
import { noteOf } from "../lake/note.ts";
import type { Step } from "./graph.ts";
import { layoutChange } from "./layout.ts";
import type { EventBody, EventType, JournalEvent } from "./journal.ts";
import { placeOf } from "./model-server.ts";
import { maintenanceWords } from "./maintenance-words.ts";

/** What can be known of an environment without opening an engine, a catalog or a source. */
export interface Facts {
  readonly environment: EnvironmentNode;
  readonly heads: ReadonlyMap<string, Head>;
  /** Whether the warehouse's file is there. */
  readonly warehouse: boolean;
  latest(type: EventType): ReadonlyMap<string, JournalEvent>;
}

/** What a step has made, and whether that is what its declaration and inputs would make now. */
export interface Standing {
  /** Null when it has made nothing yet. */
  readonly made: Made | null;
  /** Why what it made is out of date; null when it is not. */
  readonly stale: string | null;
  /** What is new of its inputs, but left until it is trained anew by its own `retrain`; absent where nothing is. */
  readonly waiting?: string;
}

export interface Made {
  readonly rows: number | null;
  /** The table's snapshot; of a model or endpoint, its version. */
  readonly snapshot: string | null;
  /** Wall time of the work. */
  readonly seconds: number | null;
  /** What else is worth knowing. */
  readonly detail: string | null;
}

const nothing: Standing = Object.freeze({ made: null, stale: null });

/** How a step stands by itself; that what it needs may be out of date is for the caller to add. */
export function standingOf(step: Step, facts: Facts): Standing {
  const { asset } = step;
  if (step.kind === "load") return loadStanding(step.name, asset.name, facts);
  switch (asset.kind) {
    case "source":
    case "table":
      return tableStanding(asset, facts);
    case "metric":
      return metricStanding(asset, facts);
    case "model":
    case "imported-model":
      return modelStanding(asset, facts);
    case "endpoint":
      return endpointStanding(asset, facts);
    case "maintenance":
      return maintenanceStanding(asset, facts);
  }
}

function tableStanding(asset: SourceTableNode | TableNode, { environment, heads }: Facts): Standing {
  const head = heads.get(asset.name);
  if (head === undefined || head.snapshot === null) return nothing;
  const note = noteOf(head.summary);
  if (note === null) {
    const other = "its newest snapshot was written by another program";
    const made = { rows: numberOf(head.summary["total-records"]), snapshot: head.snapshot, seconds: null, detail: other };
    // What we build is built anew; what a source gave is kept as others left it (compacted, say), and extracted further.
    return { made, stale: asset.kind === "source" ? null : other };
  }
  const parts = asset.kind === "table" && asset.parts !== null ? Object.keys(head.parts).length : null;
  const said = [
    parts === null ? null : `${parts} ${parts === 1 ? "part" : "parts"}`,
    note.quarantined === 0 ? null : `${note.quarantined} in ${asset.name}_quarantine`,
  ].filter((one) => one !== null);
  const made = { rows: note.rows, snapshot: head.snapshot, seconds: note.seconds, detail: said.length === 0 ? null : said.join(", ") };
  const definition = asset.kind === "source" ? sourceDefinition(environment, asset) : definitionHash(asset);
  const moved = note.definition !== definition ? redeclared : movedInput(note.inputs, asset.kind === "source" ? [] : asset.inputs, heads);
  const unfinished = moved === null && parts !== null && note.part !== undefined ? `only ${parts} of its parts are known to stand` : null;
  const reasons = [moved, unfinished, layoutChange(asset, head)].filter((reason) => reason !== null);
  return { made, stale: reasons.length === 0 ? null : reasons.join("; ") };
}

function loadStanding(step: string, table: string, { heads, warehouse, latest }: Facts): Standing {
  const body = latest("load.committed").get(step)?.body;
  if (body === undefined || !warehouse) return nothing;
  const made = { rows: numberOf(body["rows"]), snapshot: textOf(body["snapshot"]), seconds: numberOf(body["seconds"]), detail: null };
  return { made, stale: holdsRowsOf(heads.get(table), made.snapshot) ? null : `${table} has a newer snapshot` };
}

function metricStanding(asset: MetricNode, { heads, latest }: Facts): Standing {
  const body = latest("metric.measured").get(asset.name)?.body;
  if (body === undefined) return nothing;
  const inputs = snapshotsOf(body);
  const value = body["value"];
  const made = {
    rows: null,
    snapshot: inputs[asset.of] ?? null,
    seconds: numberOf(body["seconds"]),
    detail: value === null || value === undefined ? null : String(value),
  };
  return { made, stale: body["definition"] !== contentHash(asset) ? redeclared : movedInput(inputs, [asset.of], heads) };
}

/** The newest version decides, accepted or not: training again would come to the same. */
function modelStanding(asset: ModelNode | ImportedModelNode, { heads, latest }: Facts): Standing {
  const event = newestModel(asset.name, latest);
  if (event === undefined) return nothing;
  const { body } = event;
  const version = textOf(body["version"]);
  const made = {
    rows: numberOf(body["rows"]),
    snapshot: version,
    seconds: numberOf(body["seconds"]),
    detail:
      event.type === "model.rejected"
        ? `version ${version} ${isWorse(body) ? "is worse than the champion" : "missed its gate"}`
        : waiting(asset.name, version, latest),
  };
  const definition = asset.kind === "model" ? trainingHash(asset) : contentHash(asset);
  if (body["definition"] !== definition) return { made, stale: redeclared };
  const moved = movedInput(snapshotsOf(body), asset.kind === "model" ? [asset.from] : [], heads);
  if (moved === null || asset.kind !== "model" || asset.retrain === null) return { made, stale: moved };
  return { made: { ...made, detail: made.detail ?? `${moved}, for when it is trained anew` }, stale: null, waiting: moved };
}

function endpointStanding(asset: EndpointNode, { environment, latest }: Facts): Standing {
  const body = latest("endpoint.released").get(asset.name)?.body;
  if (body === undefined) return nothing;
  const made = { rows: null, snapshot: textOf(body["version"]), seconds: numberOf(body["seconds"]), detail: null };
  if (body["definition"] !== contentHash(asset)) return { made, stale: redeclared };
  if ((body["place"] ?? null) !== placeOf(environment)) return { made, stale: "the environment binds another server" };
  // A version may be accepted and not be the champion: somebody went back, or it waits for its approval.
  const chosen = (newestAlias(asset.model, latest) ?? latest("model.registered").get(asset.model))?.body;
  const same = chosen === undefined || chosen["content"] === null || chosen["content"] === body["content"];
  return { made, stale: same ? null : `${asset.model} has another champion` };
}

/** It stands as well as its schedule says; without one it is never late. */
function maintenanceStanding(asset: MaintenanceNode, { latest }: Facts): Standing {
  const event = latest("maintenance.finished").get(asset.name);
  if (event === undefined) return nothing;
  const due = asset.schedule === null ? Number.POSITIVE_INFINITY : dueAt(asset.schedule, Date.parse(event.time));
  const detail = `${maintenanceWords(event.body)} on ${event.time.slice(0, 16).replace("T", " ")} UTC`;
  const made = { rows: null, snapshot: null, seconds: numberOf(event.body["seconds"]), detail };
  return { made, stale: due > Date.now() ? null : `due since ${new Date(due).toISOString()}` };
}

/** Whether a run of everything does this maintenance: its schedule says that it is due. */
export function isDue(asset: MaintenanceNode, facts: Facts): boolean {
  const { made, stale } = maintenanceStanding(asset, facts);
  return asset.schedule !== null && (made === null || stale !== null);
}

/** Whether a rejected version was held against the champion, and lost. */
function isWorse({ against }: EventBody): boolean {
  return typeof against === "object" && against !== null && "lost" in against && against.lost !== null;
}

/** When a model was last trained anew, or looked at for it, in milliseconds since 1970; null for never. */
export function lastTraining(asset: ModelNode, latest: Facts["latest"]): number | null {
  const events = [latest("retraining.finished").get(asset.name), newestModel(asset.name, latest)];
  const times = events.flatMap((event) => (event === undefined ? [] : [Date.parse(event.time)]));
  return times.length === 0 ? null : Math.max(...times);
}

/**
 * Whether a run that does not name a model trains it: not where `retrain` says when that is done, but for a new declaration, or when its own
 * schedule says that it is due.
 */
export function isTrainedUnasked(asset: ModelNode, facts: Facts): boolean {
  if (asset.retrain === null) return true;
  const { made, stale } = modelStanding(asset, facts);
  const { schedule } = asset.retrain;
  return made === null || stale !== null || (schedule !== null && dueAt(schedule, lastTraining(asset, facts.latest)) <= Date.now());
}

/** The newest version of a model that the journal knows, accepted or rejected. */
export function newestModel(model: string, latest: Facts["latest"]): JournalEvent | undefined {
  const [registered, rejected] = [latest("model.registered").get(model), latest("model.rejected").get(model)];
  return (rejected?.sequence ?? 0) > (registered?.sequence ?? 0) ? rejected : registered;
}

/** The newest move of any of a model's aliases that the journal knows. */
function newestAlias(model: string, latest: Facts["latest"]): JournalEvent | undefined {
  const [moved, approved] = [latest("model.aliased").get(model), latest("model.approved").get(model)];
  return (approved?.sequence ?? 0) > (moved?.sequence ?? 0) ? approved : moved;
}

function waiting(model: string, version: string | null, latest: Facts["latest"]): string | null {
  const body = newestAlias(model, latest)?.body;
  const waits = body?.["alias"] === "challenger" && body["cause"] !== "moved" && body["cause"] !== "approved";
  return waits && textOf(body["version"]) === version ? `version ${version} waits for its approval` : null;
}

/** Why something is out of date when its own declaration is no longer the one that made it. */
export const redeclared = "its declaration changed";

function movedInput(read: Readonly<Record<string, string>>, inputs: readonly string[], heads: ReadonlyMap<string, Head>): string | null {
  const moved = inputs.find((input) => !holdsRowsOf(heads.get(input), read[input]));
  return moved === undefined ? null : `${moved} has a newer snapshot`;
}

/** The snapshots that an event says were read, by table. */
export function snapshotsOf(body: EventBody): Readonly<Record<string, string>> {
  const inputs = body["inputs"];
  if (typeof inputs !== "object" || inputs === null) return {};
  return Object.fromEntries(Object.entries(inputs).map(([table, snapshot]) => [table, String(snapshot)]));
}

function numberOf(value: unknown): number | null {
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}
