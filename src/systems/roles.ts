import type { Column } from "../define/column.ts";
import type { Dialect, Layout, Parameters, Resources, SourceTableNode } from "../define/node.ts";
import type { Option } from "../define/option.ts";
import type { CommitNote } from "../lake/note.ts";

/** How far long work has come. `total` is null where it cannot be known. */
export interface Progress {
  report(step: {
    readonly done: number;
    readonly total: number | null;
    readonly unit: "rows" | "bytes" | "pages" | "trees" | "steps" | "trials" | "tasks" | "parts";
  }): void;
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

/** Where an engine finds rows: SQL for reading them, valid until they are dropped. */
export interface Relation {
  readonly relation: string;
  drop(): Promise<void>;
}

/** A way in which an engine reads a foreign system by itself: the engine's own name of the format, and its options; secrets stand in them by value. */
export interface ForeignData {
  /** Spark: `jdbc`, `parquet`, `csv`, `json`. */
  readonly format: string;
  readonly options: Readonly<Record<string, string>>;
  /** The columns to read, where the format does not say. */
  readonly schema: readonly Column[] | null;
  /** Files, for formats of files. */
  readonly paths: readonly string[];
}

/** A source read by the engine itself, so that no row passes through this process. */
export interface DirectRequest {
  readonly table: SourceTableNode;
  readonly columns: readonly Column[];
  readonly position: Position | null;
  readonly dialect: Dialect;
  /** Makes the engine see foreign data under a name. */
  readonly see: (data: ForeignData) => Promise<Relation>;
  readonly ask: Engine["ask"];
  readonly signal: AbortSignal;
}

export interface Direct extends Extracted {
  /** What to select the columns from. */
  readonly rows: string;
  /** What to select origin, reason, raw from, of the rows that cannot be read; null when there can be none. */
  readonly rejected: string | null;
  drop(): Promise<void>;
}

/** The role `source`: something that tables are read from. */
export interface Source {
  /** The columns of a table as the source has them now; an error that lists the tables it has, when it has no such table. */
  describe(table: SourceTableNode): Promise<readonly Column[]>;
  /** A cheap mark that changes whenever the data may have changed (file size and time, version); null when there is none. */
  fingerprint(table: SourceTableNode): Promise<string | null>;
  extract(request: ExtractRequest): Promise<Extracted>;
  /** The same rows, read by the engine itself; null when that engine cannot read this table. Absent: no engine can. */
  direct?(request: DirectRequest): Promise<Direct | null>;
  close(): Promise<void>;
}

/** A place for files, as plain data: it goes to the catalog's process through a pipe and nowhere else, for it holds secrets by value. */
export interface Storage {
  /** What the addresses of its files begin with, without a slash at the end: `file:///data/lake`, `s3://bucket/lake`, `hdfs://host:8020/lake`. */
  readonly location: string;
  /** The service's name in opendal, and opendal's options; `fs` is read and written without it. */
  readonly service: "fs" | "s3" | "webhdfs" | "azblob" | "gcs";
  readonly options: Readonly<Record<string, string>>;
}

/** The role `lake`: where the tables' files stand, and how each engine gets at them. */
export interface Lake {
  /** New tables are made in the first; files may lie in any of them. */
  readonly storages: readonly [Storage, ...Storage[]];
  /** What DuckDB needs for it; null when it cannot read there, so that another engine must be bound. */
  readonly duckdb: { readonly extensions: readonly string[]; readonly statements: readonly string[] } | null;
  /** Hadoop's settings of the file system, for Spark: `fs.s3a.endpoint`. */
  readonly hadoop: Readonly<Record<string, string>>;
  /** Files older than `days` by a table's first partition on time move from the first storage to the last; null when there is only one. */
  readonly tiering: { readonly days: number } | null;
}

/** The role `catalog`: an Iceberg REST catalog that others run. Ours stands in front of it as a gateway; plain data, as for `Storage`. */
export interface OutsideCatalog {
  /** Without `/v1`. */
  readonly url: string;
  readonly warehouse: string | null;
  /** How requests are authorised: by a token, by OAuth2 client credentials (`id:secret`), by AWS's signature (version 4), or not at all. */
  readonly authorization:
    | { readonly kind: "none" }
    | { readonly kind: "bearer"; readonly token: string }
    | { readonly kind: "oauth2"; readonly url: string; readonly credential: string; readonly scope: string }
    | {
        readonly kind: "aws";
        readonly region: string;
        readonly service: string;
        readonly accessKey: string;
        readonly secretKey: string;
        readonly sessionToken: string | null;
      };
  /** Further headers of each request. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What an engine is opened with. */
export interface EngineContext extends ConnectContext {
  /** The platform's name: the namespace of its tables. */
  readonly namespace: string;
  readonly catalog: { readonly url: string; readonly token: string };
  readonly lake: Lake;
  /** The environment's state folder, where heads are read. */
  readonly state: string;
}

export interface ConnectContext {
  /** The platform file's folder: relative paths start here. */
  readonly directory: string;
}

/** Resolved options: secrets replaced by their values. */
export type Options = Readonly<Record<string, Option>>;

/** An npm package that a system needs beside millwright. */
export interface Peer {
  readonly package: string;
  readonly range: string;
}

/** What the product knows of one real system; one file each. */
export interface System {
  /** As bound and shown: `mysql`. */
  readonly name: string;
  /** As people write it: `MySQL`. */
  readonly title: string;
  /** npm packages and ranges that must be installed to use it. */
  readonly peers: readonly Peer[];
  readonly roles: {
    readonly source?: (options: Options, context: ConnectContext) => Promise<Source>;
    readonly lake?: (options: Options, context: ConnectContext) => Promise<Lake>;
    readonly catalog?: (options: Options, context: ConnectContext) => Promise<OutsideCatalog>;
    readonly engine?: (options: Options, context: EngineContext) => Promise<Engine>;
    readonly launcher?: (options: Options, context: ConnectContext) => Promise<Launcher>;
    readonly tracker?: (options: Options, context: ConnectContext) => Promise<Tracker>;
    readonly server?: (options: Options, context: ConnectContext) => Promise<ModelServer>;
    readonly alerts?: (options: Options, context: ConnectContext) => Promise<Alerts>;
  };
  /** Roles that it fills by files which `millwright render` writes for it: its secrets are wanted where it runs, not here. */
  readonly rendered?: readonly string[];
}

/** A program that runs for a while somewhere and then ends. */
export interface Job {
  /** Letters, digits and `-`: as queues show it. */
  readonly name: string;
  /** Program and arguments; no shell reads them. */
  readonly command: readonly [string, ...string[]];
  /** Where it runs: a folder on a disk that every node sees. */
  readonly directory: string;
  /** Added to its environment. */
  readonly variables: Readonly<Record<string, string>>;
  readonly resources: Resources;
  /** Its tasks side by side, as variables of their own; `[{}]` for a job that is no array. */
  readonly tasks: readonly [Readonly<Record<string, string>>, ...Readonly<Record<string, string>>[]];
  /** Jobs of the same launcher that must have succeeded before. */
  readonly after: readonly string[];
  /** How often a task that lost its node, or was preempted, begins again; it goes on from its checkpoint. */
  readonly requeues: number;
}

/** How a task ended, and what it used; null is what the launcher does not measure. */
export interface TaskEnd {
  readonly outcome: "succeeded" | "failed" | "cancelled" | "timed-out" | "out-of-memory" | "lost";
  readonly exitCode: number | null;
  /** In words, where it did not succeed. */
  readonly reason: string | null;
  readonly usage: {
    readonly seconds: number;
    readonly processorSeconds: number | null;
    /** Bytes. */
    readonly peakMemory: number | null;
    /** Names of the nodes. */
    readonly nodes: readonly string[];
  };
}

export interface RunningJob {
  /** The launcher's own name of it: Slurm's job number, the name of Kubernetes' Job. `find` finds it by this. */
  readonly id: string;
  /** The lines that a task writes to its outputs, from the first one, as they come; ends with the task. */
  lines(task: number): AsyncIterable<string>;
  end(task: number): Promise<TaskEnd>;
  /** Ends every task that still runs; resolves when none does. */
  cancel(): Promise<void>;
}

/** The role `launcher`: where training runs. */
export interface Launcher {
  /** @throws MillwrightError `launch-refused` when it cannot give what the job asks for. */
  submit(job: Job): Promise<RunningJob>;
  /** A job that an earlier process submitted and that has not been forgotten; null when there is none. */
  find(id: string, job: Job): Promise<RunningJob | null>;
  close(): Promise<void>;
}

/** A training, or a trial of a search, as trackers keep it. */
export interface TrackedRun {
  /** Ours; recorded again under the same id, it replaces what was recorded. */
  readonly id: string;
  /** The model's name. */
  readonly experiment: string;
  readonly name: string;
  /** The run of the search that this one is a trial of. */
  readonly parent: string | null;
  readonly outcome: "running" | "succeeded" | "failed" | "cancelled";
  /** ISO 8601 in UTC. */
  readonly started: string;
  readonly ended: string | null;
  readonly parameters: Parameters;
  /** Figures as they went, by step; the last one is the run's. */
  readonly metrics: Readonly<Record<string, readonly { readonly step: number; readonly value: number; readonly time: string }[]>>;
  readonly tags: Readonly<Record<string, string>>;
  /** A folder and the names of the files in it that belong to the run. */
  readonly files: { readonly directory: string; readonly names: readonly string[] } | null;
}

/** A registered version as it goes to another registry. */
export interface PublishedModel {
  readonly model: string;
  readonly version: number;
  readonly run: string;
  readonly directory: string;
  readonly files: readonly string[];
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Names that point to this version now. */
  readonly aliases: readonly string[];
}

/** The role `tracker`: another system's record of trainings and models, beside the embedded one. */
export interface Tracker {
  /** Recorded twice, nothing changes. */
  record(run: TrackedRun): Promise<void>;
  /** Published twice, nothing changes but the aliases. */
  publish(model: PublishedModel): Promise<void>;
  /** The number of the version that a number or alias of that registry means now. @throws MillwrightError `unknown-model` */
  resolve(model: string, reference: string): Promise<string>;
  /** Brings a model of that registry here, by version number or alias: one ONNX file with its weights inside, and its name. */
  fetch(model: string, reference: string, directory: string): Promise<{ readonly file: string; readonly version: string }>;
  close(): Promise<void>;
}

/** What a server is given to serve. */
export interface ModelPackage {
  readonly endpoint: string;
  readonly version: string;
  /** The ONNX file, and its SHA-256 in hex: what does not match is refused. */
  readonly file: string;
  readonly sha256: string;
}

/** A version on a server. */
export interface ServedVersion {
  readonly version: string;
  readonly ready: boolean;
  /** Of the requests, 0 to 100. */
  readonly percent: number;
}

/** The role `server`: where models answer. The embedded one needs none of this. */
export interface ModelServer {
  /** Where clients ask for an endpoint, and how they speak. */
  address(endpoint: string): { readonly url: string; readonly protocol: "open-inference" | "tensorflow-serving" | "torchserve" };
  /** Brings a version beside those that are there, ready to answer; it gets no request until it has a share. */
  deploy(model: ModelPackage): Promise<void>;
  /** Divides an endpoint's requests among ready versions: percentages of 100 in all. Canary, promotion and roll back are this. */
  share(endpoint: string, percentages: Readonly<Record<string, number>>): Promise<void>;
  versions(endpoint: string): Promise<readonly ServedVersion[]>;
  /** @throws MillwrightError `version-in-use` for one that has a share. */
  remove(endpoint: string, version: string): Promise<void>;
  /**
   * For a server that cannot divide an endpoint's requests by itself: our router stands before it and does, as `versions` says; it asks the
   * versions by name at `address`, with these headers. Absent where the server divides them.
   */
  readonly routed?: { readonly headers: Readonly<Record<string, string>> };
  close(): Promise<void>;
}

/** An alert that fires now. */
export interface ActiveAlert {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
  /** ISO 8601 in UTC. */
  readonly since: string;
  /** Who has taken it on, and until when it goes to nobody else; null for nobody. */
  readonly acknowledged: Acknowledgement | null;
}

export interface Acknowledgement {
  readonly by: string;
  readonly because: string;
  /** ISO 8601 in UTC. */
  readonly until: string;
}

/** The role `alerts`: where alerts come together, and where people take them on. */
export interface Alerts {
  /** Alerts with these labels that fire, without those that only repeat one for a later level of escalation. */
  active(labels: Readonly<Record<string, string>>): Promise<readonly ActiveAlert[]>;
  /** Keeps an alert from going further, until then. */
  acknowledge(alert: ActiveAlert, acknowledgement: Acknowledgement): Promise<void>;
  close(): Promise<void>;
}

/** How a table's new content is written. */
export interface TableWrite {
  readonly table: string;
  readonly columns: readonly Column[];
  /**
   * `replace`: the query is the whole table (earlier content stays readable by time travel);
   * `append`: its rows are added; `merge`: they replace the rows of the same key, or are added;
   * `overwrite`: they take the place of the rows of `range`.
   */
  readonly mode: "replace" | "append" | "merge" | "overwrite";
  /** For `merge`. */
  readonly key: readonly string[];
  /** For `overwrite`: rows whose `column` (date or timestamp) is at or after `from` and before `to`, both ISO 8601 in UTC. */
  readonly range?: { readonly column: string; readonly from: string; readonly to: string };
  /** For `overwrite`: refused rows of this origin, from an earlier write, make way for those of this one. */
  readonly origin?: string;
  /** How the table's files are laid out; null for the engine's own way. */
  readonly layout?: Layout | null;
  readonly progress?: Progress;
  /**
   * The newest snapshot as the writer knows it, null for none: the write is refused as transient when another one has come since,
   * e.g. a killed run's last commit. Undefined: onto whatever stands there.
   */
  readonly onto?: string | null;
  /** In the engine's dialect; yields `columns`, by name. */
  readonly query: string;
  /** Yields `origin`, `reason`, `raw` of the rows that go to quarantine; null when none can. */
  readonly rejected: string | null;
  /** How many rows `query` and `rejected` yield together, where that is known: an engine need not look for refused rows when `query` yields as many. */
  readonly rows?: number;
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

/** Rows that a table has got. */
export interface Appended {
  /** SQL that reads them. */
  readonly relation: string;
  readonly rows: number;
  /** The Parquet files that hold them and nothing else, when all lie on this machine's disk; null when they do not. */
  readonly files: readonly string[] | null;
}

/** The role `engine`: computes tables and writes them into the lake. */
export interface Engine {
  readonly dialect: Dialect;
  /** SQL for reading a table of the lake at a snapshot (null: the newest). */
  relation(table: string, snapshot: string | null): string;
  /** Brings Parquet files of this machine to where the engine can read them. At least one. */
  staged(files: readonly string[]): Promise<Relation>;
  /** Makes foreign data readable by SQL; absent in an engine that cannot. */
  see?(data: ForeignData): Promise<Relation>;
  /**
   * The rows that a table's snapshots after `from` have added, up to its newest one `to`; null when they have also changed
   * or removed some, or when that cannot be told. Absent in an engine that cannot tell.
   */
  appended?(table: string, from: string, to: string): Promise<Appended | null>;
  /** The columns that a query yields. */
  describe(query: string): Promise<readonly Column[]>;
  /** Rows of a small result. Integers within 2^53 are numbers. */
  ask(sql: string): Promise<readonly Readonly<Record<string, Value>>[]>;
  write(write: TableWrite): Promise<Written>;
  /** Keeps a query's rows for the statements to come. */
  keep(query: string): Promise<Relation>;
  /** Writes a query's rows into one Parquet file; gives their number. */
  exportParquet(query: string, file: string): Promise<number>;
  /** The same engine, whose work ends when the signal aborts; the tables then stay as they were. */
  within(signal: AbortSignal): Engine;
  close(): Promise<void>;
}
