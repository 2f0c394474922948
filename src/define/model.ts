import type { Asset } from "./asset.ts";
import type { Columns } from "./column.ts";
import type { Numeric } from "./expression-types.ts";
import { deepFreeze } from "./freeze.ts";
import type { ModelNode, Preparation, SearchNode, TrainerNode } from "./node.ts";
import { callerOrigin } from "./origin.ts";
import { packagingNode, type PackagingOptions } from "./packaging.ts";
import { parseBound, type Bound } from "./quantity.ts";
import { retrainNode, type RetrainOptions } from "./retrain.ts";
import type { SearchMisfit } from "./search.ts";
import type { Readable } from "./source.ts";
import type { Known, KnownAs, OnlyKnown, Open } from "./table-types.ts";

/** How a column may be prepared, by its type; or a sentence that says which preparations fit. */
type PreparationOf<C extends Columns> = {
  readonly [K in keyof C & string]?: Open<C[K]> extends true
    ? Preparation
    : C[K] extends "text"
      ? "ordinal" | "onehot" | PreparationMisfit<K, "text", "ordinal or onehot">
      : C[K] extends "double" | `decimal(${number},${number})`
        ? "none" | "zscore" | "minmax" | "log" | PreparationMisfit<K, C[K], "none, zscore, minmax or log">
        : Preparation;
};
type PreparationMisfit<K extends string, T extends string, Fitting extends string> = `'${K}' is ${T}: it is prepared by ${Fitting}`;

/**
 * `C`, `S`, `N`: the table's columns, sources and name. The others are the names of columns as they are written, each of which
 * becomes a sentence where the table has no such column: `T` the target, `F` features, `I` ignored, `B` the split, `P` prepared, `L` slices.
 * `R` is the trainer, and `X` the search, whose parameters must be the trainer's.
 */
export interface ModelOptions<
  C extends Columns,
  S extends string,
  N extends string = string,
  T extends string = string,
  F extends string = string,
  I extends string = string,
  B extends string = string,
  P = PreparationOf<C>,
  L extends string = string,
  R extends TrainerNode = TrainerNode,
  X extends SearchNode = SearchNode,
> {
  /** The table of features, one row per example. */
  readonly from: Readable<C, S, N>;
  /** The label: a column of booleans, or of 0 and 1. Rows where it is null are neither trained on nor tested with. */
  readonly target: KnownAs<C, N, T, "boolean" | Numeric, "boolean, or 0 and 1,">;
  /** @default every column but the target, the split's and the ignored ones */
  readonly features?: readonly Known<C, N, F>[];
  /** Identifiers, and what is known only later. */
  readonly ignore?: readonly Known<C, N, I>[];
  /** The newest rows by this date or timestamp are kept for the test. */
  readonly split: {
    readonly by: KnownAs<C, N, B, "timestamp" | "date" | "text", "date or timestamp">;
    readonly test: `last ${number} days`;
  };
  /** Fitted on the training rows; travels inside the ONNX. @default text is `ordinal`, all else `none` */
  readonly prepare?: OnlyKnown<C, N, P>;
  readonly train: R;
  /** Tries parameters by cross-validation on the training rows, and trains with the best: `grid`, `randomSearch`, `successiveHalving`. @default trains once */
  readonly search?: X & SearchMisfit<R, X>;
  /** How the trained file is made ready to be served. @default as the trainer wrote it */
  readonly packaging?: PackagingOptions;
  /** Columns whose values are reported one by one. */
  readonly slices?: readonly Known<C, N, L>[];
  /** The gate: a model that misses a bound is registered as rejected, and the old one goes on serving. */
  readonly accept: { readonly [metric in GateMetric]?: Bound };
  /** `required`: a version that its gate accepts is the challenger until `millwright model approve` makes it the champion. @default it is the champion at once */
  readonly approval?: "required";
  /** When `up` trains it anew: on drift, on poor performance, by a schedule. @default each run trains it when its table has new rows */
  readonly retrain?: RetrainOptions;
}

/** Figures on the test rows that a gate can bound; those of the confusion matrix are at a probability of a half. */
type GateMetric = "auc" | "logLoss" | "brier" | "calibrationError" | "accuracy" | "precision" | "recall" | "f1";

/** The options once every name in them is known to be a column's. */
interface PlainOptions extends Pick<
  ModelOptions<Columns, string>,
  "from" | "train" | "search" | "packaging" | "accept" | "approval" | "retrain"
> {
  readonly target: string;
  readonly features?: readonly string[];
  readonly ignore?: readonly string[];
  readonly split: { readonly by: string; readonly test: string };
  readonly prepare?: { readonly [column: string]: Preparation | undefined };
  readonly slices?: readonly string[];
}

/** A model as an asset. */
export interface Model<out Sources extends string = string> extends Asset<Sources> {
  readonly node: ModelNode;
}

/**
 * A model: what it learns, from which table, how it is trained, and when it is good enough.
 *
 * @example
 * const delay = model("arrival_delay", { from: features, target: "late", split: { by: "scheduled", test: "last 60 days" },
 *   train: boostedTrees({ trees: 300 }), accept: { auc: ">= 0.70" } });
 */
export function model<
  C extends Columns,
  S extends string,
  N extends string,
  const T extends string,
  const B extends string,
  const F extends string = never,
  const I extends string = never,
  const P extends PreparationOf<C> = Record<never, never>,
  const L extends string = never,
  R extends TrainerNode = TrainerNode,
  X extends SearchNode = SearchNode,
>(name: string, options: ModelOptions<C, S, N, T, F, I, B, P, L, R, X>): Model<S>;
export function model(name: string, options: PlainOptions): Model {
  const days = Number(/^last (\d+) days$/.exec(options.split.test)?.[1]);
  const origin = callerOrigin();
  const node: ModelNode = deepFreeze({
    kind: "model",
    name,
    origin,
    from: options.from.node.name,
    target: options.target,
    features: options.features ? [...options.features] : null,
    ignore: [...(options.ignore ?? [])],
    split: { by: options.split.by, days },
    prepare: definedOnly(options.prepare ?? {}),
    train: options.train,
    search: options.search ?? null,
    packaging: options.packaging === undefined ? null : packagingNode(options.packaging, name, origin),
    slices: [...(options.slices ?? [])],
    accept: Object.fromEntries(Object.entries(options.accept).map(([metric, bound]) => [metric, parseBound(bound)])),
    approval: options.approval ?? null,
    retrain: options.retrain === undefined ? null : retrainNode(name, options.retrain, origin),
  });
  return Object.freeze({ node, dependencies: Object.freeze([options.from]) });
}

function definedOnly<V>(record: { readonly [name: string]: V | undefined }): Record<string, V> {
  return Object.fromEntries(Object.entries(record).filter((entry): entry is [string, V] => entry[1] !== undefined));
}
