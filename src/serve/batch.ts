import { bufferSize, tensorsOf } from "./signature.ts";
import { Call, clock } from "./call.ts";
import { isWide } from "./datatype.ts";
import type { Data } from "./datatype.ts";
import { Fault } from "./fault.ts";
import type { Runner } from "./runner.ts";
import type { BatchTimes } from "./statistics.ts";

/** A request that waits for its batch. */
interface Waiting {
  readonly id: string;
  readonly rows: number;
  readonly inputs: readonly Data[];
  readonly since: number;
  readonly call: Call;
  /** Run by itself, because the batch that it was in failed. */
  alone: boolean;
  readonly resolve: (outputs: readonly Data[]) => void;
  readonly reject: (fault: Fault) => void;
}

/** A batch that was answered. */
export interface BatchDone {
  readonly requests: readonly { readonly id: string; readonly rows: number }[];
  readonly rows: number;
  readonly inputs: readonly Data[];
  readonly outputs: readonly Data[];
  readonly times: BatchTimes;
  /** Milliseconds that its requests waited before, in all. */
  readonly waited: number;
}

export interface BatcherOptions {
  readonly runner: Runner;
  /** Rows after which a batch is closed; a single request may have more, and then goes alone. */
  readonly maxBatch: number;
  /** Sizes at which a batch is closed although its requests might wait longer; none: only `maxBatch`. */
  readonly preferredBatches: readonly number[];
  /** How long a request may wait for others while a thread is free. 0: not at all. */
  readonly maxDelayMicroseconds: number;
  /** Rows that may wait; a request beyond them is refused with 503. */
  readonly maxQueueRows: number;
  readonly onBatch: (batch: BatchDone) => void;
}

/** Milliseconds: waits up to this long are spent in turns of the event loop, because a timer would be late by as much. */
const longestSpin = 2;

/**
 * Gathers the rows of concurrent requests into batches. Requests that come while every thread is busy, or within the
 * delay, or in the same turn of the event loop, share a batch.
 */
export class Batcher {
  readonly #options: BatcherOptions;
  #queue: Waiting[] = [];
  #queuedRows = 0;
  #running = 0;
  #immediate: NodeJS.Immediate | null = null;
  #timer: NodeJS.Timeout | null = null;
  #drained: (() => void)[] = [];

  constructor(options: BatcherOptions) {
    this.#options = options;
  }

  /** Rows that wait for a thread. */
  get queuedRows(): number {
    return this.#queuedRows;
  }

