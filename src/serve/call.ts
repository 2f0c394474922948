import { Fault } from "./fault.ts";

/** Beyond this a timer would fire at once. */
const longestTimer = 2 ** 31 - 1;

/** How a call went through its batch, for metrics and traces; `performance.now()` and milliseconds. */
export interface CallProgress {
  readonly dispatched: number;
  readonly computeMilliseconds: number;
  /** Rows of the whole batch. */
  readonly batchRows: number;
}

/**
 * One request on its way: until when its answer is wanted, and whether somebody still waits for it. A call that is over
 * (its deadline has passed, or its caller has gone) leaves the queue at once, and is not computed.
 */
export class Call {
  /** `performance.now()` when its first bytes were read. */
  readonly began: number = performance.now();
  progress: CallProgress | null = null;
  #deadline = Infinity;
  #timer: NodeJS.Timeout | null = null;
  #fault: Fault | null = null;
  #closed = false;
  #end: ((fault: Fault) => void) | null = null;

  /** Ends the call so many microseconds after it began; of several deadlines the earliest counts. */
  expireAfter(microseconds: number): void {
    const milliseconds = microseconds / 1000;
    if (this.#closed || !(this.began + milliseconds < this.#deadline) || milliseconds > longestTimer) return;
    this.#deadline = this.began + milliseconds;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#over(late()), Math.max(0, Math.ceil(this.#deadline - performance.now())));
  }

  /** The caller has gone. Nothing when the call is answered. */
  cancel(): void {
    this.#over(new Fault(499, "cancelled", "the caller has gone"));
  }

  /** It is answered: deadline and caller count no more. */
  close(): void {
    this.#closed = true;
    this.#end = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Why nobody wants the answer any more; null while somebody does. A deadline counts as soon as it has passed, before its timer fires. */
  fault(now: number = performance.now()): Fault | null {
    if (this.#fault === null && now >= this.#deadline) this.#over(late());
    return this.#fault;
  }

  /** `act` is called once, when the call is over before it is answered: at once when it is already. */
  whenOver(act: (fault: Fault) => void): void {
    if (this.#fault !== null) act(this.#fault);
    else this.#end = act;
  }

  #over(fault: Fault): void {
    if (this.#closed || this.#fault !== null) return;
    this.#fault = fault;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#end?.(fault);
  }
}

function late(): Fault {
  return new Fault(504, "deadline", "the deadline of the request has passed; it was not answered in time");
}
