import type { Asset } from "./asset.ts";
import type { Columns } from "./column.ts";
import { deepFreeze } from "./freeze.ts";
import type { ModelNode, Preparation, TrainerNode } from "./node.ts";
import { callerOrigin } from "./origin.ts";
import { parseBound, type Bound } from "./quantity.ts";
import type { Readable } from "./source.ts";

export interface ModelOptions<C extends Columns, Sources extends string> {
  /** The table of features, one row per example. */
  readonly from: Readable<C, Sources>;
  /** The label: a column of booleans, or of 0 and 1. Rows where it is null are neither trained on nor tested with. */
  readonly target: keyof C & string;
  /** @default every column but the target, the split's and the ignored ones */
  readonly features?: readonly (keyof C & string)[];
  /** Identifiers, and what is known only later. */
  readonly ignore?: readonly (keyof C & string)[];
  /** The newest rows by this column are kept for the test. */
  readonly split: { readonly by: keyof C & string; readonly test: `last ${number} days` };
  /** Fitted on the training rows; travels inside the ONNX. @default text is `ordinal`, all else `none` */
  readonly prepare?: { readonly [K in keyof C & string]?: Preparation };
  readonly train: TrainerNode;
  /** Columns whose values are reported one by one. */
  readonly slices?: readonly (keyof C & string)[];
  /** The gate: a model that misses a bound is registered as rejected, and the old one goes on serving. */
  readonly accept: { readonly [metric in "auc" | "logLoss" | "brier" | "calibrationError"]?: Bound };
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
export function model<C extends Columns, Sources extends string>(name: string, options: ModelOptions<C, Sources>): Model<Sources> {
  const days = Number(/^last (\d+) days$/.exec(options.split.test)?.[1]);
  const node: ModelNode = deepFreeze({
    kind: "model",
    name,
    origin: callerOrigin(),
    from: options.from.node.name,
    target: options.target,
    features: options.features ? [...options.features] : null,
    ignore: [...(options.ignore ?? [])],
    split: { by: options.split.by, days },
    prepare: definedOnly(options.prepare ?? {}),
    train: options.train,
    slices: [...(options.slices ?? [])],
    accept: Object.fromEntries(Object.entries(options.accept).map(([metric, bound]) => [metric, parseBound(bound)])),
  });
  return Object.freeze({ node, dependencies: Object.freeze([options.from]) });
}

function definedOnly<V>(record: { readonly [name: string]: V | undefined }): Record<string, V> {
  return Object.fromEntries(Object.entries(record).filter((entry): entry is [string, V] => entry[1] !== undefined));
}
