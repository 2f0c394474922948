import { MillwrightError } from "../../error.ts";
import type { InferenceModel } from "../catalogue/inference-models.ts";
import { bandwidthOf, peakOf } from "./peak.ts";
import { boundOf, bytesOf, sentences, type InferenceQuestion, type Roofline } from "./question.ts";

/** Share of the peak while a prompt is read. */
const prefillShare = 0.5;
/** Share of the bandwidth while tokens are written. */
const bandwidthShare = 0.85;
/** Seconds to start the kernels of a layer. */
const layerOverhead = 0.00005;
/** Seconds of one of a layer's two exchanges between accelerators that share it, beside the bytes. */
const exchange = 0.000025;
/** Gigabytes a second between accelerators of which the catalogue does not know it: PCIe 4. */
const slowLink = 64;
/** What serving many requests of different lengths leaves of the rate of a full batch. */
const servingShare = 0.9;
/** Share of the memory that weights and the key-value cache may fill. */
const usableMemory = 0.9;
const mostAtOnce = 1024;
/** Share of the memory that weights may fill and still leave room for enough requests. */
const copyShare = 0.75;

/** Whether a language model's rate is counted in whole answers: MLPerf's summaries. */
export function inSamples({ name }: InferenceModel): boolean {
  return name.endsWith("(MLPerf)");
}

/** Tokens of the benchmarks' requests: MLPerf's OpenOrca, its mix for Mixtral, CNN/DailyMail with four beams; a chat for one user. */
function lengths({ model, batch, tokens }: InferenceQuestion): { input: number; output: number; beams: number; assumed: string | null } {
  if (tokens !== null) return { input: tokens[0], output: tokens[1], beams: 1, assumed: null };
  const said = (input: number, output: number, beams: number, what: string) => ({ input, output, beams, assumed: what });
  if (inSamples(model)) return said(1140, 69, 4, "1,140 tokens in, 69 out by four beams, as MLPerf's summaries of CNN/DailyMail");
  if (batch !== null) return said(128, 128, 1, "128 tokens in and 128 out");
  if (model.name.startsWith("Mixtral")) return said(390, 145, 1, "390 tokens in and 145 out, as in MLPerf");
  return said(294, 294, 1, "294 tokens in and 294 out, as OpenOrca's in MLPerf");
}

/** Bytes of keys and values that a token leaves in all layers; 8-bit arithmetic keeps them in 8 bits. */
function cacheBytes({ model, precision }: InferenceQuestion): number {
  return 2 * model.layers * model.keyValue * (precision === "fp8" || precision === "int8" || precision === "fp4" ? 1 : 2);
}

/**
 * Output tokens a second of a language model: prompts are read at a share of the peak (two operations for each active weight and token),
 * then each step reads the weights and the cache once, or computes, whichever takes longer (Pope et al. 2022, arXiv 2211.05102, section 2).
 *
 * @throws MillwrightError `unknown-peak`; `too-little-memory` when the weights do not fit
 */
export function generationRoofline(question: InferenceQuestion): Roofline {
  const { model, accelerator, accelerators, precision } = question;
  const { input, output, beams, assumed } = lengths(question);
  const peak = peakOf(accelerator, precision);
  const bandwidth = bandwidthOf(accelerator);
  const weights = model.parameters * 1e9 * bytesOf[precision];
  const capacity = (accelerator.memory ?? Infinity) * 1e9 * accelerators;
  if (weights > capacity)
    throw new MillwrightError({
      code: "too-little-memory",
      what: `the weights of ${model.name} in ${precision} take ${Math.ceil(weights / 1e9)} GB, more than ${accelerators} x ${accelerator.name} have`,
      fix: `give --accelerators ${Math.ceil((weights / capacity) * accelerators * 1.2)} or more, or a smaller --precision`,
    });
  // A benchmark of many accelerators shares a copy between as few as hold it and some requests; who gives lengths says how many.
  const least = 2 ** Math.ceil(Math.log2(weights / (copyShare * (capacity / accelerators))));
  const share = question.batch === null && question.tokens === null ? Math.min(accelerators, Math.max(1, least)) : accelerators;
  // Beams share their prompt's cache.
  const held = cacheBytes(question) * (input + beams * output);
  const room = Math.max(held, ((accelerator.memory ?? 16) * 1e9 * share - weights) * usableMemory);
  const batch = question.batch ?? Math.max(1, Math.min(mostAtOnce, Math.floor(room / held)));
  const rate = peak.value * 1e12 * share;
  const perSecond = bandwidth.value * 1e9 * bandwidthShare * share;

  // The catalogue counts both directions.
  const link = ((accelerator.interconnect ?? slowLink) / 2) * 1e9;
  const between = (tokens: number) =>
    share === 1 ? 0 : model.layers * 2 * (exchange + (2 * tokens * model.hidden * 2 * ((share - 1) / share)) / link);
  const attention = 4 * input * input * model.hidden * model.layers * 0.5;
  const prefill = (batch * (2 * model.active * 1e9 * input + attention)) / (rate * prefillShare) + between(batch * input);
  // A few tokens meet few of the experts, many meet all.
  const met = Math.min(model.parameters, model.active * batch * beams) * 1e9 * bytesOf[precision];
  const memory = (met + cacheBytes(question) * batch * (input + (beams * output) / 2)) / perSecond;
  const compute = (2 * model.active * 1e9 * batch * beams) / (rate * prefillShare);
  const overhead = model.layers * layerOverhead + between(batch * beams);
  const total = prefill + output * (Math.max(memory, compute) + overhead);
  const samples = batch / total;
  const serving = question.batch === null ? servingShare : 1;
  return {
    throughput: (serving * (samples * (inSamples(model) ? 1 : output))) / share,
    batch,
    seconds: total / serving,
    bound: boundOf(prefill + output * (compute > memory ? compute : 0), output * (compute > memory ? 0 : memory), output * overhead),
    assumed: sentences(
      peak.assumed,
      bandwidth.assumed,
      assumed,
      question.batch === null ? `${batch} requests at once, as the memory holds` : null,
      precision === "int4" ? "weights of 4 bits with a scale for each group, arithmetic in 16" : null,
    ),
  };
}
