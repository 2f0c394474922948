/**
 * A request that cannot be answered, and why: it becomes `{ "error": message }` with the status.
 * 4xx is the caller's fault, 503 means that the server cannot at the moment.
 */
export class Fault extends Error {
  readonly status: number;
  /** Stable, kebab-case; the label `reason` of the failures' metric. */
  readonly reason: string;
  /** Headers of the reply, e.g. Allow or Retry-After. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, reason: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = "Fault";
    this.status = status;
    this.reason = reason;
    this.headers = headers;
  }
}

const shownLength = 80;

/** A value of the caller's as an error shows it: JSON, cut after 80 characters. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= shownLength ? text : `${text.slice(0, shownLength)}...`;
}

/** A fault as it is; everything else is a defect of the server, of which callers learn nothing. */
export function faultOf(error: unknown): Fault {
  return error instanceof Fault ? error : new Fault(500, "defect", "the server failed; its log says how");
}
