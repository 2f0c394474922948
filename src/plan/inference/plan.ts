import { acceleratorOf } from "../accelerator.ts";
import type { Accelerator } from "../catalogue/accelerators.ts";
import { inferenceModels, type InferenceModel } from "../catalogue/inference-models.ts";
import { inferenceResults, type Precision, type Runtime } from "../catalogue/inference-results.ts";
import { foretell, roofline, type Basis } from "./correct.ts";
import { architectureOf } from "./peak.ts";
import { inSamples } from "./generation.ts";
import { bytesOf, sentences, type Bound, type InferenceQuestion } from "./question.ts";
import { rangeFactor } from "./spread.ts";

/** An inference to be sized, as much of it as is said. */
export interface InferenceRequest {
  readonly model: InferenceModel;
  readonly accelerator: Accelerator;
  /** @default int8; for a language model the fewest bits that the accelerator computes with, from fp4 to fp16 */
  readonly precision?: Precision;
  /** Samples or requests at once. @default as many as keep it busy */
  readonly batch?: number;
  /** Tokens of a sample. */
  readonly sequence?: number;
  /** Tokens that a language model reads and writes. */
  readonly input?: number;
  readonly output?: number;
  /** @default 1 */
  readonly accelerators?: number;
  /** @default language models: generation; 8 bits, or no batch: compiled; else framework */
  readonly runtime?: Exclude<Runtime, "generation">;
}

export interface InferencePlan {
  readonly model: string;
  readonly accelerator: string;
  readonly accelerators: number;
  readonly runtime: Runtime;
  readonly precision: Precision;
  /** At once: on each accelerator, or of one copy of a language model. */
  readonly batch: number;
  /** Of all accelerators, a second. */
  readonly throughput: number;
  readonly unit: "samples/s" | "output tokens/s";
  readonly throughputPerAccelerator: number;
  /** Until all of a batch is answered. */
  readonly latencyMs: number;
  /** The throughput lies in it in four cases of five. */
  readonly range: readonly [low: number, high: number];
  readonly bound: Bound;
  readonly basis: Basis;
  readonly assumed: readonly string[];
}

/** What nobody has measured differs so much more, as a deviation of the logarithm: a model from a file or of a mere size, another vendor's chip. */
const unmeasured = 0.3;

/**
 * Rate and latency of a model: the roofline of its operations and bytes, corrected by what published results differ from it near the question.
 *
 * @throws MillwrightError `unknown-peak`, `too-little-memory`
 */
export function planInference(request: InferenceRequest): InferencePlan {
  const { question, assumed } = settle(request);
  const { model, accelerator, accelerators, precision, runtime } = question;
  const formula = roofline(question);
  const { throughput: throughputPerAccelerator, correction, deviation, basis } = foretell(question, formula);
  const strange = [!inferenceModels.includes(model), !measuredVendors(runtime).has(accelerator.vendor)].filter((is) => is).length;
  const factor = rangeFactor(Math.hypot(deviation, unmeasured * Math.sqrt(strange)));
  const throughput = throughputPerAccelerator * accelerators;
  return {
    model: model.name,
    accelerator: accelerator.name,
    accelerators,
    runtime,
    precision,
    batch: formula.batch,
    throughput,
    unit: model.kind === "decoder" && !inSamples(model) ? "output tokens/s" : "samples/s",
    throughputPerAccelerator,
    latencyMs: (1000 * formula.seconds) / correction,
    range: [throughput / factor, throughput * factor],
    bound: formula.bound,
    basis,
    assumed: [...assumed, ...formula.assumed],
  };
}

/** Vendors whose chips ran so in some published result. */
function measuredVendors(runtime: Runtime): ReadonlySet<string> {
  return new Set(inferenceResults.filter((row) => row.runtime === runtime).map((row) => acceleratorOf(row.accelerator).vendor));
}

/** What was left open, decided and said. */
function settle(request: InferenceRequest): { readonly question: InferenceQuestion; readonly assumed: readonly string[] } {
  const { model, accelerator } = request;
  const decoder = model.kind === "decoder";
  const architecture = architectureOf(accelerator);
  const narrow = architecture === "Blackwell" ? "fp4" : ["Hopper", "Ada", "AMD"].includes(architecture) ? "fp8" : "fp16";
  const precision = request.precision ?? (decoder ? narrow : "int8");
  const batch = request.batch ?? null;
  const fewBits = bytesOf[precision] <= 1;
  const runtime = decoder ? "generation" : (request.runtime ?? (fewBits || batch === null ? "compiled" : "framework"));
  const input = request.input ?? (decoder ? request.sequence : undefined);
  const tokens: InferenceQuestion["tokens"] =
    decoder && (input !== undefined || request.output !== undefined) ? [input ?? 128, request.output ?? 128] : null;
  return {
    question: {
      model,
      accelerator,
      runtime,
      precision,
      batch,
      sequence: decoder ? null : (request.sequence ?? request.input ?? null),
      tokens,
      accelerators: request.accelerators ?? 1,
    },
    assumed: sentences(
      request.precision === undefined ? `${precision} arithmetic` : null,
      runtime === "generation"
        ? null
        : runtime === "compiled"
          ? "run as a compiled engine (TensorRT or the like)"
          : "run by a framework, kernel by kernel",
      tokens !== null && input === undefined ? "128 tokens in" : null,
      tokens !== null && request.output === undefined ? "128 tokens out" : null,
    ),
  };
}
