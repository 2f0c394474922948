import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { canonicalJson } from "../define/canonical.ts";
import { MillwrightError } from "../error.ts";

/** What can happen. `asset` names what it happened to; `body` holds the particulars. */
export type EventType =
  | "run.started"
  | "run.finished"
  | "asset.defined"
  | "asset.committed"
  | "asset.failed"
  | "table.maintained"
  | "maintenance.finished"
  | "schema.changed"
  | "load.committed"
  | "metric.measured"
  | "model.registered"
  | "model.rejected"
  | "model.aliased"
  | "model.approved"
  | "model.packaged"
  | "trial.finished"
  | "tracker.recorded"
  | "tracker.failed"
  | "job.submitted"
  | "job.finished"
  | "endpoint.released"
  | "endpoint.shared"
  | "drift.detected"
  | "drift.recovered"
  | "performance.measured"
  | "retraining.started"
  | "retraining.finished"
  | "inference.costed"
  | "alert.raised"
  | "alert.resolved"
  | "alert.acknowledged"
  | "predictions.dropped";

export type EventBody = Readonly<Record<string, unknown>>;

export interface JournalEvent {
  /** From 1, without gaps. */
  readonly sequence: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly type: EventType;
  readonly asset: string | null;
  readonly run: string | null;
  readonly body: EventBody;
  /** SHA-256 over the previous hash and this event. */
  readonly hash: string;
}

export interface NewEvent {
  readonly type: EventType;
  readonly asset?: string;
  readonly run?: string;
  readonly body?: EventBody;
  /** Default: now. A rebuilt event keeps the time of its commit. */
  readonly time?: string;
}

/**
 * The append-only story of an environment. Each append is one durable transaction; events are chained by hash,
 * so that a changed or removed one is found by `verify`.
 */
export interface Journal extends Disposable {
  append(event: NewEvent): void;
  /** Several events as one transaction. */
  appendAll(events: readonly NewEvent[]): void;
  /** The same, on disk when the promise resolves: what steps side by side tell at the same time shares one sync. */
  commit(events: readonly NewEvent[]): Promise<void>;
  /** The newest event of a type for each asset. */
  latest(type: EventType): ReadonlyMap<string, JournalEvent>;
  /** Events in order, filtered; `after` is a sequence number. */
  events(filter?: {
    readonly type?: EventType;
    readonly asset?: string;
    readonly run?: string;
    readonly after?: number;
  }): readonly JournalEvent[];
  /** Null when the chain holds, else the first broken sequence number. */
  verify(): number | null;
  close(): void;
}

interface Row {
  readonly sequence: number;
  readonly time: string;
  readonly type: EventType;
  readonly asset: string | null;
  readonly run: string | null;
  readonly body: string;
  readonly hash: string;
}

const schema = `
  CREATE TABLE IF NOT EXISTS events (
    sequence INTEGER PRIMARY KEY, time TEXT NOT NULL, type TEXT NOT NULL, asset TEXT, run TEXT, body TEXT NOT NULL, hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS events_by_type ON events (type, asset, sequence);
  CREATE TRIGGER IF NOT EXISTS events_never_change BEFORE UPDATE ON events BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
  CREATE TRIGGER IF NOT EXISTS events_never_go BEFORE DELETE ON events BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
  CREATE TRIGGER IF NOT EXISTS events_only_follow BEFORE INSERT ON events WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM events)
    BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
`;

const genesis = "0".repeat(64);

/**
 * Opens the journal of an environment, and makes it when it is not there. Several processes may append at once.
 *
 * @throws MillwrightError `journal-unreadable` when the file is something else.
 */
export function openJournal(file: string): Journal {
  const database = openDatabase(file, false);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  database.exec(schema);
  return journalOf(database);
}

/** The journal of an environment for reading only; null when nothing has run there yet. */
export function readJournal(file: string): Journal | null {
  if (!existsSync(file)) return null;
  const database = openDatabase(file, true);
  // One that another process is only now making has no events yet.
  if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'events'").get() !== undefined) return journalOf(database);
  database.close();
  return null;
}

function openDatabase(file: string, readOnly: boolean): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 10_000, readOnly });
  try {
    database.prepare("SELECT count(*) FROM sqlite_schema").get();
    return database;
  } catch (error) {
    database.close();
    if (!(error instanceof Error) || !/not a database|malformed/.test(error.message)) throw error;
    throw new MillwrightError(
      {
        code: "journal-unreadable",
        what: `the journal cannot be read: ${error.message}`,
        where: file,
        fix: "restore it, or move it away: the next run rebuilds it from the commits",
      },
      { cause: error },
    );
  }
}

