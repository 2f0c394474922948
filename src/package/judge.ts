import { gateFigures } from "../train/accept.ts";
import type { TrainingData } from "../train/columns.ts";
import { evaluate } from "../train/evaluate.ts";
import type { TestMetrics } from "../train/metrics.ts";
import { onnxPredictor } from "../train/onnx/predict.ts";
import type { FigureChange } from "./outcome.ts";

/** A model's file with what it gives on the test rows. */
export interface Judged {
  readonly model: Uint8Array;
  readonly probabilities: Float64Array<ArrayBuffer>;
  readonly metrics: TestMetrics;
}

/** Asks a model for every test row and works out its figures. Holds up its thread. */
export async function judge(model: Uint8Array, data: TrainingData): Promise<Judged> {
  const predictor = await onnxPredictor(model);
  try {
    const probabilities = Float64Array.from(await predictor.predict(data.features, data.trainingRows, data.rows));
    return {
      model,
      probabilities,
      metrics: evaluate(data.labels.subarray(data.trainingRows), probabilities, data.slices, data.trainingRows),
    };
  } finally {
    await predictor.close();
  }
}

/** Figures of which less is better. */
const errors: ReadonlySet<string> = new Set(["logLoss", "brier", "calibrationError"]);

/**
 * Figures of two models side by side: those that the gate or the loss bounds.
 *
 * @param maximumLoss - By metric; may be empty.
 */
export function figureChanges(
  metrics: readonly string[],
  before: TestMetrics,
  after: TestMetrics,
  maximumLoss: Readonly<Record<string, number>>,
): readonly FigureChange[] {
  const [was, is] = [gateFigures(before), gateFigures(after)];
  return [...new Set([...metrics, ...Object.keys(maximumLoss)])].map((metric) => {
    const [first, second] = [was[metric] ?? null, is[metric] ?? null];
    const loss = first === null || second === null ? null : errors.has(metric) ? second - first : first - second;
    return { metric, before: first, after: second, loss, maximumLoss: maximumLoss[metric] ?? null };
  });
}

/** What is lost beyond its bound, in words; null where all is within. A figure that does not exist any more is lost. */
export function lostTooMuch(changes: readonly FigureChange[]): string | null {
  const lost = changes.filter(({ loss, maximumLoss }) => maximumLoss !== null && !(loss !== null && loss <= maximumLoss));
  if (lost.length === 0) return null;
  return lost
    .map(
      ({ metric, loss, maximumLoss }) => `${metric} loses ${loss === null ? "all" : Number(loss.toPrecision(3))}, more than ${maximumLoss}`,
    )
    .join("; ");
}
