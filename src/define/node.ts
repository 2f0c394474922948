import type { Origin } from "../error.ts";
import type { ColumnType } from "./column.ts";
import type { AggregateNode } from "./expression-node.ts";
import type { Operation } from "./operation.ts";
import type { Option } from "./option.ts";
import type { DriftRule } from "./quantity.ts";

/** The SQL dialects that tables are printed in. */
export type Dialect = "duckdb" | "spark" | "trino" | "postgres" | "snowflake" | "bigquery" | "redshift";

/** How a column divides a table's files: rows with the same result lie together. The names are Iceberg's transforms. */
export interface PartitionField {
  readonly column: string;
  readonly transform: "identity" | "year" | "month" | "day" | "hour" | "bucket" | "truncate";
  /** Buckets of `bucket`, width of `truncate`; null otherwise. */
  readonly size: number | null;
}

/** How a table's files are laid out in the lake, by whichever engine writes them. */
export interface Layout {
  readonly partition: readonly PartitionField[];
  /** Rows of a file are sorted so; nulls last. */
  readonly sort: readonly { readonly column: string; readonly descending: boolean }[];
  /** Bytes of a data file to aim at; null for Iceberg's own default, 512 MiB. */
  readonly fileSize: number | null;
}

/** What every node of a Definition has. Nodes are frozen and survive `JSON.stringify` unchanged. */
interface Base {
  readonly name: string;
  readonly origin: Origin;
}

/** A table that is extracted from a source, which only an environment names. */
export interface SourceTableNode extends Base {
  readonly kind: "source";
  /** The role's name, which every environment must bind: `ops`. */
  readonly source: string;
  /** The table's name at the source; `name` is its name in the lake. */
  readonly table: string;
  /** Columns that identify a row. */
  readonly key: readonly string[];
  /** A column that never falls when a row changes: later extracts ask only for what lies at or after its last value. */
  readonly cursor: string | null;
  /** How a line of a log is read: `{time:timestamp} {airport} {event}`, or `combined`, `json`. */
  readonly pattern: string | null;
  /** Declared columns; null when the source's own description, kept in schema.lock.json, is used. */
  readonly columns: Readonly<Record<string, ColumnType>> | null;
  readonly layout: Layout | null;
}

/** A table that is computed from other tables, by operations or by SQL. */
export interface TableNode extends Base {
  readonly kind: "table";
  /** Names of the tables it reads; the first is the one that the operations start from. */
  readonly inputs: readonly string[];
  readonly operations: readonly Operation[];
  /** SQL per dialect, when SQL says it best; then `operations` is empty. The keys of `as` are the names that the SQL uses. */
  readonly sql: {
    readonly as: Readonly<Record<string, string>>;
    readonly text: Readonly<Record<string, string>>;
    readonly columns: Readonly<Record<string, ColumnType>> | null;
  } | null;
  /** Also loaded into the environment's warehouse. */
  readonly load: boolean;
  readonly layout: Layout | null;
  /**
   * The table is made a day or a month at a time: each part from the rows of the first input whose `column` lies in it, and of
   * `lookback` days before, and only parts whose input changed are made again. Null when it is made as a whole.
   */
  readonly parts: { readonly by: "day" | "month"; readonly column: string; readonly lookback: number } | null;
}

/** What a training asks of the machines that it runs on. What is null is the launcher's to choose. */
export interface Resources {
  readonly nodes: number;
  /** Ranks of one training on each node; more than one, or more than one node, is started by MPI or by the launcher's own means. */
  readonly processesPerNode: number;
  /** Threads of each process, for OpenMP and the like. */
  readonly threads: number | null;
  /** Bytes of each process: beyond them it is ended. */
  readonly memory: number | null;
  /** Of each node: `{ type: "A100", count: 2 }`. */
  readonly accelerators: { readonly type: string; readonly count: number } | null;
  /** Wall time after which it is ended. */
  readonly seconds: number | null;
}

export type Parameters = Readonly<Record<string, number | string | boolean>>;

/** How a model is trained: the trainer's name and its parameters. */
export type TrainerNode =
  | { readonly trainer: "boosted-trees"; readonly parameters: Parameters }
  | {
      readonly trainer: "python";
      /** From the platform file's folder. */
      readonly script: string;
      /** Hash of the script and of the modules beside it that it imports, as they stood when the platform was declared; null when it was not there. */
      readonly code: string | null;
      /** As pip writes them: `scikit-learn==1.7.2`. */
      readonly requirements: readonly string[];
      /** How far the ONNX file's probability may lie from the script's own, on any test row. */
      readonly parity: number;
      readonly parameters: Parameters;
      readonly resources: Resources;
    };

