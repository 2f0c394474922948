import type { Counter } from "prom-client";
import { setTimeout as sleep } from "node:timers/promises";
import { packageVersion } from "../version.ts";
import { clock } from "./call.ts";
import type { Span, SpanSink } from "./trace.ts";

// OTLP over HTTP in its JSON form (OpenTelemetry Protocol 1.x), which is three nested objects. The packages of OpenTelemetry for Node
// would bring a dozen modules and their own global context for the same POST.

export interface OtlpOptions {
  /** Where traces are taken, with its path: `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string;
  /** Sent with each export; secrets may stand in them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The platform's name, as `service.name`. */
  readonly service: string;
  /** Spans that wait at most; newer ones are dropped and counted. @default 8192 */
  readonly maxSpans?: number;
  /** How long a span waits for others. @default 2000 */
  readonly intervalMilliseconds?: number;
  /** Counts spans that no collector got, by `reason`. */
  readonly dropped?: Counter<"reason">;
}

/** When the monotonic clock was 0, in milliseconds since 1970. */
const epoch = Date.now() - clock();
const spansPerExport = 512;
const exportTimeout = 10_000;
const stopTimeout = 3000;
const longestBackoff = 30_000;
/** OTLP's own list: these may be tried again. */
const retryable: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Sends spans to a collector in batches, aside from the requests: what it cannot take in time is dropped and counted. */
export function otlpSink(options: OtlpOptions): SpanSink {
  const { url, headers = {}, service, maxSpans = 8192, intervalMilliseconds = 2000, dropped } = options;
  const version = packageVersion();
  const resource = { attributes: [attribute("service.name", service), attribute("service.version", version)] };
  const stopped = new AbortController();
  let waiting: Span[] = [];
  let sending: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let failures = 0;
  let stopping = false;

  function schedule(milliseconds: number): void {
    if (timer !== null || stopping) return;
    timer = setTimeout(() => {
      timer = null;
      void flush();
    }, milliseconds);
    timer.unref();
  }

  async function send(spans: readonly Span[]): Promise<"sent" | "refused" | "again"> {
    try {
      const reply = await fetch(url, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify({
          resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "millwright", version }, spans: spans.map(spanAsJson) }] }],
        }),
        signal: AbortSignal.any([AbortSignal.timeout(exportTimeout), stopped.signal]),
      });
      await reply.arrayBuffer();
      if (!reply.ok && failures === 0) process.emitWarning(`traces: the collector answers ${reply.status}`);
      return reply.ok ? "sent" : retryable.has(reply.status) ? "again" : "refused";
    } catch (error) {
      // Said once, until it goes well again; the address may hold secrets and is not said.
      if (failures === 0 && !stopping)
        process.emitWarning(`traces cannot be sent, trying again: ${error instanceof Error ? error.message : String(error)}`);
      return "again";
    }
  }

  async function sendAll(): Promise<void> {
    while (waiting.length > 0) {
      const spans = waiting.slice(0, spansPerExport);
      const outcome = await send(spans);
      if (outcome === "again") {
        failures++;
        return;
      }
      failures = outcome === "sent" ? 0 : failures + 1;
      if (outcome === "refused") dropped?.inc({ reason: "refused" }, spans.length);
      waiting = waiting.slice(spans.length);
    }
  }

  function flush(): Promise<void> {
    sending ??= sendAll().finally(() => {
      sending = null;
      if (waiting.length > 0) schedule(Math.min(longestBackoff, intervalMilliseconds * 2 ** Math.min(failures, 10)));
    });
    return sending;
  }

  return {
    add(span) {
      if (waiting.length >= maxSpans) return dropped?.inc({ reason: "buffer-full" });
      waiting.push(span);
      if (failures === 0 && waiting.length >= spansPerExport) void flush();
      else schedule(intervalMilliseconds);
    },
    async stop() {
      stopping = true;
      if (timer !== null) clearTimeout(timer);
      const done = new AbortController();
      const deadline = sleep(stopTimeout, undefined, { signal: done.signal }).then(
        () => stopped.abort(),
        () => undefined,
      );
      await flush();
      if (waiting.length > 0 && failures === 0) await flush();
      done.abort();
      await deadline;
      if (waiting.length > 0) dropped?.inc({ reason: "stopped" }, waiting.length);
      waiting = [];
    },
  };
}

function spanAsJson(span: Span): object {
  return {
    traceId: span.trace,
    spanId: span.id,
    ...(span.parent === "" ? {} : { parentSpanId: span.parent }),
    ...(span.state === "" ? {} : { traceState: span.state }),
    name: span.name,
    kind: span.kind === "server" ? 2 : 1,
    startTimeUnixNano: nanoseconds(span.began),
    endTimeUnixNano: nanoseconds(Math.max(span.began, span.ended)),
    attributes: Object.entries(span.attributes).map(([key, value]) => attribute(key, value)),
    status: span.error === null ? {} : { code: 2, message: span.error },
  };
}

function attribute(key: string, value: string | number): object {
  if (typeof value === "string") return { key, value: { stringValue: value } };
  // 64-bit integers are texts in protobuf's JSON.
  return { key, value: Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value } };
}

/** Since 1970, as text: the number exceeds 2^53. */
function nanoseconds(milliseconds: number): string {
  return `${Math.round((epoch + milliseconds) * 1000)}000`;
}
