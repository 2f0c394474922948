import type { Registry } from "prom-client";
import type { Column } from "../define/column.ts";
import type { PredictionBatch } from "../serve/prediction.ts";
import type { Value } from "../systems/roles.ts";
import { counter, gauge } from "./metrics.ts";
import { predictionColumns, predictionRows } from "./prediction-rows.ts";
import { everything, sampleBatch, type LogRule } from "./sample.ts";

/** Predictions of one endpoint to be written together. */
export interface PredictionWrite {
  readonly endpoint: string;
  /** As `predictionColumns` has them; they change when a version with other inputs is deployed. */
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Value[])[];
  /** A write with some of these rows failed before and may have stored them all the same: then merge by `prediction_id`; otherwise appending is enough. */
  readonly repeated: boolean;
}

/** Predictions that will never be written. */
export interface PredictionLoss {
  readonly endpoint: string;
  readonly rows: number;
  readonly reason: "buffer-full" | "stopped";
}

export interface PredictionLogOptions {
  /** Stores rows; one call at a time. A call that fails is repeated with the same rows and ids. */
  readonly write: (write: PredictionWrite) => Promise<void>;
  /** Told of rows that are lost, once per endpoint and attempt to flush. */
  readonly onLoss: (loss: PredictionLoss) => void;
  /** Told of a write that failed and will be repeated. */
  readonly onFailure: (endpoint: string, error: unknown) => void;
  /** Rows after which a flush begins, and the most that one `write` gets. @default 5000 */
  readonly flushRows?: number;
  /** @default 10 */
  readonly flushSeconds?: number;
  /** Rows that are kept while the store is slow; later ones are lost, counted and told. @default 100,000 */
  readonly maxRows?: number;
  /** How long `stop` may try to write what is left. @default 30 */
  readonly stopSeconds?: number;
  readonly registry?: Registry;
  /** What is kept, by endpoint. @default everything */
  readonly rules?: Readonly<Record<string, LogRule>>;
}

export interface PredictionLog {
  /** Keeps what its endpoint's rule keeps of a batch; never waits. */
  add(batch: PredictionBatch): void;
  /** Writes what is kept now; resolves whether or not it could be written. */
  flush(): Promise<void>;
  /** Writes what is left; what cannot be written in time is lost, counted and told. */
  stop(): Promise<void>;
  counts(): { readonly buffered: number; readonly written: number; readonly dropped: number };
}

interface Kept {
  readonly batch: PredictionBatch;
  rows: readonly (readonly Value[])[] | null;
}

const longestBackoff = 60;

/**
 * Gathers predictions in memory and stores them in micro-batches. Rows are written at least once, in the order they were
 * predicted per endpoint. Serving never waits for it: when the store is slower than the predictions and the buffer is full, the newest
 * rows are lost, which `onLoss` and the metric `millwright_prediction_log_dropped_rows_total` tell. A killed process loses
 * what it had not flushed: at most `flushSeconds` or `flushRows`, and what waits behind a slow store.
 */
