import { setTimeout as wait } from "node:timers/promises";
import { MillwrightError } from "../error.ts";

export interface RetryPolicy {
  /** Requests in all, the first one included. */
  readonly attempts: number;
  /** Upper bound of the first pause; each further one is twice as long. Milliseconds. */
  readonly firstDelay: number;
  /** Upper bound of any pause, and the longest Retry-After that is waited for. Milliseconds. */
  readonly longestDelay: number;
  /** Of one request with its reply. Milliseconds. */
  readonly timeout: number;
}

export interface Reply {
  readonly url: URL;
  readonly headers: Headers;
  readonly text: string;
}

/** What a request needs to be let in; `renew` after a 401 says whether trying again can help. */
export interface Authorization {
  header(signal: AbortSignal): Promise<string | null>;
  renew(): boolean;
}

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly authorization?: Authorization;
  readonly retry: RetryPolicy;
  readonly signal: AbortSignal;
  /** A reply that is not accepted is asked for again; gives the reason, or null when it is good. */
  readonly refuse?: (reply: Reply) => string | null;
}

/**
 * Sends a request until it is answered. Replies 408, 425, 429 and 5xx, a broken connection, a time-out and a refused body are tried again
 * after exponential pauses with full jitter, or after the server's Retry-After. Errors name the address without its query, and no header.
 *
 * @throws MillwrightError `http-refused` for any other status, `http-failed` with the last reason when the attempts are used up.
 */
export async function request(url: URL, options: RequestOptions): Promise<Reply> {
  const { retry, signal, refuse = () => null, authorization } = options;
  const shown = `${url.origin}${url.pathname}`;
  const reasons: string[] = [];
  let renewed = false;
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    const outcome = await once(url, options);
    if ("reply" in outcome) {
      const refused = refuse(outcome.reply);
      if (refused === null) return outcome.reply;
      reasons.push(refused);
    } else if (outcome.status === 401 && authorization !== undefined && !renewed && authorization.renew()) {
      renewed = true;
      attempt--;
      continue;
    } else if (!outcome.again) {
      throw new MillwrightError({ code: "http-refused", what: `${shown} answered ${outcome.reason}`, fix: fixOf(outcome.status) });
    } else reasons.push(outcome.reason);
    const asked = "retryAfter" in outcome ? outcome.retryAfter : null;
    if (attempt >= retry.attempts || (asked !== null && asked > retry.longestDelay)) {
      const pause = asked !== null && asked > retry.longestDelay ? `, and asks for a pause of ${Math.round(asked / 1000)} s` : "";
      throw new MillwrightError({
        code: "http-failed",
        what: `${shown} gave no good answer in ${attempt} ${attempt === 1 ? "attempt" : "attempts"}: ${[...new Set(reasons)].join("; ")}${pause}`,
        fix: "see whether the server is up and reachable, or raise retry.attempts or retry.longestDelay",
      });
    }
    // Full jitter, so that many clients do not come back at the same moment.
    const pause = asked ?? Math.random() * Math.min(retry.longestDelay, retry.firstDelay * 2 ** (attempt - 1));
    await wait(pause, undefined, { signal });
  }
}

type Outcome =
  | { readonly reply: Reply }
  | { readonly again: boolean; readonly status: number; readonly reason: string; readonly retryAfter: number | null };

async function once(url: URL, { method = "GET", headers = {}, body, authorization, retry, signal }: RequestOptions): Promise<Outcome> {
  const limit = AbortSignal.timeout(retry.timeout);
  try {
    const header = (await authorization?.header(signal)) ?? null;
    const response = await fetch(url, {
      method,
      headers: { accept: "application/json", ...headers, ...(header === null ? {} : { authorization: header }) },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.any([signal, limit]),
    });
    const text = await response.text();
    if (response.ok) return { reply: { url: new URL(response.url), headers: response.headers, text } };
    const again = [408, 425, 429].includes(response.status) || response.status >= 500;
    return {
      again,
      status: response.status,
      reason: `${response.status} ${response.statusText}`.trim(),
      retryAfter: retryAfter(response.headers.get("retry-after")),
    };
  } catch (error) {
    if (signal.aborted || error instanceof MillwrightError) throw error;
    const reason = limit.aborted ? `no answer within ${retry.timeout} ms` : networkReason(error);
    return { again: true, status: 0, reason, retryAfter: null };
  }
}

/** Seconds or a date, as a pause from now in milliseconds; null when the header is absent or unreadable. */
export function retryAfter(header: string | null, now: number = Date.now()): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // fetch says only "fetch failed"; the cause says why.
  if (error.cause instanceof Error) return "code" in error.cause ? `${String(error.cause.code)}` : error.cause.message;
  return error.message;
}

function fixOf(status: number): string {
  if (status === 401 || status === 403) return "check the option auth and the rights of the account";
  if (status === 404) return "check the options url and path";
  return "check the table's path and parameters";
}
