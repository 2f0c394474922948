import { inferenceResults, type InferenceResult } from "../catalogue/inference-results.ts";
import { median } from "../utilisation.ts";
import { acceleratorOf } from "../accelerator.ts";
import { generationRoofline } from "./generation.ts";
import { kriging, type Predicted } from "./kriging.ts";
import { modelNamed } from "./model.ts";
import { architectureOf, chipOf } from "./peak.ts";
import type { InferenceQuestion, Roofline } from "./question.ts";
import { samplesRoofline } from "./samples.ts";

/** The formula of a question's kind. */
export function roofline(question: InferenceQuestion): Roofline {
  return question.model.kind === "decoder" ? generationRoofline(question) : samplesRoofline(question);
}

/** A published result as the question that it answers. */
export function questionOf(result: InferenceResult): InferenceQuestion {
  const { runtime, precision, batch, sequence, tokens, accelerators } = result;
  const [model, accelerator] = [modelNamed(result.model), acceleratorOf(result.accelerator)];
  return { model, accelerator, runtime, precision, batch, sequence, tokens, accelerators };
}

/**
 * Variances of what the formulas do not know, in logarithms, for what two questions have in common. Chosen so that rows, models and
 * accelerators that were left out are most likely (scripts/accuracy.ts judges them so), and rounded.
 */
const spreads = {
  runtime: 0.004,
  kind: 0.004,
  architecture: 0.003,
  accelerator: 0.005,
  model: 0.008,
  precision: 0.005,
  together: 0.004,
  /** The same model at a batch and a length that are near: a new model differs by so much. */
  regime: 0.03,
  pair: 0.004,
  noise: 0.004,
} as const;

const logBatch = ({ batch }: InferenceQuestion) => Math.log(batch ?? 1024);
const logLength = ({ sequence, tokens }: InferenceQuestion) => Math.log(sequence ?? tokens?.[0] ?? 256);
const near = (difference: number) => Math.exp(-(difference * difference) / 2);
/** Engines of 8 bits run alike, whether whole numbers or not. */
const width = ({ precision }: InferenceQuestion) => (precision === "int8" || precision === "fp8" ? "8 bits" : precision);

/** How much the formula's error at one question says about that at another. */
export function covariance(a: InferenceQuestion, b: InferenceQuestion): number {
  if (a.runtime !== b.runtime) return 0;
  const same = (value: boolean, variance: number) => (value ? variance : 0);
  const kind = a.model.kind === b.model.kind;
  const accelerator = chipOf(a.accelerator.name) === chipOf(b.accelerator.name);
  const model = a.model.name === b.model.name;
  const precision = kind && width(a) === width(b);
  const regime = near((logBatch(a) - logBatch(b)) / 2) * near(logLength(a) - logLength(b));
  return (
    spreads.runtime +
    same(kind, spreads.kind) +
    same(architectureOf(a.accelerator) === architectureOf(b.accelerator), spreads.architecture) +
    same(accelerator && kind, spreads.accelerator) +
    same(model, spreads.model + spreads.regime * regime) +
    same(precision, spreads.precision) +
    same(accelerator && precision, spreads.together) +
    same(accelerator && model, spreads.pair)
  );
}

/** The logarithm by which published results differ from the formula, foretold for a question. */
export function fitCorrection(results: readonly InferenceResult[]): (question: InferenceQuestion) => Predicted {
  const questions = results.map(questionOf);
  const errors = questions.map((question, index) => Math.log((results[index]?.throughput ?? Number.NaN) / roofline(question).throughput));
  return kriging(questions, errors, covariance, spreads.noise);
}

/** Where an answer comes from: a published one, the formula beside published ones of the same model on the same chip, or the formula. */
export type Basis = "published" | "known" | "formula";

/** A rate as the formula and the published results foretell it. */
export interface Foretold {
  /** Of one accelerator, a second. */
  readonly throughput: number;
  /** By which published results differ from the formula here; 1 where nothing is known. */
  readonly correction: number;
  /** Of the logarithm. */
  readonly deviation: number;
  readonly basis: Basis;
}

/**
 * Foretells from some results: where they hold the question itself the median of their answers, which is nearer than any formula
 * (docs/accuracy.md), else the formula, corrected.
 */
export function fitForetelling(results: readonly InferenceResult[]): (question: InferenceQuestion, formula: Roofline) => Foretold {
  const correct = fitCorrection(results);
  const known = results.map((result) => ({ result, question: questionOf(result) }));
  return (question, formula) => {
    const { mean, deviation } = correct(question);
    const same = known.filter(({ question: other }) => isSame(question, other));
    const near = known.some(
      ({ question: other }) =>
        other.model.name === question.model.name &&
        other.runtime === question.runtime &&
        width(other) === width(question) &&
        chipOf(other.accelerator.name) === chipOf(question.accelerator.name),
    );
    const throughput = same.length > 0 ? median(same.map(({ result }) => result.throughput)) : formula.throughput * Math.exp(mean);
    const basis = same.length > 0 ? "published" : near ? "known" : "formula";
    return { throughput, correction: throughput / formula.throughput, deviation, basis };
  };
}

/** Whether a published result answers the question itself: how many accelerators there were does not matter where each had its own copy. */
function isSame(a: InferenceQuestion, b: InferenceQuestion): boolean {
  return (
    a.model.name === b.model.name &&
    a.accelerator.name === b.accelerator.name &&
    a.runtime === b.runtime &&
    width(a) === width(b) &&
    a.batch === b.batch &&
    a.sequence === b.sequence &&
    String(a.tokens) === String(b.tokens) &&
    (a.accelerators === b.accelerators || a.runtime !== "generation" || (a.tokens === null && a.batch === null))
  );
}

let fitted: ReturnType<typeof fitForetelling> | null = null;

/** Foretells from every published result. */
export function foretell(question: InferenceQuestion, formula: Roofline): Foretold {
  fitted ??= fitForetelling(inferenceResults);
  return fitted(question, formula);
}
