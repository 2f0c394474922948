import { Fault } from "./fault.ts";
import type { RequestTrace } from "./trace.ts";

/** Milliseconds of the system's monotonic clock. */
export function clock(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** Beyond this a timer would fire at once. */
const longestTimer = 2 ** 31 - 1;

/** How a call went through its batch, for metrics and traces; by `clock`. */
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
  /** When its header was read. */
  readonly began: number = clock();
  /** When its rows began to wait; null before. */
  submitted: number | null = null;
  progress: CallProgress | null = null;
  readonly protocol: "http" | "grpc";
  /** Null: it is not traced. */
  trace: RequestTrace | null = null;
  #deadline = Infinity;
  #timer: NodeJS.Timeout | null = null;
  #fault: Fault | null = null;
  #closed = false;
  #end: ((fault: Fault) => void) | null = null;

  constructor(protocol: "http" | "grpc" = "http") {
    this.protocol = protocol;
  }

  /** Ends the call so many microseconds after it began; of several deadlines the earliest counts. */
  expireAfter(microseconds: number): void {
    const milliseconds = microseconds / 1000;
    if (this.#closed || !(this.began + milliseconds < this.#deadline) || milliseconds > longestTimer) return;
    this.#deadline = this.began + milliseconds;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#over(late()), Math.max(0, Math.ceil(this.#deadline - clock())));
  }

  /** The caller has gone. Nothing when the call is answered. */
  cancel(): void {
    if (!this.#closed) this.#over(new Fault(499, "cancelled", "the caller has gone"));
  }

  /** It is answered: deadline and caller count no more. */
  close(): void {
    this.#closed = true;
    this.#end = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Why nobody wants the answer any more; null while somebody does. A deadline counts as soon as it has passed, before its timer fires. */
  fault(): Fault | null {
    if (this.#fault === null && this.#deadline < Infinity && clock() >= this.#deadline) this.#over(late());
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
