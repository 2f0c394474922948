/** Why a storage did not do what was asked. */
export type StorageFault =
  /** There is no such file. */
  | "missing"
  /** There is one already, and files are never written twice. */
  | "exists"
  /** The storage does not let us: credentials, permissions, a bucket that is not there. */
  | "refused"
  /** A time-out, a lost connection, a busy server; it was tried again and did not pass. */
  | "transient"
  | "other";

/** A storage's failure. The message names the address and holds no secret. */
export class StorageError extends Error {
  readonly fault: StorageFault;
  readonly location: string;
  constructor(fault: StorageFault, location: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StorageError";
    this.fault = fault;
    this.location = location;
  }
}

/** True when a file or folder is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof StorageError && error.fault === "missing";
}
