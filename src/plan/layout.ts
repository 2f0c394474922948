/** How a training is divided over accelerators. */
export interface TrainingLayout {
  readonly accelerators: number;
  /** Accelerators that share each layer. */
  readonly tensor: number;
  /** Groups of layers, one after the other. */
  readonly pipeline: number;
  /** Copies that see different data. */
  readonly data: number;
  /** ZeRO: 1 divides the optimizer's state over the copies, 2 the gradients too, 3 the weights too. */
  readonly zero: 1 | 2 | 3;
  /** Whether activations are computed again in the backward pass instead of kept. */
  readonly recomputation: boolean;
  readonly microBatch: number;
  readonly sequence: number;
}

/** A transformer's shape, where only its size is known. */
export interface Shape {
  readonly layers: number;
  readonly hidden: number;
}

/** Hidden units for each layer: models from 1 to 500 billion parameters lie between 80 and 160. */
const aspect = 110;

/** Layers and hidden units from parameters = 12 x layers x hidden^2 (Kaplan et al. 2020, table 1). */
export function shapeOf(parameters: number): Shape {
  const layers = Math.max(1, Math.round(Math.cbrt(parameters / (12 * aspect * aspect))));
  return { layers, hidden: Math.sqrt(parameters / (12 * layers)) };
}

/** What the framework, its buffers and fragmentation take beside the model. */
const overhead = 1.1;

/**
 * Bytes that one accelerator holds. Model state with Adam in mixed precision is 2 + 2 + 12 bytes a parameter, divided by ZeRO
 * (Rajbhandari et al. 2020, arXiv 1910.02054, section 3); activations are 34 x sequence x micro-batch x hidden bytes a layer with
 * selective recomputation and sequence parallelism, 2 with full recomputation (Korthikanti et al. 2022, arXiv 2205.05198, table 2).
 * The first pipeline stage keeps as many micro-batches as there are stages.
 *
 * @param parameters all of them, active or not
 */
export function memoryBytes(parameters: number, layout: TrainingLayout): number {
  const { tensor, pipeline, data, zero, recomputation, microBatch, sequence } = layout;
  const own = parameters / (tensor * pipeline);
  const perParameter = [0, 4 + 12 / data, 2 + 14 / data, 16 / data][zero] ?? 16;
  const { layers, hidden } = shapeOf(parameters);
  const perLayer = recomputation ? (2 * sequence * microBatch * hidden) / tensor : (34 * sequence * microBatch * hidden) / tensor;
  return overhead * (own * perParameter + layers * perLayer);
}

/** What the user has fixed. */
export type GivenLayout = { readonly [Part in keyof TrainingLayout]?: TrainingLayout[Part] };

/** What was given, completed: as little divided as it says, everything that saves memory. */
export function completeLayout(given: GivenLayout): TrainingLayout {
  const { tensor = 1, pipeline = 1, zero = 3, recomputation = true, microBatch = 1, sequence = 4096 } = given;
  const data = given.data ?? Math.max(1, Math.floor((given.accelerators ?? 1) / (tensor * pipeline)));
  return {
    accelerators: given.accelerators ?? tensor * pipeline * data,
    tensor,
    pipeline,
    data,
    zero,
    recomputation,
    microBatch,
    sequence,
  };
}

/**
 * The layout with the fewest accelerators that fits into their memory, among these the one that shares each layer least; null when none
 * up to 65,536 does. Within a node of eight, layers are shared before they are spread over more nodes.
 *
 * @param capacity bytes of one accelerator
 */
export function leastLayout(parameters: number, capacity: number, given: GivenLayout): TrainingLayout | null {
  for (const layout of layouts(given)) if (memoryBytes(parameters, layout) <= capacity) return layout;
  return null;
}

const powersOfTwo = (most: number): readonly number[] => Array.from({ length: Math.log2(most) + 1 }, (_, power) => 2 ** power);

/** What there is to choose from: few accelerators first, then what costs least. */
function* layouts(given: GivenLayout): Generator<TrainingLayout> {
  const { microBatch = 1, sequence = 4096 } = given;
  const choices = <T>(value: T | undefined, all: readonly T[]): readonly T[] => (value === undefined ? all : [value]);
  for (const accelerators of choices(given.accelerators, powersOfTwo(65_536)))
    for (const recomputation of choices(given.recomputation, [false, true]))
      for (const zero of choices<TrainingLayout["zero"]>(given.zero, [1, 2, 3]))
        for (const pipeline of choices(given.pipeline, powersOfTwo(64)))
          for (const tensor of choices(given.tensor, powersOfTwo(8))) {
            const data = given.data ?? Math.floor(accelerators / (tensor * pipeline));
            const count = data * tensor * pipeline;
            // Copies that are given say by themselves how many accelerators there are.
            const counts = count === accelerators || (given.accelerators === undefined && given.data !== undefined);
            if (count >= 1 && counts) yield { accelerators: count, tensor, pipeline, data, zero, recomputation, microBatch, sequence };
          }
}
