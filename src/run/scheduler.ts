import { dueAt } from "../define/schedule.ts";
import type { Definition, ScheduleNode } from "../define/node.ts";
import type { EventType, Journal } from "./journal.ts";

/** What `up` does by the clock. */
export interface Scheduler {
  /** Ends it; work under way is asked to end and waited for. */
  stop(): Promise<void>;
}

export interface SchedulerOptions {
  readonly definition: Definition;
  readonly journal: Pick<Journal, "latest" | "events">;
  /** Brings assets up to date as `millwright run --wait` does; none means all. Ends early when the signal aborts. */
  readonly perform: (assets: readonly string[], signal: AbortSignal) => Promise<void>;
  readonly note: (text: string) => void;
  /** Other work, done each time after what has a schedule. */
  readonly also?: (signal: AbortSignal) => Promise<void>;
  /** Milliseconds between two looks at the clock. @default 10000 */
  readonly interval?: number;
}

/** Something that has a schedule: maintenance, or the platform as a whole. */
interface Scheduled {
  /** Null for the platform. */
  readonly asset: string | null;
  readonly schedule: ScheduleNode;
}

/**
 * Does what is due, one thing after the other: the platform's whole run by its schedule, maintenance by its own. When each was last done stands in
 * the journal, so that a restart neither forgets nor repeats; what has failed comes again when it is due next.
 */
export function startScheduler({ definition, journal, perform, note, also, interval = 10_000 }: SchedulerOptions): Scheduler {
  const scheduled = scheduledOf(definition);
  const abort = new AbortController();
  const tried = new Map<string | null, number>();
  let working: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;

  const look = async (): Promise<void> => {
    for (const { asset, schedule } of scheduled) {
      if (abort.signal.aborted) return;
      const last = Math.max(lastTime(journal, asset) ?? 0, tried.get(asset) ?? 0);
      if (dueAt(schedule, last === 0 ? null : last) > Date.now()) continue;
      tried.set(asset, Date.now());
      note(`${asset ?? definition.name} is due (${schedule.text})`);
      try {
        await perform(asset === null ? [] : [asset], abort.signal);
      } catch (error) {
        if (!abort.signal.aborted) note(`${asset ?? definition.name} failed: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    await also?.(abort.signal).catch((error: unknown) => note(error instanceof Error ? error.message : String(error)));
  };
  const next = () => {
    if (abort.signal.aborted) return;
    timer = setTimeout(() => {
      working = look().finally(next);
    }, interval);
  };
  if (scheduled.length > 0 || also !== undefined) working = look().finally(next);
  return {
    async stop() {
      abort.abort();
      if (timer !== null) clearTimeout(timer);
      await working;
    },
  };
}

/** The platform first: its run does what is due of the rest, too. */
function scheduledOf(definition: Definition): readonly Scheduled[] {
  return [
    ...(definition.schedule === null ? [] : [{ asset: null, schedule: definition.schedule }]),
    ...definition.assets.flatMap((asset) =>
      asset.kind === "maintenance" && asset.schedule !== null ? [{ asset: asset.name, schedule: asset.schedule }] : [],
    ),
  ];
}

/** When it was last done or tried, in milliseconds since 1970; null for never. */
function lastTime(journal: SchedulerOptions["journal"], asset: string | null): number | null {
  if (asset === null) {
    const runs = journal.events({ type: "run.started" });
    const whole = runs.findLast(({ body }) => Array.isArray(body["assets"]) && body["assets"].length === 0);
    return whole === undefined ? null : Date.parse(whole.time);
  }
  const times = (["maintenance.finished", "asset.failed"] satisfies readonly EventType[]).flatMap((type) => {
    const event = journal.latest(type).get(asset);
    return event === undefined ? [] : [Date.parse(event.time)];
  });
  return times.length === 0 ? null : Math.max(...times);
}