export function createPredictionLog(options: PredictionLogOptions): PredictionLog {
  const { flushRows = 5000, flushSeconds = 10, maxRows = 100_000, stopSeconds = 30, registry, rules = {} } = options;
  const ruleOf = (endpoint: string): LogRule => (Object.hasOwn(rules, endpoint) ? rules[endpoint] : undefined) ?? everything;
  const metric = (name: string, help: string) =>
    registry === undefined ? null : counter(registry, `millwright_prediction_log_${name}_total`, help, ["endpoint"]);
  const writtenMetric = metric("written_rows", "Predictions stored.");
  const droppedMetric = metric("dropped_rows", "Predictions lost, because the store was too slow or failed.");
  const failedMetric = metric("write_failures", "Writes of predictions that failed and were repeated.");
  // Shown from the beginning: what Prometheus first sees at 7 has not grown for it.
  for (const endpoint of Object.keys(rules)) for (const each of [writtenMetric, droppedMetric, failedMetric]) each?.inc({ endpoint }, 0);
  const bufferedMetric =
    registry === undefined ? null : gauge(registry, "millwright_prediction_log_buffered_rows", "Predictions that wait to be stored.", []);

  const idPrefix = `${crypto.randomUUID()}-`;
  const losses = new Map<string, number>();
  let kept: Kept[] = [];
  let ids = 0;
  let buffered = 0;
  let written = 0;
  let dropped = 0;
  let failures = 0;
  let flushing: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let stopping = false;
  let stopped = false;

  const nextId = (): string => idPrefix + (ids++).toString(36);

  function count(change: number): void {
    buffered += change;
    bufferedMetric?.set(buffered);
  }

  function lose(endpoint: string, rows: number, reason: PredictionLoss["reason"]): void {
    dropped += rows;
    droppedMetric?.inc({ endpoint }, rows);
    // Told at once for the first, and then gathered until the next flush, so that a flood of losses is no flood of events.
    const gathered = losses.get(endpoint);
    if (gathered === undefined || reason === "stopped") options.onLoss({ endpoint, rows: rows + (gathered ?? 0), reason });
    losses.set(endpoint, gathered === undefined || reason === "stopped" ? 0 : gathered + rows);
  }

  function tellLosses(): void {
    for (const [endpoint, rows] of losses) if (rows > 0) options.onLoss({ endpoint, rows, reason: "buffer-full" });
    losses.clear();
  }

  function schedule(seconds: number): void {
    if (timer !== null || stopping) return;
    timer = setTimeout(() => {
      timer = null;
      void flush();
    }, seconds * 1000);
    timer.unref();
  }

  /** The oldest batches of one endpoint and signature, up to `flushRows` rows. */
  function nextWrite(): readonly Kept[] {
    const first = kept[0];
    if (first === undefined) return [];
    const chosen: Kept[] = [];
    let rows = 0;
    for (const each of kept) {
      if (each.batch.endpoint !== first.batch.endpoint) continue;
      if (each.batch.signature !== first.batch.signature || (rows > 0 && rows + each.batch.rows > flushRows)) break;
      chosen.push(each);
      rows += each.batch.rows;
    }
    return chosen;
  }

  async function writeAll(): Promise<void> {
    tellLosses();
    for (let chosen = nextWrite(); chosen.length > 0; chosen = nextWrite()) {
      const { endpoint, signature } = chosen[0]?.batch ?? {};
      if (endpoint === undefined || signature === undefined) return;
      // Rows are made when they are first written, and kept with their ids for the next attempt.
      const repeated = chosen.some((each) => each.rows !== null);
      const rows = chosen.flatMap((each) => (each.rows ??= predictionRows(each.batch, nextId, ruleOf(endpoint).sample)));
      try {
        await options.write({ endpoint, columns: predictionColumns(signature), rows, repeated });
      } catch (error) {
        failures++;
        failedMetric?.inc({ endpoint });
        options.onFailure(endpoint, error);
        return;
      }
      // Given up by now: these rows were told as lost, although they are stored after all.
      if (stopped) return;
      failures = 0;
      const done = new Set(chosen);
      kept = kept.filter((each) => !done.has(each));
      count(-rows.length);
      written += rows.length;
      writtenMetric?.inc({ endpoint }, rows.length);
    }
  }

  function flush(): Promise<void> {
    flushing ??= writeAll().finally(() => {
      flushing = null;
      if (failures > 0) schedule(Math.min(longestBackoff, 2 ** (failures - 1)));
    });
    return flushing;
  }

  return {
    add(whole) {
      const batch = sampleBatch(whole, ruleOf(whole.endpoint));
      if (batch === null) return;
      if (buffered + batch.rows > maxRows) return lose(batch.endpoint, batch.rows, "buffer-full");
      kept.push({ batch, rows: null });
      count(batch.rows);
      if (failures === 0 && buffered >= flushRows) void flush();
      else schedule(flushSeconds);
    },
    flush,
    async stop() {
      stopping = true;
      if (timer !== null) clearTimeout(timer);
      const deadline = performance.now() + stopSeconds * 1000;
      await Promise.race([emptied(deadline), new Promise((resolve) => setTimeout(resolve, stopSeconds * 1000).unref())]);
      stopped = true;
      tellLosses();
      const left = new Map<string, number>();
      for (const { batch } of kept) left.set(batch.endpoint, (left.get(batch.endpoint) ?? 0) + batch.rows);
      kept = [];
      for (const [endpoint, rows] of left) lose(endpoint, rows, "stopped");
      count(-buffered);
    },
    counts: () => ({ buffered, written, dropped }),
  };

  async function emptied(deadline: number): Promise<void> {
    for (let pause = 0.05; kept.length > 0 && performance.now() < deadline; pause = Math.min(1, pause * 2)) {
      await flush();
      if (kept.length > 0) await new Promise((resolve) => setTimeout(resolve, pause * 1000));
    }
  }
}
