/** How often something was done, and the milliseconds that it took in all. */
export interface Duration {
  count: number;
  milliseconds: number;
}

interface ComputeStatistics {
  readonly computeInput: Duration;
  readonly computeInfer: Duration;
  readonly computeOutput: Duration;
}

/** The parts of a batch's time, in milliseconds. */
export interface BatchTimes {
  /** Joining the rows, and bringing them to the thread. */
  readonly input: number;
  /** The model itself. */
  readonly infer: number;
  /** Bringing the outputs back, and dividing them among the requests. */
  readonly output: number;
}

/**
 * What is measured of one served version, in the terms of Triton's statistics: a duration that belongs to requests counts
 * each request of a batch with the whole time of the batch, one of `bySize` counts batches.
 */
export interface VersionStatistics extends ComputeStatistics {
  /** Rows that were answered. */
  inferences: number;
  /** Batches that the model ran. */
  executions: number;
  /** Milliseconds since 1970; 0 before the first. */
  lastInference: number;
  /** Requests that were answered, and those that were refused or failed: from the request's last byte to the answer. */
  readonly success: Duration;
  readonly fail: Duration;
  /** From the request to its batch. */
  readonly queue: Duration;
  readonly bySize: Map<number, ComputeStatistics>;
}

const duration = (): Duration => ({ count: 0, milliseconds: 0 });
const compute = (): ComputeStatistics => ({ computeInput: duration(), computeInfer: duration(), computeOutput: duration() });

export function emptyStatistics(): VersionStatistics {
  return {
    inferences: 0,
    executions: 0,
    lastInference: 0,
    success: duration(),
    fail: duration(),
    queue: duration(),
    ...compute(),
    bySize: new Map(),
  };
}

export function measure(of: Duration, milliseconds: number, count = 1): void {
  of.count += count;
  of.milliseconds += milliseconds;
}

/** Counts a batch. `waited` is the sum over its requests, `time` milliseconds since 1970. */
export function measureBatch(
  of: VersionStatistics,
  batch: { readonly rows: number; readonly requests: number; readonly waited: number; readonly times: BatchTimes; readonly time: number },
): void {
  const { rows, requests, waited, times } = batch;
  of.inferences += rows;
  of.executions++;
  of.lastInference = batch.time;
  measure(of.queue, waited, requests);
  measureCompute(of, times, requests);
  const size = countedSize(rows);
  let sized = of.bySize.get(size);
  if (sized === undefined) of.bySize.set(size, (sized = compute()));
  measureCompute(sized, times, 1);
}

function measureCompute(of: ComputeStatistics, times: BatchTimes, requests: number): void {
  measure(of.computeInput, times.input * requests, requests);
  measure(of.computeInfer, times.infer * requests, requests);
  measure(of.computeOutput, times.output * requests, requests);
}

const exactSizes = 256;

/** Sizes above 256 are counted with the next power of two: callers choose the sizes, and must not choose how much is kept. */
function countedSize(rows: number): number {
  return rows <= exactSizes ? rows : 2 ** Math.ceil(Math.log2(rows));
}
