import { accuracyOf, type Accuracy } from "../accuracy.ts";
import { inferenceResults, type InferenceResult, type Runtime } from "../catalogue/inference-results.ts";
import { median } from "../utilisation.ts";
import { fitForetelling, questionOf, roofline } from "./correct.ts";
import { chipOf } from "./peak.ts";
import { rangeFactor } from "./spread.ts";

/**
 * What was not shown to the formula when it foretold a row: this row, it and those that repeat it (by other submitters, with another number
 * of accelerators), its model with its other sizes, or its chip.
 */
export type LeftOut = "row" | "repeats" | "model" | "accelerator";

/** Some rows that the median of the same model on the same hardware can answer too. */
export interface Beside {
  readonly runtime: Runtime | "all";
  readonly ours: Accuracy;
  /** The median of the rows of the same model on the same hardware that were not left out. */
  readonly baseline: Accuracy;
}

/** How estimates did against rows that they had not seen. */
export interface JudgedInference {
  readonly ours: Accuracy;
  /** All that the baseline can answer, then each way of running a model; empty where it can answer none. */
  readonly beside: readonly Beside[];
  /** Share of the rows whose truth lay within the range. */
  readonly within: number;
  /** The middle of the ranges' upper by their lower end. */
  readonly width: number;
}

const keys: Readonly<Record<LeftOut, (row: InferenceResult) => string>> = {
  row: (row) => String(inferenceResults.indexOf(row)),
  repeats: ({ model, accelerator, precision, batch, sequence, tokens }) =>
    JSON.stringify([model, accelerator, precision, batch, sequence, tokens]),
  model: familyOf,
  accelerator: ({ accelerator }) => chipOf(accelerator),
};

/** Each published row, foretold from the others. */
export function judgeInference(leftOut: LeftOut): JudgedInference {
  const keyOf = keys[leftOut];
  const rows = [...new Set(inferenceResults.map(keyOf))].flatMap((key) => {
    const others = inferenceResults.filter((row) => keyOf(row) !== key);
    const foretelling = fitForetelling(others);
    return inferenceResults.filter((row) => keyOf(row) === key).map((row) => judged(row, others, foretelling));
  });
  const beside = (["all", "framework", "compiled", "generation"] as const).flatMap((runtime): readonly Beside[] => {
    const answered = rows.filter((row) => row.constant !== null && (runtime === "all" || row.runtime === runtime));
    if (answered.length === 0) return [];
    const baseline = accuracyOf(answered.map((row) => ({ ...row, estimate: row.constant ?? Number.NaN })));
    return [{ runtime, ours: accuracyOf(answered), baseline }];
  });
  const inside = rows.filter(({ estimate, published, factor }) => published >= estimate / factor && published <= estimate * factor);
  return { ours: accuracyOf(rows), beside, within: inside.length / rows.length, width: median(rows.map(({ factor }) => factor ** 2)) };
}

function judged(row: InferenceResult, others: readonly InferenceResult[], foretelling: ReturnType<typeof fitForetelling>) {
  const question = questionOf(row);
  const { throughput, deviation } = foretelling(question, roofline(question));
  const same = others.filter(({ model, accelerator }) => model === row.model && accelerator === row.accelerator);
  return {
    model: `${row.model} on ${row.accelerator}`,
    runtime: row.runtime,
    estimate: throughput,
    published: row.throughput,
    factor: rangeFactor(deviation),
    constant: same.length === 0 ? null : median(same.map(({ throughput }) => throughput)),
  };
}

/** BERT-base and BERT-large are one family, so are the sizes of Llama: a new model has no sibling. */
export function familyOf({ model }: InferenceResult): string {
  return /^(BERT|Llama|GPT-J)/.exec(model)?.[1] ?? model;
}
