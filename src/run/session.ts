import { existsSync } from "node:fs";
import type { Definition, EnvironmentNode } from "../define/node.ts";
import type { Column } from "../define/column.ts";
import { localPath } from "../lake/storage/address.ts";
import { askHistory, openHeads, readHistory, type Head, type Snapshot } from "../lake/catalog/heads.ts";
import { noteOf, type CommitNote } from "../lake/note.ts";
import { limitsBeside } from "../systems/duckdb/limits.ts";
import type { Engine, Progress, Source } from "../systems/roles.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import type { Backfill } from "./backfill.ts";
import { bindingOf, connectSource } from "./bind.ts";
import { openLakehouse, type Lakehouse } from "./lakehouse.ts";
import { openJournal, type EventType, type Journal, type JournalEvent } from "./journal.ts";
import { statePaths, type StatePaths } from "./state.ts";
import type { Reporter } from "./report.ts";
import type { SourceTableNode } from "../define/node.ts";

/**
 * One run's view of an environment: what stands there now, and the systems, each opened when it is first needed,
 * so that a run with nothing to do opens none.
 */
export interface Session {
  readonly definition: Definition;
  readonly environment: EnvironmentNode;
  readonly paths: StatePaths;
  readonly journal: Journal;
  /** This run's id, sortable by time. */
  readonly run: string;
  /** Extract from the beginning and rebuild, even what is unchanged. */
  readonly full: boolean;
  readonly allowDestroy: ReadonlySet<string>;
  /** Of these tables, the parts that a stretch of time touches are made anew, and no others; an end that is null is open. */
  readonly backfill: Backfill | null;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  /** Whether there was a warehouse when the run began: what the journal tells of an earlier one does not hold for a new file. */
  readonly warehouseStood: boolean;
  /** The newest commit of each table of the lake. */
  readonly heads: Map<string, Head>;
  /** The newest event of a type for each asset, as it stood when the run first asked. */
  latest(type: EventType): ReadonlyMap<string, JournalEvent>;
  /** The newest commit of ours to a table: another program's (a compaction, say) may lie above it. Null when there is none. */
  ownNote(table: string): Promise<CommitNote | null>;
  /** Every snapshot that a table still has, oldest first. */
  history(table: string): Promise<readonly Snapshot[]>;
  /** Reads a table's head again, after a commit. */
  refresh(table: string): Head | null;
  engine(): Promise<Engine>;
  /** The lake with its catalog and engine, for work on the tables themselves. */
  lakehouse(): Promise<Lakehouse>;
  source(table: SourceTableNode): Promise<Source>;
  /** The warehouse, one user at a time: close it to let the next have it. */
  warehouse(): Promise<Warehouse>;
  progress(asset: string): Progress;
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly definition: Definition;
  readonly environment: EnvironmentNode;
  readonly directory: string;
  readonly full?: boolean;
  readonly allowDestroy?: readonly string[];
  readonly backfill?: Backfill | null;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
}

export function openSession(options: SessionOptions): Session {
  const { definition, environment, signal, reporter } = options;
  const paths = statePaths(options.directory, environment.name);
  const journal = openJournal(paths.journal);
  const headReader = openHeads(paths.state, definition.name);
  const heads = new Map(headReader.all());
  const latest = new Map<EventType, ReadonlyMap<string, JournalEvent>>();
  const sources = new Map<string, Promise<Source>>();
  let warehouseFree: Promise<void> = Promise.resolve();
  let lakehouse: Promise<Lakehouse> | null = null;

  const openOnce = () => (lakehouse ??= openLakehouse({ environment, paths, namespace: definition.name }));
  const history = async (table: string): Promise<readonly Snapshot[]> => {
    const elsewhere = localPath(heads.get(table)?.metadataLocation ?? "/") === undefined;
    return elsewhere ? askHistory((await openOnce()).catalog, definition.name, table) : readHistory(paths.state, definition.name, table);
  };

  return {
    definition,
    environment,
    paths,
    journal,
    run: newRunId(),
    full: options.full ?? false,
    allowDestroy: new Set(options.allowDestroy),
    backfill: options.backfill ?? null,
    signal,
    reporter,
    warehouseStood: existsSync(paths.warehouse),
    heads,
    latest(type) {
      // Each step asks for itself alone, so what the run adds for other assets need not be seen.
      const known = latest.get(type) ?? journal.latest(type);
      latest.set(type, known);
      return known;
    },
    async ownNote(table) {
      const head = heads.get(table);
      if (head === undefined || head.snapshot === null) return null;
      return noteOf(head.summary) ?? (await history(table)).map(({ summary }) => noteOf(summary)).findLast((note) => note !== null) ?? null;
    },
    history,
    refresh(table) {
      const head = headReader.one(table);
      if (head !== null) heads.set(table, head);
      return head;
    },
    async engine() {
      return (await openOnce()).engine.within(signal);
    },
    lakehouse: openOnce,
    source(table) {
      const open = sources.get(table.source) ?? connectSource(bindingOf(environment, table), paths.directory);
      sources.set(table.source, open);
      return open;
    },
    async warehouse() {
      const { openWarehouse } = await import("../warehouse/warehouse.ts");
      const { promise, resolve } = Promise.withResolvers<void>();
      const before = warehouseFree;
      warehouseFree = promise;
      await before;
      const open = await openWarehouse(paths.warehouse, limitsBeside(environment)).catch((error: unknown) => {
        resolve();
        throw error;
      });
      return { ...open, close: () => open.close().finally(resolve) };
    },
    progress: (asset) => ({ report: (step) => reporter.progress(asset, step) }),
    async close() {
      // Before the catalog's own connection, which tidies up when it is the last.
      headReader.close();
      for (const [, opening] of sources) await (await opening.catch(() => null))?.close();
      await (await lakehouse?.catch(() => null))?.close();
      journal.close();
    },
  };
}

/** `20130101T101500-4f2a9c`: the time in UTC and six random hex digits. */
export function newRunId(): string {
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+Z$/g, "");
  return `${time}-${Math.floor(Math.random() * 0x1000000)
    .toString(16)
    .padStart(6, "0")}`;
}

/** The same session, whose work ends when the signal aborts. */
export function sessionWithin(session: Session, signal: AbortSignal): Session {
  return { ...session, signal, engine: async () => (await session.engine()).within(signal) };
}

/** The columns of a table as its newest commit has them. */
export function columnsOfHead(head: Head): readonly Column[] {
  return head.schema.map(({ name, type }) => ({ name, type }));
}
