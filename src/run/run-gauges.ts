import { Gauge, type Registry } from "prom-client";
import type { Definition } from "../define/node.ts";
import type { Head, HeadReader } from "../lake/catalog/heads.ts";
import { noteOf } from "../lake/note.ts";
import type { EventType, Journal, JournalEvent } from "./journal.ts";

export interface RunGaugesOptions {
  readonly definition: Definition;
  readonly journal: Pick<Journal, "events">;
  readonly heads: Pick<HeadReader, "all">;
}

/** What the journal tells of runs. */
interface RunsSeen {
  /** The newest event that was read. */
  sequence: number;
  /** Of runs that have begun and not ended: what they were asked for; none is everything. */
  readonly begun: Map<string, { readonly time: number; readonly assets: readonly string[] }>;
  /** When a run last ended so, in seconds since 1970. */
  readonly ended: Map<string, number>;
  /** How long the newest one took. */
  seconds: number | null;
  /** When the newest run of everything began that succeeded. */
  fresh: number | null;
  /** Asset to the run in which it last failed, unless a later one has done better. */
  readonly failed: Map<string, string>;
}

const told: readonly EventType[] = ["run.started", "asset.failed", "run.finished"];

/**
 * Gauges of runs and tables, whichever process ran: they are read from the journal and the catalog at each scrape. Times are seconds since 1970.
 * A table is fresh since its newest commit, or since the beginning of a later run of everything that succeeded and found nothing to do for it.
 */
export function runGauges(registry: Registry, { definition, journal, heads }: RunGaugesOptions): void {
  const seen: RunsSeen = { sequence: 0, begun: new Map(), ended: new Map(), seconds: null, fresh: null, failed: new Map() };
  const gauge = (name: string, help: string, labelNames: readonly string[]) => new Gauge({ name, help, labelNames, registers: [registry] });
  // Registered first, and so collected first: all others are set by it.
  new Gauge({
    name: "millwright_run_finished_timestamp_seconds",
    help: "When a run last ended, by its outcome.",
    labelNames: ["outcome"],
    registers: [registry],
    collect() {
      readNewEvents(journal, seen);
      for (const [outcome, time] of seen.ended) this.set({ outcome }, time);
      if (seen.seconds !== null) seconds.set(seen.seconds);
      // A load has a name of its own, and is told of only while it has failed.
      failed.reset();
      for (const { name } of definition.assets) failed.set({ asset: name }, 0);
      for (const name of seen.failed.keys()) failed.set({ asset: name }, 1);
      for (const [table, head] of heads.all()) {
        if (!definition.assets.some((asset) => asset.name === table && (asset.kind === "source" || asset.kind === "table"))) continue;
        const time = head.timestamp / 1000;
        committed.set({ table }, time);
        fresh.set({ table }, Math.max(time, seen.fresh ?? 0));
        const count = rowsOf(head);
        if (count !== null) rows.set({ table }, count);
      }
    },
  });
  const seconds = gauge("millwright_run_seconds", "How long the newest run took.", []);
  const failed = gauge("millwright_asset_failed", "1 while an asset, or its load, has failed in the last run that was to make it.", [
    "asset",
  ]);
  const committed = gauge("millwright_table_committed_timestamp_seconds", "When the table's rows last changed.", ["table"]);
  const fresh = gauge("millwright_table_fresh_timestamp_seconds", "When a run last found the table up to date, or brought it there.", [
    "table",
  ]);
  const rows = gauge("millwright_table_rows", "Rows of the table's newest snapshot.", ["table"]);
}

function readNewEvents(journal: RunGaugesOptions["journal"], seen: RunsSeen): void {
  const after = seen.sequence;
  const events = told.flatMap((type) => journal.events({ type, after })).toSorted((a, b) => a.sequence - b.sequence);
  for (const event of events) read(event, seen);
  seen.sequence = events.at(-1)?.sequence ?? after;
}

function read({ type, run, asset, time, body }: JournalEvent, seen: RunsSeen): void {
  const at = Date.parse(time) / 1000;
  if (run === null) return;
  if (type === "run.started") {
    const assets = body["assets"];
    seen.begun.set(run, { time: at, assets: Array.isArray(assets) ? assets.map(String) : [] });
  } else if (type === "asset.failed" && asset !== null) seen.failed.set(asset, run);
  else if (type === "run.finished") {
    const { outcome, seconds } = body;
    const began = seen.begun.get(run);
    seen.begun.delete(run);
    seen.ended.set(String(outcome), at);
    seen.seconds = typeof seconds === "number" ? seconds : null;
    if (began === undefined || outcome === "cancelled") return;
    const whole = began.assets.length === 0;
    if (whole && outcome === "succeeded") seen.fresh = began.time;
    // What a run of everything did not fail at again is over, and so is what a successful run of named assets made.
    for (const [name, where] of seen.failed)
      if (where !== run && (whole || (outcome === "succeeded" && began.assets.includes(name.replace(/^warehouse\./, "")))))
        seen.failed.delete(name);
  }
}

function rowsOf({ summary }: Head): number | null {
  const count = noteOf(summary)?.rows ?? Number(summary["total-records"] ?? Number.NaN);
  return Number.isFinite(count) ? count : null;
}
