import type { Definition } from "../define/node.ts";
import type { Head } from "../lake/catalog/heads.ts";
import { holdsRowsOf } from "../lake/catalog/rearranged.ts";
import { noteOf } from "../lake/note.ts";
import { stepsOf, type Step } from "../run/graph.ts";
import type { EventType, Journal, JournalEvent } from "../run/journal.ts";
import { newestModel, snapshotsOf } from "../run/standing.ts";

/** One making of an asset: a commit, a load, a measurement, a training, a release. */
export interface Made {
  /** The table's snapshot; of a model or endpoint, its version. */
  readonly snapshot: string | null;
  readonly run: string | null;
  /** ISO 8601, UTC. */
  readonly time: string | null;
  readonly rows: number | null;
  /** Hash of the declaration that made it. */
  readonly definition: string | null;
  /** What was read: asset to its snapshot or version. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** What has been made in an environment, by the journal and, for tables, by their newest commits. */
export interface History {
  readonly steps: ReadonlyMap<string, Step>;
  /** The newest making of an asset; null when there is none. */
  newest(name: string): Made | null;
  /** What others would read now: as `newest`, but of a model the newest version that passed its gate. */
  current(name: string): Made | null;
  /** True when others would read the same rows now as in that snapshot, or the same version: a table may have rearranged its files since. */
  stands(name: string, snapshot: string): boolean;
  /** The making that gave a snapshot or version; null when nothing tells of it. */
  at(name: string, snapshot: string): Made | null;
}

const makingType = {
  source: "asset.committed",
  table: "asset.committed",
  load: "load.committed",
  metric: "metric.measured",
  endpoint: "endpoint.released",
  maintenance: "maintenance.finished",
} as const;

export function historyOf(options: {
  readonly definition: Definition;
  readonly journal: Journal | null;
  readonly heads: ReadonlyMap<string, Head>;
}): History {
  const { definition, journal, heads } = options;
  const steps = new Map(stepsOf(definition).map((step) => [step.name, step]));
  const asked = new Map<EventType, ReadonlyMap<string, JournalEvent>>();
  const latest = (type: EventType) => {
    const known = asked.get(type) ?? journal?.latest(type) ?? new Map<string, JournalEvent>();
    asked.set(type, known);
    return known;
  };
  const newest = (name: string): Made | null => {
    const step = steps.get(name);
    if (step === undefined) return null;
    if (step.kind === "source" || step.kind === "table") {
      const committed = madeByHead(heads.get(name));
      if (committed !== null) return committed;
    }
    const event =
      step.kind === "model" || step.kind === "imported-model" ? newestModel(name, latest) : latest(makingType[step.kind]).get(name);
    return event === undefined ? null : madeByEvent(event, step);
  };
  const current = (name: string): Made | null => {
    const step = steps.get(name);
    if (step?.kind !== "model" && step?.kind !== "imported-model") return newest(name);
    const event = latest("model.registered").get(name);
    return event === undefined ? null : madeByEvent(event, step);
  };
  return {
    steps,
    newest,
    current,
    stands: (name, snapshot) => current(name)?.snapshot === snapshot || (heads.has(name) && holdsRowsOf(heads.get(name), snapshot)),
    at(name, snapshot) {
      const last = newest(name);
      if (last === null || last.snapshot === snapshot) return last;
      const step = steps.get(name);
      const made =
        step === undefined
          ? []
          : (journal?.events({ asset: name }) ?? []).filter(({ type }) => isMaking(type)).map((event) => madeByEvent(event, step));
      return made.findLast((one) => one.snapshot === snapshot) ?? null;
    },
  };
}

/** Whether an event says that something was made. */
export function isMaking(type: EventType): boolean {
  return /^(asset\.committed|load\.committed|metric\.measured|model\.registered|model\.rejected|endpoint\.released)$/.test(type);
}

function madeByHead(head: Head | undefined): Made | null {
  const note = head === undefined ? null : noteOf(head.summary);
  if (head === undefined || note === null) return null;
  const { run, rows, definition, inputs } = note;
  return { snapshot: head.snapshot, run, time: new Date(head.timestamp).toISOString(), rows, definition, inputs };
}

/** A making as its event tells it. */
export function madeByEvent(event: JournalEvent, step: Step): Made {
  const { body, run, time } = event;
  const text = (name: string): string | null => (body[name] === undefined || body[name] === null ? null : String(body[name]));
  const rows = typeof body["rows"] === "number" ? body["rows"] : null;
  const common = { run, time, rows, definition: text("definition") };
  switch (step.kind) {
    case "load":
      return { ...common, snapshot: text("snapshot"), inputs: present(step.asset.name, text("snapshot")) };
    case "endpoint":
      return { ...common, snapshot: text("version"), inputs: present(text("model") ?? "", text("version")) };
    case "model":
    case "imported-model":
      return { ...common, snapshot: text("version"), inputs: snapshotsOf(body) };
    case "metric": {
      const inputs = snapshotsOf(body);
      return { ...common, snapshot: Object.values(inputs)[0] ?? null, inputs };
    }
    default:
      return { ...common, snapshot: text("snapshot"), inputs: snapshotsOf(body) };
  }
}

function present(name: string, snapshot: string | null): Record<string, string> {
  return snapshot === null ? {} : { [name]: snapshot };
}
