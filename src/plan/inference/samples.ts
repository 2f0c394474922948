import type { Accelerator } from "../catalogue/accelerators.ts";
import { architectureOf, bandwidthOf, peakOf } from "./peak.ts";
import { boundOf, bytesOf, sentences, type InferenceQuestion, type Roofline } from "./question.ts";

/** Tokens of a SQuAD sample without its padding, which compiled engines leave out, and with it. */
const squad = { compiled: 177, framework: 384 } as const;

/** What was found on published runs of one kind of runtime. */
interface Habits {
  /** Milliseconds to start the kernels of a transformer's layer. */
  readonly layer: number;
  /** Milliseconds to start a kernel of another network. */
  readonly kernel: number;
  /** Share of the peak that large batches reach: of transformers and of others. */
  readonly encoder: number;
  readonly network: number;
  /** How often each activation crosses the memory's bus. */
  readonly passes: number;
}

/**
 * Found on published runs: eager frameworks normalise, add and activate in kernels of their own, so that an activation crosses the bus a
 * dozen times; an engine writes it and reads it once, and starts a third of the kernels.
 */
const habits: Readonly<Record<"framework" | "compiled", Habits>> = {
  framework: { layer: 0.35, kernel: 0.0625, encoder: 0.43, network: 0.5, passes: 12 },
  compiled: { layer: 0.03, kernel: 0.0025, encoder: 0.62, network: 0.55, passes: 1.2 },
};

/** Share of the peak of arithmetic without tensor units, and how much more often fp32 activations cross the bus: no fused normalisation. */
const plain = { encoder: 0.73, network: 0.9, passes: 16.6 / 12 } as const;

/** Numbers that the kernels between a transformer's products read and write in a framework, for each token, layer and hidden unit: BERT. */
const between = 56;

/** A Jetson's small cores take so much longer to start kernels: single streams of MLPerf. */
const slowStarts = 3;

/** Tokens of a batch that half fill tensor units of 10^12 operations a second. */
const tokensToFill = 2.8;

/** Cards without a power plug hold a third of their rate: the T4, from BERT in fp32 and fp16 beside V100. */
function slotShare({ power }: Accelerator): number {
  return (power ?? Infinity) <= 75 ? 0.34 : 1;
}

/** Watts for 10^12 operations of 8 bits at which an engine reaches its full share: the A100 SXM's. */
const fullPower = 0.64;

/** Power holds back an engine's rate where there is less of it for each operation: found on BERT in MLPerf over twelve accelerators. */
function powerShare(accelerator: Accelerator): number {
  if (accelerator.power === null) return 0.9;
  return Math.min(1.1, (accelerator.power / peakOf(accelerator, "int8").value / fullPower) ** 0.37);
}

/** Operations of one sample in 10^9: two for each weight and token, and the attention's products (arXiv 2001.08361, section 2.1). */
export function gigaOperations({ model, runtime, sequence }: InferenceQuestion): number {
  if (model.kind === "network") return model.gigaOperations;
  const tokens = sequence ?? squad[runtime === "framework" ? "framework" : "compiled"];
  return 2 * model.active * tokens + (4 * tokens * tokens * model.hidden * model.layers) / 1e9;
}

/**
 * Samples a second by the roofline (Williams et al. 2009): a batch takes (overhead^2 + work^2)^(1/2), its work the longer of operations
 * by rate and bytes by bandwidth.
 *
 * @throws MillwrightError `unknown-peak`
 */
export function samplesRoofline(question: InferenceQuestion): Roofline {
  const { model, accelerator, precision, runtime } = question;
  const own = habits[runtime === "framework" ? "framework" : "compiled"];
  const peak = peakOf(accelerator, precision);
  const bandwidth = bandwidthOf(accelerator);
  const transformer = model.kind !== "network";
  const starts = architectureOf(accelerator) === "Jetson" ? slowStarts : 1;
  const overhead = model.layers * (transformer ? own.layer : own.kernel) * 1e-3 * starts;
  const width = bytesOf[precision];
  const tokens = transformer ? (question.sequence ?? squad[runtime === "framework" ? "framework" : "compiled"]) : 0;

  const kind = transformer ? "encoder" : "network";
  const full = runtime === "framework" && precision === "fp32" ? plain[kind] : own[kind];
  const sustained = runtime === "framework" ? (transformer ? slotShare(accelerator) : 1) : powerShare(accelerator);
  const passes = own.passes * (runtime === "framework" && width === 4 ? plain.passes : 1);
  const compute = (batch: number) => {
    const filled = transformer && batch < Infinity ? (batch * tokens) / (batch * tokens + tokensToFill * peak.value) : 1;
    return (gigaOperations(question) * 1e9) / (full * filled * sustained * peak.value * 1e12);
  };
  const weights = model.active * 1e9 * width;
  const moved = model.activations * 1e6 * passes * width;
  const memory = (batch: number) => (moved + weights / batch) / (bandwidth.value * 1e9);
  // Between a transformer's products a framework runs other kernels, which only move numbers: their time adds to the products'.
  const eager = transformer && runtime === "framework";
  const kernels = eager ? (between * tokens * model.hidden * model.layers * width) / (bandwidth.value * 1e9) : 0;
  const work = (batch: number) => kernels + Math.max(compute(batch), memory(batch));
  const seconds = (batch: number) => Math.hypot(overhead / batch, work(batch));
  const batch = question.batch ?? Math.max(1, Math.ceil((3 * overhead) / work(Infinity)));
  const asked = question.batch ?? Infinity;
  return {
    throughput: 1 / seconds(asked),
    batch,
    seconds: seconds(batch) * batch,
    bound: boundOf(compute(asked), Math.max(kernels, memory(asked)), overhead / asked),
    assumed: sentences(
      peak.assumed,
      bandwidth.assumed,
      transformer && question.sequence === null ? `samples of ${tokens} tokens, as those of SQuAD` : null,
      question.batch === null ? "as many samples at once as keep it busy" : null,
    ),
  };
}
