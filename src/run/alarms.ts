import type { EventBody, Journal, NewEvent } from "./journal.ts";

/** What can be wrong with an endpoint: its inputs, its answers, its inputs' values, and how good its answers are. */
export type AlarmKind = "drift" | "prediction-drift" | "quality" | "performance";

export const alarmKinds: readonly AlarmKind[] = ["drift", "prediction-drift", "quality", "performance"];

/** Who looks: at the newest rows as they come, at stored windows, at labels, or at what is to be expected before they come. */
export type AlarmSource = "newest" | "window" | "labels" | "estimate";

export interface Seen {
  readonly kind: AlarmKind;
  readonly by: AlarmSource;
  /** Whether it is beyond its limit. */
  readonly over: boolean;
  /** In words. */
  readonly because: string;
  /** What else is worth keeping. */
  readonly body?: EventBody;
}

/**
 * The alarms of one endpoint. One stands while any of those who look says so; its beginning and its end are told to the journal, once, as
 * `alert.raised` and `alert.resolved`, and of drift as `drift.detected` and `drift.recovered` besides. What stood when another process ended
 * stands on.
 */
export interface Alarms {
  see(seen: Seen): void;
  /** Another version serves: what stood of the one before is over. */
  replace(version: string): void;
  stands(kind: AlarmKind): boolean;
}

export interface AlarmsOptions {
  readonly endpoint: string;
  readonly version: string;
  readonly journal: Pick<Journal, "appendAll" | "events">;
  /** Of the process that watches. */
  readonly run: string;
  /** Whether anybody looks so at such a thing, as the endpoint is declared now; what stands otherwise is over. @default always */
  readonly judges?: (kind: AlarmKind, by: string) => boolean;
  /** Told of each alarm that begins or ends, and at first of all. */
  readonly onChange: (kind: AlarmKind, stands: boolean) => void;
  readonly note: (text: string) => void;
}

export function openAlarms({ endpoint, journal, run, onChange, note, ...options }: AlarmsOptions): Alarms {
  let version = options.version;
  const standing = new Map<AlarmKind, Set<string>>();

  const tell = (kind: AlarmKind, stands: boolean, of: string, body: EventBody): void => {
    const event = (type: NewEvent["type"], more: EventBody): NewEvent => ({
      type,
      asset: endpoint,
      run,
      body: { version: of, ...body, ...more },
    });
    const drift =
      kind === "drift" || kind === "prediction-drift"
        ? [event(stands ? "drift.detected" : "drift.recovered", { of: kind === "drift" ? "inputs" : "predictions" })]
        : [];
    journal.appendAll([...drift, event(stands ? "alert.raised" : "alert.resolved", { alert: kind })]);
    onChange(kind, stands);
  };
  const replaced = (kind: AlarmKind, before: string): void => tell(kind, false, before, { because: `version ${version} serves now` });

  for (const { kind, by, version: before } of openAlerts(journal, endpoint)) {
    if (before !== version) replaced(kind, before);
    else if (options.judges?.(kind, by) === false) tell(kind, false, version, { because: "nobody watches it any more" });
    else standing.set(kind, new Set([by]));
  }
  for (const kind of alarmKinds) onChange(kind, standing.has(kind));

  return {
    see({ kind, by, over, because, body = {} }) {
      const sources = standing.get(kind) ?? new Set<string>();
      const stood = sources.size > 0;
      if (over) sources.add(by);
      else sources.delete(by);
      if (sources.size > 0) standing.set(kind, sources);
      else standing.delete(kind);
      if (stood === sources.size > 0) return;
      tell(kind, !stood, version, { ...body, by, because });
      note(`${endpoint}: ${because}`);
    },
    replace(next) {
      const before = version;
      version = next;
      for (const kind of standing.keys()) {
        standing.delete(kind);
        replaced(kind, before);
      }
    },
    stands: (kind) => standing.has(kind),
  };
}

/** An alarm that stands. */
export interface OpenAlert {
  /** The sequence number of its `alert.raised`. */
  readonly event: number;
  readonly kind: AlarmKind;
  readonly by: string;
  readonly version: string;
  readonly because: string;
  /** ISO 8601, UTC. */
  readonly since: string;
}

/** What was raised of an endpoint and not resolved since. */
export function openAlerts(journal: Pick<Journal, "events">, endpoint: string): readonly OpenAlert[] {
  const raised = journal.events({ type: "alert.raised", asset: endpoint });
  const resolved = journal.events({ type: "alert.resolved", asset: endpoint });
  return alarmKinds.flatMap((kind) => {
    const last = raised.findLast(({ body }) => body["alert"] === kind);
    const end = resolved.findLast(({ body }) => body["alert"] === kind);
    if (last === undefined || (end !== undefined && end.sequence > last.sequence)) return [];
    const { by, version, because } = last.body;
    return [{ event: last.sequence, kind, by: String(by), version: String(version), because: String(because), since: last.time }];
  });
}
