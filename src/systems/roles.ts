import type { Column } from "../define/column.ts";
import type { Option, SourceTableNode } from "../define/node.ts";

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
  /** Rows as arrays in the order of `columns`. Timestamps are `Date` or ISO 8601 text in UTC; bigint and decimal may be text. */
  rows(rows: readonly (readonly Value[])[]): Promise<void>;
  /** Rows that the embedded engine reads by itself: a DuckDB query that yields `columns`; loads extensions first. Returns the number of rows. */
  query(sql: string, options?: { readonly extensions?: readonly string[]; readonly before?: readonly string[] }): Promise<number>;
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