  /**
   * The outputs for a request's rows, in the signature's order.
   * @param call ends the wait early: rows of a call that is over leave the queue
   * @throws Fault 503 when the queue is full, or the thread ended; 422 when the model cannot evaluate these inputs; what the call is over for
   */
  submit(id: string, rows: number, inputs: readonly Data[], call: Call = new Call()): Promise<readonly Data[]> {
    const over = call.fault();
    if (over !== null) return Promise.reject(over);
    const { maxQueueRows } = this.#options;
    if (this.#queuedRows > 0 && this.#queuedRows + rows > maxQueueRows) {
      return Promise.reject(
        new Fault(503, "queue-full", `${this.#queuedRows} rows wait already; at most ${maxQueueRows} may`, { "retry-after": "1" }),
      );
    }
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { id, rows, inputs, since: clock(), call, alone: false, resolve, reject };
      call.whenOver((fault) => {
        this.#leave(waiting);
        reject(fault);
      });
      this.#enqueue(waiting);
    });
  }

  /** A thread has become free. */
  advance(): void {
    if (this.#queue.length > 0) this.#schedule();
  }

  /** Resolves when every request that was submitted has been answered. */
  drain(): Promise<void> {
    if (this.#queue.length === 0 && this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  /** Refuses what still waits. */
  close(): void {
    for (const waiting of this.#queue.splice(0))
      waiting.reject(new Fault(503, "stopping", "the version that was asked is being ended", { "retry-after": "1" }));
    this.#queuedRows = 0;
  }

  #enqueue(waiting: Waiting): void {
    this.#queue.push(waiting);
    this.#queuedRows += waiting.rows;
    this.#schedule();
  }

  /** Gives up the place of a call that is over, when it has one still. */
  #leave(waiting: Waiting): void {
    const place = this.#queue.indexOf(waiting);
    if (place === -1) return;
    this.#queue.splice(place, 1);
    this.#queuedRows -= waiting.rows;
    this.#tellDrained();
  }

  #tellDrained(): void {
    if (this.#queue.length === 0 && this.#running === 0) for (const resolve of this.#drained.splice(0)) resolve();
  }

  #schedule(): void {
    const oldest = this.#queue[0];
    if (this.#immediate !== null || oldest === undefined || !this.#options.runner.idle()) return;
    const remaining = this.#remaining(oldest);
    if (remaining <= longestSpin || this.#preferred() > 0) {
      if (this.#timer !== null) clearTimeout(this.#timer);
      this.#timer = null;
      // At the end of the turn, so that all requests that the sockets hold are read first. A wait that is shorter than
      // a timer can be is spent here, turn after turn: each reads the sockets again.
      this.#immediate = setImmediate(() => {
        this.#immediate = null;
        this.#dispatch();
        this.#schedule();
      });
    } else {
      this.#timer ??= setTimeout(
        () => {
          this.#timer = null;
          this.#schedule();
        },
        // A timer comes up to a millisecond late.
        Math.floor(remaining - 1),
      );
    }
  }

  /** Milliseconds that the oldest request may still wait. */
  #remaining(oldest: Waiting): number {
    const { maxDelayMicroseconds } = this.#options;
    if (maxDelayMicroseconds === 0 || oldest.alone) return 0;
    return oldest.since + maxDelayMicroseconds / 1000 - clock();
  }

  /** The largest size that the rows which wait fill and that is worth closing a batch for; 0 when there is none. */
  #preferred(): number {
    const { maxBatch, preferredBatches } = this.#options;
    if (this.#queuedRows >= maxBatch) return maxBatch;
    let largest = 0;
    for (const size of preferredBatches) if (size <= this.#queuedRows && size > largest) largest = size;
    return largest;
  }

  #dispatch(): void {
    for (let oldest = this.#queue[0]; oldest !== undefined && this.#options.runner.idle(); oldest = this.#queue[0]) {
      const most = this.#remaining(oldest) <= 0 ? this.#options.maxBatch : this.#preferred();
      if (most === 0) return;
      const batch = this.#take(most);
      if (batch.length > 0) void this.#run(batch);
    }
  }

  #take(most: number): readonly Waiting[] {
    // Whose deadline has passed leaves the queue by itself.
    let first = this.#queue[0];
    while (first !== undefined && first.call.fault() !== null) first = this.#queue[0];
    let count = 0;
    let rows = 0;
    for (const waiting of this.#queue) {
      if (count > 0 && (waiting.alone || rows + waiting.rows > most)) break;
      count++;
      rows += waiting.rows;
      if (waiting.alone) break;
    }
    const taken = this.#queue.splice(0, count);
    this.#queuedRows -= rows;
    return taken.filter(({ call }) => call.fault() === null);
  }

  async #run(batch: readonly Waiting[]): Promise<void> {
    const { runner, onBatch } = this.#options;
    const { inputs: ports, outputs: outputPorts } = runner.signature;
    this.#running++;
    const begin = clock();
    let rows = 0;
    let waited = 0;
    for (const waiting of batch) {
      rows += waiting.rows;
      waited += begin - waiting.since;
    }
    const strings = ports.flatMap((port, index) => (port.datatype === "BYTES" ? [joinTexts(batch, index)] : []));
    const buffer = new ArrayBuffer(bufferSize(ports, rows));
    fill(tensorsOf(ports, rows, buffer, strings), batch);
    const outcome = await runner.run({ rows, buffer, strings });
    if (outcome.kind === "done") {
      const outputs = tensorsOf(outputPorts, rows, outcome.buffer, outcome.strings);
      let first = 0;
      for (const waiting of batch) {
        const end = first + waiting.rows;
        const from = first;
        waiting.call.progress = { dispatched: begin, computeMilliseconds: outcome.milliseconds, batchRows: rows };
        waiting.resolve(outputs.map((data, index) => slice(data, from, end, outputPorts[index]?.width ?? 1)));
        first = end;
      }
      onBatch({
        requests: batch.map((waiting) => ({ id: waiting.id, rows: waiting.rows })),
        rows,
        inputs: tensorsOf(ports, rows, outcome.inputs, strings),
        outputs,
        times: {
          input: outcome.began - begin,
          infer: outcome.milliseconds,
          output: clock() - outcome.began - outcome.milliseconds,
        },
        waited,
      });
    } else if (outcome.kind === "lost") {
      for (const waiting of batch)
        waiting.reject(new Fault(503, "worker-ended", "the thread that ran the model ended; it is being replaced", { "retry-after": "1" }));
    } else if (batch.length > 1) {
      // One caller's rows must not fail another's: each is tried by itself.
      const again = batch.filter(({ call }) => call.fault() === null);
      for (const waiting of again) waiting.alone = true;
      this.#queue.unshift(...again);
      this.#queuedRows += again.reduce((sum, waiting) => sum + waiting.rows, 0);
    } else {
      batch[0]?.reject(new Fault(422, "not-evaluated", `the model cannot evaluate these inputs: ${outcome.reason}`));
    }
    this.#running--;
    this.advance();
    this.#tellDrained();
  }
}

function joinTexts(batch: readonly Waiting[], index: number): string[] {
  const texts: string[] = [];
  for (const { inputs } of batch) {
    const data = inputs[index];
    if (Array.isArray(data)) for (const element of data) texts.push(element);
  }
  return texts;
}

function fill(tensors: readonly Data[], batch: readonly Waiting[]): void {
  tensors.forEach((tensor, index) => {
    if (Array.isArray(tensor)) return;
    let offset = 0;
    for (const { inputs } of batch) {
      const data = inputs[index];
      if (data === undefined || Array.isArray(data)) continue;
      if (isWide(tensor)) {
        if (isWide(data)) tensor.set(data, offset);
      } else if (!isWide(data)) tensor.set(data, offset);
      offset += data.length;
    }
  });
}

function slice(data: Data, first: number, end: number, width: number): Data {
  return Array.isArray(data) ? data.slice(first * width, end * width) : data.subarray(first * width, end * width);
}
