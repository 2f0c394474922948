import type { Column } from "../define/column.ts";
import type { Dialect, SourceTableNode } from "../define/node.ts";
import type { Option } from "../define/option.ts";
import type { CommitNote } from "../lake/note.ts";

/** How far long work has come. `total` is null where it cannot be known. */
export interface Progress {
  report(step: { readonly done: number; readonly total: number | null; readonly unit: "rows" | "bytes" | "pages" | "trees" }): void;
}

/** Where a source stopped reading: opaque to all but the source, small, JSON; it is committed together with the rows. */
export type Position = Readonly<Record<string, string | number | null>>;

/** A row or line that could not be read. */
export interface Rejected {
  /** File:line, page and index, or table and key. */
  readonly origin: string;
  readonly reason: string;
  /** As it was, cut at 64 KiB. */
  readonly raw: string;
}

export type Value = string | number | bigint | boolean | Date | Uint8Array | null;

/** Where a source puts what it reads. Rows land in Parquet files under a folder of the run; memory stays bounded. */
export interface Stage {
  /**
   * Rows as arrays in the order of `columns`. Timestamps are `Date` or ISO 8601 text in UTC; bigint and decimal may be text.
   * A row with a value that does not fit its column goes to the rejected ones; `origin` says where the row at an index came from.
   */
  rows(rows: readonly (readonly Value[])[], origin?: (index: number) => string): Promise<void>;
  /**
   * Rows that the embedded engine reads by itself: a DuckDB query that yields `columns`; loads extensions first. Returns the number of rows.
   * With `rejects` the query yields three more columns, `rejected_origin`, `rejected_reason` and `rejected_raw`, null in the rows that are good.
   */
  query(
    sql: string,
    options?: {
      readonly extensions?: readonly string[];
      readonly before?: readonly string[];
      readonly parameters?: readonly (string | number | null)[];
      readonly rejects?: boolean;
    },
  ): Promise<number>;
  reject(rejected: readonly Rejected[]): Promise<void>;
}

export interface ExtractRequest {
  readonly table: SourceTableNode;
  /** Columns to deliver, in this order: the agreed ones (declared, or of the lock, or as described now). */
  readonly columns: readonly Column[];
  /** Where the last committed extract stopped; null for a first or full load. */
  readonly position: Position | null;
  readonly stage: Stage;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface Extracted {
  /** To be committed with the rows. */
  readonly position: Position;
  /**
   * `changes`: the staged rows are new or changed ones, merged by key (or appended when the table has no key);
   * `all`: they are the whole table: what is absent from them was deleted at the source.
   */
  readonly contains: "changes" | "all";
}

/** The role `source`: something that tables are read from. */
export interface Source {
  /** The columns of a table as the source has them now; an error that lists the tables it has, when it has no such table. */
  describe(table: SourceTableNode): Promise<readonly Column[]>;
  /** A cheap mark that changes whenever the data may have changed (file size and time, version); null when there is none. */
  fingerprint(table: SourceTableNode): Promise<string | null>;
  extract(request: ExtractRequest): Promise<Extracted>;
  close(): Promise<void>;
}

export interface ConnectContext {
  /** The platform file's folder: relative paths start here. */
  readonly directory: string;
}

/** Resolved options: secrets replaced by their values. */
export type Options = Readonly<Record<string, Option>>;

/** What the product knows of one real system; one file each. */
export interface System {
  /** As bound and shown: `mysql`. */
  readonly name: string;
  /** As people write it: `MySQL`. */
  readonly title: string;
  /** npm package and range that must be installed to use it; null when nothing is. */
  readonly peer: { readonly package: string; readonly range: string } | null;
  readonly roles: {
    readonly source?: (options: Options, context: ConnectContext) => Promise<Source>;
  };
}

/** How a table's new content is written. */
export interface TableWrite {
  readonly table: string;
  readonly columns: readonly Column[];
  /**
   * `replace`: the query is the whole table (earlier content stays readable by time travel);
   * `append`: its rows are added; `merge`: they replace the rows of the same key, or are added.
   */
  readonly mode: "replace" | "append" | "merge";
  /** For `merge`. */
  readonly key: readonly string[];
  /**
   * The newest snapshot as the writer knows it, null for none: the write is refused as transient when another one has come since,
   * e.g. a killed run's last commit. Undefined: onto whatever stands there.
   */
  readonly onto?: string | null;
  /** In the engine's dialect; yields `columns`, by name. */
  readonly query: string;
  /** Yields `origin`, `reason`, `raw` of the rows that go to quarantine; null when none can. */
  readonly rejected: string | null;
  /** The commit's own words, completed by the engine with the numbers of rows. */
  readonly note: Omit<CommitNote, "rows" | "quarantined" | "seconds">;
  /** `performance.now()` when the work began. */
  readonly began: number;
}

export interface Written {
  /** Decimal digits: 64-bit ids exceed what a number holds. */
  readonly snapshot: string;
  readonly note: CommitNote;
}

/** The role `engine`: computes tables and writes them into the lake. */
export interface Engine {
  readonly dialect: Dialect;
  /** SQL for reading a table of the lake at a snapshot (null: the newest). */
  relation(table: string, snapshot: string | null): string;
  /** SQL for reading staged Parquet files. */
  staged(files: readonly string[]): string;
  /** The columns that a query yields. */
  describe(query: string): Promise<readonly Column[]>;
  /** Rows of a small result. Integers within 2^53 are numbers. */
  ask(sql: string): Promise<readonly Readonly<Record<string, Value>>[]>;
  write(write: TableWrite): Promise<Written>;
  /** Keeps a query's rows for the statements to come: `relation` is SQL for reading them, `drop` lets them go. */
  keep(query: string): Promise<{ readonly relation: string; drop(): Promise<void> }>;
  /** Writes a query's rows into one Parquet file; gives their number. */
  exportParquet(query: string, file: string): Promise<number>;
  /** The same engine, whose work ends when the signal aborts; the tables then stay as they were. */
  within(signal: AbortSignal): Engine;
  close(): Promise<void>;
}
