import { accuracyOf, type Accuracy } from "../accuracy.ts";
import { inferenceResults, type InferenceResult } from "../catalogue/inference-results.ts";
import { median } from "../utilisation.ts";
import { fitCorrection, questionOf, roofline } from "./correct.ts";
import { chipOf } from "./peak.ts";
import { rangeFactor } from "./spread.ts";

/** What was not shown to the formula when it foretold a row. */
export type LeftOut = "row" | "model" | "accelerator";

/** How estimates did against rows that they had not seen. */
export interface JudgedInference {
  readonly ours: Accuracy;
  /** The median of the other rows of the same model on the same hardware, of those rows that have one. */
  readonly baseline: Accuracy;
  /** Ours on the rows that the baseline can answer. */
  readonly beside: Accuracy;
  /** Share of the rows whose truth lay within the range. */
  readonly within: number;
  /** The middle of the ranges' upper by their lower end. */
  readonly width: number;
}

/**
 * Each published row, foretold from the others: without this row (and those that repeat it with another number of accelerators), without
 * its model, or without its accelerator.
 */
export function judgeInference(leftOut: LeftOut): JudgedInference {
  const others = (row: InferenceResult, out: LeftOut) =>
    inferenceResults.filter((other) =>
      out === "row"
        ? other !== row
        : out === "model"
          ? familyOf(other) !== familyOf(row)
          : chipOf(other.accelerator) !== chipOf(row.accelerator),
    );
  const fits = new Map<string, ReturnType<typeof fitCorrection>>();
  const fitWithout = (row: InferenceResult, index: number) => {
    const key = leftOut === "row" ? String(index) : leftOut === "model" ? familyOf(row) : chipOf(row.accelerator);
    const fit = fits.get(key) ?? fitCorrection(others(row, leftOut));
    fits.set(key, fit);
    return fit;
  };
  const rows = inferenceResults.map((row, index) => {
    const question = questionOf(row);
    const { mean, deviation } = fitWithout(row, index)(question);
    const same = others(row, leftOut).filter(({ model, accelerator }) => model === row.model && accelerator === row.accelerator);
    return {
      model: `${row.model} on ${row.accelerator}`,
      estimate: roofline(question).throughput * Math.exp(mean),
      published: row.throughput,
      factor: rangeFactor(deviation),
      constant: same.length === 0 ? null : median(same.map(({ throughput }) => throughput)),
    };
  });
  const answered = rows.flatMap(({ constant, ...row }) => (constant === null ? [] : [{ row, constant }]));
  return {
    ours: accuracyOf(rows),
    baseline: accuracyOf(answered.map(({ row, constant }) => ({ ...row, estimate: constant }))),
    beside: accuracyOf(answered.map(({ row }) => row)),
    within:
      rows.filter(({ estimate, published, factor }) => published >= estimate / factor && published <= estimate * factor).length /
      rows.length,
    width: median(rows.map(({ factor }) => factor * factor)),
  };
}

/** BERT-base and BERT-large are one family, so are the sizes of Llama: a new model has no sibling. */
export function familyOf({ model }: InferenceResult): string {
  return /^(BERT|Llama|GPT-J)/.exec(model)?.[1] ?? model;
}
