/** What every generated client has; the tests compile it strictly. */
export const runtime: string = `
export interface ClientOptions {
  /** Of the server, without a path: \`https://inference.example:8443\`. */
  readonly url: string;
  /** Sent as a bearer token. */
  readonly key?: string;
  /** How long a call may take, retries included. @default 10000 */
  readonly timeoutMilliseconds?: number;
  /** After 429, 503 and connections that fail. @default 3 */
  readonly retries?: number;
  /** @default the version that the server chooses */
  readonly version?: string;
  /** Instead of the global one. */
  readonly fetch?: typeof fetch;
}

export interface CallOptions {
  /** Of the request, in the server's log of predictions. @default one that the server gives */
  readonly id?: string;
  readonly timeoutMilliseconds?: number;
  /** Ends the call. */
  readonly signal?: AbortSignal;
}

/** A call that was not answered. */
export class PredictionError extends Error {
  /** HTTP's; 0 when the server could not be reached, 504 also when the deadline passed on this side. */
  readonly status: number;
  /** Seconds after which the server may be asked again, where it says so. */
  readonly retryAfter: number | null;

  constructor(status: number, message: string, retryAfter: number | null, options?: ErrorOptions) {
    super(message, options);
    this.name = "PredictionError";
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

interface Tensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly unknown[];
}

async function ask(client: ClientOptions, endpoint: string, body: object, call: CallOptions): Promise<ReadonlyMap<string, Tensor>> {
  const deadline = Date.now() + (call.timeoutMilliseconds ?? client.timeoutMilliseconds ?? 10_000);
  const version = client.version === undefined ? "" : \`/versions/\${encodeURIComponent(client.version)}\`;
  const url = \`\${client.url.replace(/\\/+$/, "")}/v2/models/\${encodeURIComponent(endpoint)}\${version}/infer\`;
  const json = JSON.stringify(call.id === undefined ? body : { ...body, id: call.id });
  for (let attempt = 0; ; attempt++) {
    const remaining = deadline - Date.now();
    if (remaining <= 0) throw new PredictionError(504, "the deadline of the call has passed", null);
    const outcome = await once(client, url, json, remaining, call.signal);
    if (!(outcome instanceof PredictionError)) return outcome;
    const again = outcome.status === 0 || outcome.status === 429 || outcome.status === 503;
    if (!again || attempt >= (client.retries ?? 3)) throw outcome;
    // Not all callers at the same moment, and not before the server wants to be asked.
    const pause = Math.max((outcome.retryAfter ?? 0) * 1000, 100 * 2 ** attempt * (0.5 + Math.random() / 2));
    if (Date.now() + pause >= deadline) throw outcome;
    await sleep(pause, call.signal);
  }
}

async function once(client: ClientOptions, url: string, json: string, remaining: number, signal?: AbortSignal): Promise<ReadonlyMap<string, Tensor> | PredictionError> {
  const late = AbortSignal.timeout(Math.ceil(remaining));
  const headers: Record<string, string> = { "content-type": "application/json", timeout: String(Math.ceil(remaining * 1000)) };
  if (client.key !== undefined) headers["authorization"] = \`Bearer \${client.key}\`;
  let reply: Response;
  let text: string;
  try {
    reply = await (client.fetch ?? fetch)(url, { method: "POST", headers, body: json, signal: signal === undefined ? late : AbortSignal.any([late, signal]) });
    text = await reply.text();
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    if (late.aborted) return new PredictionError(504, "the deadline of the call has passed", null, { cause });
    return new PredictionError(0, \`the server cannot be reached: \${cause instanceof Error ? cause.message : String(cause)}\`, null, { cause });
  }
  if (reply.ok) return tensorsIn(text);
  const seconds = Number(reply.headers.get("retry-after") ?? Number.NaN);
  return new PredictionError(reply.status, messageIn(text) ?? \`the server answers \${reply.status}\`, Number.isFinite(seconds) ? seconds : null);
}

function tensorsIn(text: string): ReadonlyMap<string, Tensor> {
  const { outputs }: { readonly outputs: readonly Tensor[] } = JSON.parse(text);
  return new Map(outputs.map((tensor) => [tensor.name, tensor]));
}

function messageIn(text: string): string | null {
  try {
    const { error }: { readonly error?: unknown } = JSON.parse(text);
    return typeof error === "string" ? error : null;
  } catch {
    return null;
  }
}

function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    if (signal?.aborted === true) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}
`;

/** Functions that a client has when it calls them. */
export const helpers: Readonly<Record<string, string>> = Object.freeze({
  days: `
/** Since 1970, in UTC. */
function days(value: Date | null): number | null {
  return value === null ? null : Math.floor(value.getTime() / 86_400_000);
}
`,
  microseconds: `
/** Since 1970, in UTC. */
function microseconds(value: Date | null): number | null {
  return value === null ? null : value.getTime() * 1000;
}
`,
  numberOf: `
/** NaN and the infinities are null in JSON. */
function numberOf(value: unknown): number {
  return typeof value === "number" ? value : Number.NaN;
}
`,
  textOf: `
function textOf(value: unknown): string {
  return String(value);
}
`,
  booleanOf: `
function booleanOf(value: unknown): boolean {
  return value === true;
}
`,
});
