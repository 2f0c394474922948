import { MillwrightError } from "../error.ts";
import type { Accelerator } from "./catalogue/accelerators.ts";
import { generationOf } from "./accelerator.ts";
import { completeLayout, leastLayout, memoryBytes, type GivenLayout, type TrainingLayout } from "./layout.ts";
import { trainingOperations, tunedUtilisation, utilisation } from "./utilisation.ts";

/** A training to be sized. */
export interface TrainingQuestion {
  /** Parameters that a token passes. */
  readonly parameters: number;
  /** All of them, in a mixture of experts. @default parameters */
  readonly totalParameters?: number;
  readonly tokens: number;
  readonly accelerator: Accelerator;
  /** What is fixed of the layout; with `tensor`, `pipeline`, `data` or `microBatch` the rate is that of a tuned layout. */
  readonly layout?: GivenLayout;
}

export interface TrainingPlan {
  readonly accelerator: string;
  readonly acceleratorHours: number;
  /** The hours lie in it in four cases of five. */
  readonly range: readonly [low: number, high: number];
  /** With the layout's accelerators. */
  readonly wallHours: number;
  /** Share of the dense 16-bit peak. */
  readonly utilisation: number;
  readonly teraflopsPerAccelerator: number;
  /** Of one accelerator. */
  readonly memoryGiB: number;
  /** Whether that is less than the accelerator has. */
  readonly fits: boolean;
  /** The given one completed, or the least that fits. */
  readonly layout: TrainingLayout;
}

/** Four of five published runs lie within this factor of what the others foretell, with some air: docs/accuracy.md. */
const spread = 1.5;
/** Tables of tuned layouts scatter less. */
const tunedSpread = 1.15;

/**
 * Hours, memory and layout of a training.
 *
 * @throws MillwrightError `unknown-peak` when the catalogue knows no 16-bit rate of the accelerator
 */
export function planTraining(question: TrainingQuestion): TrainingPlan {
  const { accelerator, parameters, tokens, layout: given = {} } = question;
  const peak = accelerator.peak.fp16;
  if (peak === null) {
    throw new MillwrightError({
      code: "unknown-peak",
      what: `the catalogue knows no 16-bit rate of ${accelerator.name}, so its training cannot be sized`,
      fix: "choose an accelerator with a known rate",
    });
  }
  const tuned = [given.tensor, given.pipeline, given.data, given.microBatch].some((part) => part !== undefined);
  const generation = generationOf(accelerator);
  const share = tuned ? tunedUtilisation(generation, parameters) : utilisation.of(generation, parameters);
  const hours = trainingOperations(parameters, tokens) / (share * peak * 1e12) / 3600;
  const total = question.totalParameters ?? parameters;
  const capacity = (accelerator.memory ?? 0) * 1e9;
  const least = leastLayout(total, capacity, given);
  const layout = least ?? completeLayout(given);
  const factor = tuned ? tunedSpread : spread;
  return {
    accelerator: accelerator.name,
    acceleratorHours: hours,
    range: [hours / factor, hours * factor],
    wallHours: hours / layout.accelerators,
    utilisation: share,
    teraflopsPerAccelerator: share * peak,
    memoryGiB: memoryBytes(total, layout) / 2 ** 30,
    fits: least !== null,
    layout,
  };
}
