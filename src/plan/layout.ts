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
  const counts = given.accelerators === undefined ? Array.from({ length: 17 }, (_, power) => 2 ** power) : [given.accelerators];
  const powers = (most: number) => Array.from({ length: 12 }, (_, power) => 2 ** power).filter((value) => value <= most);
  for (const accelerators of counts) {
    for (const recomputation of given.recomputation === undefined ? [false, true] : [given.recomputation]) {
      for (const zero of given.zero === undefined ? ([1, 2, 3] as const) : [given.zero]) {
        for (const pipeline of given.pipeline === undefined ? powers(64) : [given.pipeline]) {
          for (const tensor of given.tensor === undefined ? powers(8) : [given.tensor]) {
            const data = given.data ?? Math.floor(accelerators / (tensor * pipeline));
            const count = data * tensor * pipeline;
            const fits = count >= 1 && (given.accelerators === undefined && given.data !== undefined ? true : count === accelerators);
            if (!fits) continue;
            const layout: TrainingLayout = {
              accelerators: count,
              tensor,
              pipeline,
              data,
              zero,
              recomputation,
              microBatch: given.microBatch ?? 1,
              sequence: given.sequence ?? 4096,
            };
            if (memoryBytes(parameters, layout) <= capacity) return layout;
          }
        }
      }
    }
  }
  return null;
}
