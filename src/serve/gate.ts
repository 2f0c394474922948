import { Fault, shown } from "./fault.ts";
import type { KeyRing } from "./keys.ts";

/** Who asks. */
export interface Caller {
  /** The key's name, or the address where no keys are asked for; a limit's unit, never a secret. */
  readonly name: string;
  /** The endpoints that it may call, and nothing else; null: everything. */
  readonly endpoints: ReadonlySet<string> | null;
}

/** Lets callers in, one request at a time. */
export interface Gate {
  readonly asksForKeys: boolean;
  /**
   * @param authorization the header or metadata of that name
   * @throws Fault 401 for a missing or unknown key; 429 with Retry-After for one that asks too often
   */
  admit(authorization: string | undefined, address: string | undefined): Caller;
}

export interface GateOptions {
  /** null: nobody is asked for a key. */
  readonly keys: KeyRing | null;
  /** Of each caller; null for no limit. */
  readonly requestsPerSecond: number | null;
  /** Requests that may come at once after a pause. @default what a second allows, at least one */
  readonly burst?: number;
}

const mostBuckets = 10_000;

export function createGate({ keys, requestsPerSecond, burst }: GateOptions): Gate {
  const limit = requestsPerSecond === null ? null : tokenBuckets(requestsPerSecond, burst ?? Math.max(1, requestsPerSecond));
  return {
    asksForKeys: keys !== null,
    admit(authorization, address = "") {
      const caller = keys === null ? { name: address, endpoints: null } : known(keys, authorization);
      limit?.(caller.name);
      return caller;
    },
  };
}

/** @throws Fault 403 when the caller may not call this endpoint; null: what is not of one endpoint, such as the metrics */
export function requireAllowed({ name, endpoints }: Caller, endpoint: string | null): void {
  if (endpoints === null || (endpoint !== null && endpoints.has(endpoint))) return;
  const why = endpoint === null ? "it is for keys of all endpoints" : `${shown(endpoint)} is not among its endpoints`;
  throw new Fault(403, "forbidden", `the key '${name}' may not ask this: ${why}`);
}

function known(keys: KeyRing, authorization: string | undefined): Caller {
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? "") ?? [];
  const caller = token === undefined ? null : keys.find(token);
  if (caller !== null) return caller;
  const why = authorization === undefined ? "a key is needed: send authorization: Bearer KEY" : "the key is not known";
  throw new Fault(401, "unauthenticated", why, { "www-authenticate": 'Bearer realm="millwright"' });
}

/** A bucket of tokens per caller that fills at a steady rate; @throws Fault 429 when it is empty */
function tokenBuckets(perSecond: number, size: number): (caller: string) => void {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (caller) => {
    const now = performance.now();
    let bucket = buckets.get(caller);
    if (bucket === undefined) {
      // The oldest goes: at worst it is given a full bucket again.
      const [oldest] = buckets.size >= mostBuckets ? buckets.keys() : [];
      if (oldest !== undefined) buckets.delete(oldest);
      buckets.set(caller, (bucket = { tokens: size, at: now }));
    }
    bucket.tokens = Math.min(size, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    if (bucket.tokens < 1) {
      const seconds = Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
      throw new Fault(429, "too-many-requests", `more than ${perSecond} requests a second of one caller`, {
        "retry-after": String(seconds),
      });
    }
    bucket.tokens -= 1;
  };
}
