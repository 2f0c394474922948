import type { Accelerator } from "../catalogue/accelerators.ts";
import type { InferenceModel } from "../catalogue/inference-models.ts";
import type { Precision, Runtime } from "../catalogue/inference-results.ts";

/** An inference to be sized, with everything settled that was left open. */
export interface InferenceQuestion {
  readonly model: InferenceModel;
  readonly accelerator: Accelerator;
  readonly runtime: Runtime;
  readonly precision: Precision;
  /** Null: as many at once as keep it busy. */
  readonly batch: number | null;
  /** Tokens of an encoder's sample; null for the benchmark's data. */
  readonly sequence: number | null;
  /** Tokens in and out of a decoder; null for the benchmark's data. */
  readonly tokens: readonly [input: number, output: number] | null;
  /** That share one copy of a decoder, or hold one copy each of another model. */
  readonly accelerators: number;
}

/** What limits the rate. */
export type Bound = "compute" | "memory" | "overhead";

/** What a formula says, before published results correct it. */
export interface Roofline {
  /** Samples (decoders: output tokens) a second of one accelerator. */
  readonly throughput: number;
  /** How many are worked on at once. */
  readonly batch: number;
  /** Until all of them are answered. */
  readonly seconds: number;
  readonly bound: Bound;
  /** What was taken for granted, in sentences. */
  readonly assumed: readonly string[];
}

/** Bytes of a weight. Four bits carry a scale for each group. */
export const bytesOf: Readonly<Record<Precision, number>> = { fp32: 4, tf32: 4, fp16: 2, fp8: 1, int8: 1, fp4: 0.56, int4: 0.56 };

/** The largest part's name. */
export function boundOf(compute: number, memory: number, overhead: number): Bound {
  if (overhead >= compute && overhead >= memory) return "overhead";
  return compute >= memory ? "compute" : "memory";
}

/** What of the assumptions is one. */
export function sentences(...assumed: readonly (string | null)[]): readonly string[] {
  return assumed.filter((sentence) => sentence !== null);
}
