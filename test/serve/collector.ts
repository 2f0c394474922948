import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A span as OTLP has it in JSON. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly status: { readonly code?: number; readonly message?: string };
}

/** A stand-in for a collector of OpenTelemetry: takes traces over HTTP in JSON, and refuses what is not of OTLP's shape. */
export interface Collector {
  readonly url: string;
  readonly spans: ReceivedSpan[];
  /** Headers of each export. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>[];
  readonly services: string[];
  /** What was wrong with what it was sent. */
  readonly complaints: string[];
  /** Answers with this status instead of taking anything; 0: takes all. */
  status: number;
  stop(): Promise<void>;
}

export async function startCollector(): Promise<Collector> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (collector.status !== 0) return response.writeHead(collector.status).end();
      collector.headers.push(request.headers);
      if (request.headers["content-type"] !== "application/json") collector.complaints.push("content-type");
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      collector.complaints.push(...complaintsOf(body));
      const { resourceSpans }: { resourceSpans: Export[] } = JSON.parse(Buffer.concat(chunks).toString());
      for (const { resource, scopeSpans } of resourceSpans) {
        collector.services.push(String(resource.attributes.find(({ key }) => key === "service.name")?.value["stringValue"]));
        for (const { spans } of scopeSpans) collector.spans.push(...spans);
      }
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  const collector: Collector = {
    url: "",
    spans: [],
    headers: [],
    services: [],
    complaints: [],
    status: 0,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return Object.assign(collector, { url: `http://127.0.0.1:${port}/v1/traces` });
}

interface Export {
  readonly resource: { readonly attributes: ReceivedSpan["attributes"] };
  readonly scopeSpans: readonly { readonly spans: readonly ReceivedSpan[] }[];
}

// ExportTraceServiceRequest of opentelemetry-proto 1.x in its JSON mapping: lowerCamelCase, ids in hexadecimal, 64-bit integers as texts.
type Shape = (value: unknown, at: string) => string[];

const text =
  (pattern: RegExp): Shape =>
  (value, at) =>
    typeof value === "string" && pattern.test(value) ? [] : [`${at}: ${JSON.stringify(value)}`];
const whole: Shape = (value, at) => (Number.isInteger(value) ? [] : [`${at}: ${JSON.stringify(value)}`]);
const listOf =
  (item: Shape): Shape =>
  (value, at) =>
    Array.isArray(value) ? value.flatMap((each, index) => item(each, `${at}[${index}]`)) : [`${at} is no list`];
const record =
  (required: Readonly<Record<string, Shape>>, optional: Readonly<Record<string, Shape>> = {}): Shape =>
  (value, at) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${at} is no object`];
    const missing = Object.keys(required).filter((key) => !(key in value));
    const shapes: Readonly<Record<string, Shape>> = { ...required, ...optional };
    const found = Object.entries(value).flatMap(([key, part]) => shapes[key]?.(part, `${at}.${key}`) ?? [`${at}.${key} is unknown`]);
    return [...missing.map((key) => `${at}.${key} is missing`), ...found];
  };

const oneValue: Shape = (value, at) => {
  const known = {
    stringValue: text(/^/),
    intValue: text(/^-?\d+$/),
    doubleValue: (each: unknown) => (typeof each === "number" ? [] : [at]),
  };
  const complaints = record({}, known)(value, at);
  return typeof value === "object" && value !== null && Object.keys(value).length === 1
    ? complaints
    : [...complaints, `${at} is not one value`];
};
const attributes = listOf(record({ key: text(/./), value: oneValue }));
const span = record(
  {
    traceId: text(/^(?!0+$)[0-9a-f]{32}$/),
    spanId: text(/^(?!0+$)[0-9a-f]{16}$/),
    name: text(/./),
    kind: (value, at) => (typeof value === "number" && value >= 1 && value <= 5 ? whole(value, at) : [`${at}: ${String(value)}`]),
    startTimeUnixNano: text(/^1\d{18}$/),
    endTimeUnixNano: text(/^1\d{18}$/),
  },
  {
    parentSpanId: text(/^[0-9a-f]{16}$/),
    traceState: text(/^/),
    attributes,
    status: record({}, { code: whole, message: text(/^/) }),
  },
);
const complaintsOfRequest = record({
  resourceSpans: listOf(
    record({
      resource: record({ attributes }),
      scopeSpans: listOf(record({ scope: record({ name: text(/./), version: text(/./) }), spans: listOf(span) })),
    }),
  ),
});

function complaintsOf(body: unknown): string[] {
  return complaintsOfRequest(body, "request");
}