function journalOf(database: DatabaseSync): Journal {
  const last = database.prepare("SELECT sequence, hash FROM events ORDER BY sequence DESC LIMIT 1");
  const insert = database.prepare("INSERT INTO events (sequence, time, type, asset, run, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?)");

  const appendAll = (events: readonly NewEvent[]) => {
    if (events.length === 0) return;
    database.exec("BEGIN IMMEDIATE");
    try {
      const previous = last.get();
      let sequence = Number(previous?.["sequence"] ?? 0);
      let hash = String(previous?.["hash"] ?? genesis);
      for (const event of events) {
        sequence += 1;
        const row = {
          sequence,
          time: event.time ?? new Date().toISOString(),
          type: event.type,
          asset: event.asset ?? null,
          run: event.run ?? null,
          body: canonicalJson(event.body ?? {}),
        };
        hash = chain(hash, row);
        insert.run(row.sequence, row.time, row.type, row.asset, row.run, row.body, hash);
      }
      database.exec("COMMIT");
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  };
  const commit = groupCommit(appendAll);
  const close = () => {
    if (database.isOpen) database.close();
  };
  return {
    append: (event) => appendAll([event]),
    appendAll,
    commit,
    latest(type) {
      const rows = database
        .prepare(
          "SELECT * FROM events WHERE sequence IN (SELECT max(sequence) FROM events WHERE type = ? AND asset IS NOT NULL GROUP BY asset)",
        )
        .all(type);
      return new Map(rows.map(toEvent).map((event) => [event.asset ?? "", event]));
    },
    events(filter = {}) {
      return database
        .prepare(
          "SELECT * FROM events WHERE (?1 IS NULL OR type = ?1) AND (?2 IS NULL OR asset = ?2) AND (?3 IS NULL OR run = ?3) AND sequence > ?4 ORDER BY sequence",
        )
        .all(filter.type ?? null, filter.asset ?? null, filter.run ?? null, filter.after ?? 0)
        .map(toEvent);
    },
    verify() {
      let hash = genesis;
      let expected = 1;
      for (const raw of database.prepare("SELECT * FROM events ORDER BY sequence").iterate()) {
        const row = toRow(raw);
        hash = chain(hash, row);
        if (row.sequence !== expected || row.hash !== hash) return expected;
        expected += 1;
      }
      return null;
    },
    close,
    [Symbol.dispose]: close,
  };
}

function groupCommit(appendAll: Journal["appendAll"]): Journal["commit"] {
  let waiting: { readonly events: readonly NewEvent[]; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  const write = (batch: typeof waiting): void => {
    try {
      appendAll(batch.flatMap(({ events }) => events));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      // One event that cannot be written must not take the others with it.
      if (batch.length > 1) for (const one of batch) write([one]);
      else batch[0]?.reject(error);
    }
  };
  return (events) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) {
        setImmediate(() => {
          const batch = waiting;
          waiting = [];
          write(batch);
        });
      }
      waiting.push({ events, resolve, reject });
    });
}

function chain(previous: string, row: Omit<Row, "hash">): string {
  return createHash("sha256")
    .update(JSON.stringify([previous, row.sequence, row.time, row.type, row.asset, row.run, row.body]))
    .digest("hex");
}

function toRow(row: Record<string, unknown>): Row {
  const { sequence, time, type, asset, run, body, hash } = row;
  if (
    typeof sequence !== "number" ||
    typeof time !== "string" ||
    typeof body !== "string" ||
    typeof hash !== "string" ||
    !isEventType(type)
  ) {
    throw new MillwrightError({
      code: "journal-unreadable",
      what: `event ${String(sequence)} of the journal cannot be read`,
      fix: "restore the journal, or move it away: the next run rebuilds it from the commits",
    });
  }
  return { sequence, time, type, asset: typeof asset === "string" ? asset : null, run: typeof run === "string" ? run : null, body, hash };
}

function isEventType(type: unknown): type is EventType {
  return typeof type === "string" && /^[a-z]+\.[a-z]+$/.test(type);
}

function toEvent(raw: Record<string, unknown>): JournalEvent {
  const row = toRow(raw);
  const body: EventBody = JSON.parse(row.body);
  return { ...row, body };
}
