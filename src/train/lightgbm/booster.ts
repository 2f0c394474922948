import type { ModelNode } from "../../define/node.ts";
import { MillwrightError } from "../../error.ts";
import { logLoss } from "../metrics.ts";
import type { Handle, LightGBM } from "./library.ts";
import { nativeParameters, type BoostedTreesParameters } from "./parameters.ts";

/** Prepared rows, row after row, with their labels. */
export interface Rows {
  readonly matrix: Float32Array<ArrayBuffer>;
  readonly labels: Float32Array<ArrayBuffer>;
  readonly columns: number;
}

export interface GrowRequest {
  readonly library: LightGBM;
  readonly parameters: BoostedTreesParameters;
  readonly threads: number;
  readonly training: Rows;
  /** Rows that early stopping judges by; null grows all trees. */
  readonly validation: Rows | null;
  /** Called after every tree; throws to end the training. */
  readonly afterTree: (trees: number) => void;
}

export interface Grown {
  /** LightGBM's own text format, the same for the same rows, seed and parameters whatever the number of threads. */
  readonly text: string;
  readonly trees: number;
  /** Log loss on the validation rows after each tree grown; empty without validation. */
  readonly validationLoss: readonly number[];
}

/** Grows trees one by one; holds up its thread, so it belongs in a worker. */
export function growTrees({ library, parameters, threads, training, validation, afterTree }: GrowRequest): Grown {
  const native = nativeParameters(parameters, threads);
  const handles: { free: (handle: Handle) => void; handle: Handle }[] = [];
  const keep = (handle: Handle, free: (handle: Handle) => void): Handle => {
    handles.push({ handle, free });
    return handle;
  };
  const dataset = (rows: Rows, reference: Handle | null): Handle => {
    const handle = keep(library.datasetFromMatrix(rows.matrix, rows.labels.length, rows.columns, native, reference), library.freeDataset);
    library.setLabels(handle, rows.labels);
    return handle;
  };
  try {
    const main = dataset(training, null);
    const booster = keep(library.createBooster(main, native), library.freeBooster);
    if (validation !== null) library.addValidation(booster, dataset(validation, main));
    const validationLoss: number[] = [];
    const probabilities = new Float64Array(validation?.labels.length ?? 0);
    let best = 0;
    let grown = 0;
    while (grown < parameters.trees) {
      const exhausted = library.update(booster);
      if (exhausted) break;
      grown++;
      afterTree(grown);
      if (validation === null) continue;
      library.validationProbabilities(booster, probabilities);
      validationLoss.push(logLoss(validation.labels, probabilities) ?? Number.NaN); // LightGBM's own sum differs in its last digits with the number of threads
      if ((validationLoss[grown - 1] ?? 0) < (validationLoss[best] ?? 0)) best = grown - 1;
      if (parameters.earlyStopping > 0 && grown - 1 - best >= parameters.earlyStopping) break;
    }
    const trees = validation === null ? grown : Math.min(best + 1, grown);
    return { text: withoutThreads(library.save(booster, trees)), trees, validationLoss };
  } finally {
    for (const { handle, free } of handles.toReversed()) free(handle);
  }
}

/** The probabilities of the positive label by LightGBM's own prediction. */
export function predictTrees(
  library: LightGBM,
  text: string,
  rows: Pick<Rows, "matrix" | "columns">,
  threads: number,
): Float64Array<ArrayBuffer> {
  const booster = library.load(text);
  try {
    return library.predict(booster, rows.matrix, rows.matrix.length / rows.columns, rows.columns, `num_threads=${threads} verbosity=-1`);
  } finally {
    library.freeBooster(booster);
  }
}

/** The number of threads stands in the saved parameters but changes nothing else: without it the text is the same everywhere. */
function withoutThreads(text: string): string {
  return text.replace(/^\[num_threads: \d+\]\n/m, "");
}

/** Without a row of each label there is nothing to learn. */
export function hasBothLabels(labels: Float32Array): boolean {
  return labels.includes(0) && labels.includes(1);
}

/** @throws MillwrightError `one-label`, with the model's place. */
export function refuseOneLabel(labels: Float32Array, node: ModelNode): void {
  if (hasBothLabels(labels)) return;
  throw new MillwrightError({
    code: "one-label",
    what: `all ${labels.length} training rows of model '${node.name}' have the label ${labels[0]}`,
    where: node.origin,
    fix: "check the target's definition, or load more data",
  });
}