/** Values of one parameter that a search tries: these, or any between two bounds (on a logarithmic scale with `logarithmic`; whole ones with `whole`). */
export type SearchValues =
  | readonly (number | string | boolean)[]
  | { readonly low: number; readonly high: number; readonly logarithmic: boolean; readonly whole: boolean };

/** Trials with different parameters, each by cross-validation on the training rows; the best parameters train the model. */
export interface SearchNode {
  readonly method: "grid" | "random" | "halving";
  readonly parameters: Readonly<Record<string, SearchValues>>;
  /** How many parameter sets are drawn; null for all of a grid. */
  readonly trials: number | null;
  /** Which figure decides, and whether more of it is better. */
  readonly metric: string;
  readonly better: "more" | "less";
  readonly folds: number;
  /** For `halving`: the share of the trials that goes on to the next round, with so many times the training rows. */
  readonly factor: number;
  /** Trials side by side; null for the launcher's own measure. */
  readonly parallel: number | null;
  readonly seed: number;
}

/** What is done with a trained model's ONNX file before its version is registered. */
export interface PackagingNode {
  /** By ONNX Runtime's own optimiser, within ONNX's standard operators. */
  readonly optimise: boolean;
  readonly quantise: {
    readonly to: "int8";
    readonly ranges: "dynamic" | "static";
    /** For `static`: how many of the newest training rows it looks at. */
    readonly calibrationRows: number;
    /** How much worse each of these figures may become on the test rows. */
    readonly maximumLoss: Readonly<Record<string, number>>;
  } | null;
}

export type Preparation = "zscore" | "minmax" | "log" | "onehot" | "ordinal" | "none";

/** When a model is trained anew by itself, and how good it must be then. A run of everything leaves it alone but for a new declaration. */
export interface RetrainNode {
  /** What an endpoint of it alarms about. */
  readonly on: readonly ("drift" | "performance")[];
  readonly schedule: ScheduleNode | null;
  /** Of trainings that alarms cause. */
  readonly atMost: { readonly times: number; readonly seconds: number };
  /** How much worse than the champion each figure of the gate may be, on the same test rows. */
  readonly margin: number;
}

export interface ModelNode extends Base {
  readonly kind: "model";
  /** The table of features. */
  readonly from: string;
  /** The label's column: boolean, or 0 and 1; rows where it is null are left out of training and test. */
  readonly target: string;
  /** Columns that are features; null means every column but the target, the split's and the ignored ones. */
  readonly features: readonly string[] | null;
  /** Columns that are never features: identifiers and what is known only later. */
  readonly ignore: readonly string[];
  /** The newest `days` by the column `by` are the test rows. */
  readonly split: { readonly by: string; readonly days: number };
  /** Preparation by column; categories default to `ordinal`, numbers to `none`. */
  readonly prepare: Readonly<Record<string, Preparation>>;
  readonly train: TrainerNode;
  /** Null trains once, with the parameters as they stand. */
  readonly search: SearchNode | null;
  /** Null serves the file as the trainer wrote it. */
  readonly packaging: PackagingNode | null;
  /** Metrics by slice are reported for these columns. */
  readonly slices: readonly string[];
  /** The gate: metric to bound, e.g. `{ auc: { atLeast: 0.7 } }`. */
  readonly accept: Readonly<Record<string, { readonly atLeast?: number; readonly atMost?: number }>>;
  /** A version that its gate accepted waits as `challenger` until a person approves it; null makes it the champion at once. */
  readonly approval: "required" | null;
  /** When `up` trains it anew; null when every run does that has new rows. */
  readonly retrain: RetrainNode | null;
}

/** A model of another registry, which the environment's tracker names. */
export interface ImportedModelNode extends Base {
  readonly kind: "imported-model";
  /** Its name in that registry. */
  readonly model: string;
  /** A version's number there, or an alias. */
  readonly reference: string;
  /** As of a model that is trained here. */
  readonly approval: "required" | null;
}

/** How an endpoint's predictions are looked at afterwards. */
export interface MonitorNode {
  readonly window: { readonly rows: number } | { readonly seconds: number };
  /** What is compared: the same hours of the week, the same months, or null for everything. */
  readonly season: "week" | "year" | null;
  /** A table in the lake, the columns that it shares with the prediction log, and its label's column. */
  readonly labels: { readonly table: string; readonly key: readonly string[]; readonly label: string } | null;
  /** Bounds of the performance, measured or to be expected; null for those of the model's gate. */
  readonly performance: Readonly<Record<string, { readonly atLeast?: number; readonly atMost?: number }>> | null;
  /** The greatest share of rows, of any feature, that miss a value more often than in training, or hold one that training did not have; null when it is not judged. */
  readonly quality: number | null;
  /** Dollars of an hour of a processor; null when it is not known. */
  readonly processorHour: number | null;
}

export interface EndpointNode extends Base {
  readonly kind: "endpoint";
  readonly model: string;
  /** Limit of drift per column, e.g. `{ figure: "psi", limit: 0.2 }`; null when it is not watched. */
  readonly drift: DriftRule | null;
  /** Null for a look in windows of a day, without labels. */
  readonly monitor: MonitorNode | null;
  /** Part of the requests that are kept in the lake, 0 to 1, and the inputs that are not kept with them. */
  readonly log: { readonly sample: number; readonly without: readonly string[] };
}

/** One number measured on a table and kept in the journal; it writes no table. */
export interface MetricNode extends Base {
  readonly kind: "metric";
  readonly of: string;
  readonly value: AggregateNode;
}

/** When something is due, in UTC: so often, or as a cron expression of five fields says. One of the two is null. */
export interface ScheduleNode {
  /** As it was written: `daily at 03:00`. */
  readonly text: string;
  /** Seconds. */
  readonly every: number | null;
  readonly cron: string | null;
}

/** What keeps tables of the lake in shape; it makes none. */
export interface MaintenanceNode extends Base {
  readonly kind: "maintenance";
  /** Names in the lake; null for every table of the platform's namespace. */
  readonly tables: readonly string[] | null;
  /** Sizes in bytes; `into` is null for the table's own. */
  readonly compact: { readonly below: number; readonly into: number | null } | null;
  readonly expire: { readonly olderThanSeconds: number; readonly keepLast: number; readonly keepTrained: boolean } | null;
  readonly orphans: { readonly olderThanSeconds: number; readonly dryRun: boolean } | null;
  /** Null when it is done only when it is named. */
  readonly schedule: ScheduleNode | null;
}

export type AssetNode = SourceTableNode | TableNode | MetricNode | ModelNode | ImportedModelNode | EndpointNode | MaintenanceNode;

/** A system with its options, as an environment binds it to a role. */
export interface BindingNode {
  readonly kind: "binding";
  readonly system: string;
  readonly options: Readonly<Record<string, Option>>;
  readonly origin: Origin;
}

/** Where an environment stands, and how its machines are bought. */
export interface Place {
  readonly provider: "aws" | "google" | "azure" | "lambda" | "nebius" | "owned";
  /** Null for the one that the requirements name. */
  readonly region: string | null;
  readonly zones: number;
  readonly purchase: "on-demand" | "reserved" | "spot" | "owned";
  readonly encryptedDisks: boolean;
}

export interface EnvironmentNode extends Base {
  readonly kind: "environment";
  /** Role or source name to the system that fills it. */
  readonly bindings: Readonly<Record<string, BindingNode>>;
  /** Commands that `run` and `up` start before the work and stop after it. */
  readonly helpers: readonly string[];
  /** Null: this machine, or nobody has said. */
  readonly place: Place | null;
}

/** One thing that the platform must reach, or that it must reckon with. */
export interface RequirementNode extends Base {
  readonly kind: "requirement";
  /** As it was written. */
  readonly text: string;
  /** `is`: given, e.g. how much data arrives; else a bound that is met or missed. */
  readonly bound: "is" | "atMost" | "atLeast";
  /** In `unit`, or a word. */
  readonly value: number | string;
  readonly unit: "seconds" | "1/second" | "bytes" | "bytes/second" | "times" | "share" | "share/year" | "USD" | "USD/month" | null;
}

/** A choice between systems, with a person's reason. */
export interface DecisionNode extends Base {
  readonly kind: "decision";
  readonly choice: string;
  readonly because: string;
  readonly rejected: readonly { readonly system: string; readonly reason: string }[];
}

/** Everything that a platform file says: the only thing that passes between declaring and every other pass. */
export interface Definition {
  readonly kind: "platform";
  readonly name: string;
  readonly origin: Origin;
  readonly domain: string | null;
  /** Whom it serves and what changes when it works, in a person's words; null where nobody wrote it. */
  readonly purpose: string | null;
  /** In the order in which they were written. */
  readonly requirements: readonly RequirementNode[];
  readonly decisions: readonly DecisionNode[];
  /** How often and how long each step of a run may try. */
  readonly steps: { readonly attempts: number; readonly timeoutSeconds: number | null };
  /** When `millwright up` brings everything up to date; null for never. */
  readonly schedule: ScheduleNode | null;
  /** In the order of their declaration; a table comes after what it reads. */
  readonly assets: readonly AssetNode[];
  readonly environments: Readonly<Record<string, EnvironmentNode>>;
}
