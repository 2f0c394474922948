import { Counter, Registry } from "prom-client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Call } from "../../src/serve/call.ts";
import { otlpSink } from "../../src/serve/otlp.ts";
import type { OtlpOptions } from "../../src/serve/otlp.ts";
import { startInference } from "../../src/serve/server.ts";
import type { InferenceServer } from "../../src/serve/server.ts";
import { createTracer, parseTraceparent } from "../../src/serve/trace.ts";
import type { SpanSink, Tracer } from "../../src/serve/trace.ts";
import { startCollector } from "./collector.ts";
import type { Collector, ReceivedSpan } from "./collector.ts";
import { jsonRequest, modelFolder, rowOf, smallModel } from "./model.ts";
import { send } from "./raw.ts";
import type { RawReply } from "./raw.ts";

let collector: Collector;

beforeEach(async () => {
  collector = await startCollector();
});

afterEach(() => collector.stop());

const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const parent = "00f067aa0ba902b7";

function start(sample: number, more: Partial<OtlpOptions> = {}): Tracer {
  return createTracer(otlpSink({ url: collector.url, service: "flights", intervalMilliseconds: 10, ...more }), sample);
}

async function withServer(
  tracer: Tracer,
  ask: (infer: (headers: Readonly<Record<string, string>>, body?: object) => Promise<RawReply>, server: InferenceServer) => Promise<void>,
): Promise<void> {
  const folder = await modelFolder();
  const server = await startInference({
    models: [{ name: "delay", version: "3", file: await folder.write("3.onnx", smallModel({ fragile: true })) }],
    tracer,
  });
  try {
    await ask(
      (headers, body = jsonRequest([rowOf(1), rowOf(2)], { id: "mine" })) =>
        send(`${server.url}/v2/models/delay/infer`, { headers, body: JSON.stringify(body) }),
      server,
    );
  } finally {
    await server.stop();
    await tracer.stop();
    await folder.remove();
  }
}

const attributesOf = (span: ReceivedSpan | undefined): Record<string, unknown> =>
  Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]));

test("a request of a traced caller becomes spans of its trace: the request, its wait, its computation (collector: a stand-in that checks OTLP's shape)", async () => {
  await withServer(start(0, { headers: { "x-tenant": "flights" } }), async (infer) => {
    const reply = await infer({ traceparent: `00-${trace}-${parent}-01`, tracestate: "vendor=1" });
    expect(reply.headers["traceresponse"]).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
    // Neither of these is traced: the caller has decided so, and a tenth of nothing is nothing.
    expect((await infer({ traceparent: `00-${trace}-${parent}-00` })).headers["traceresponse"]).toBeUndefined();
    await infer({});
  });
  expect(collector.complaints).toEqual([]);
  expect(collector.services).toEqual(["flights"]);
  expect(collector.headers[0]?.["x-tenant"]).toBe("flights");
  expect(collector.spans.map(({ name }) => name).toSorted()).toEqual(["compute", "infer delay", "queue"]);
  const [request, queue, compute] = ["infer delay", "queue", "compute"].map((name) => collector.spans.find((span) => span.name === name));
  expect(request).toMatchObject({ traceId: trace, parentSpanId: parent, traceState: "vendor=1", kind: 2, status: {} });
  for (const child of [queue, compute]) expect(child).toMatchObject({ traceId: trace, parentSpanId: request?.spanId, kind: 1 });
  expect(attributesOf(request)).toEqual({
    "millwright.endpoint": "delay",
    "millwright.model.version": "3",
    "millwright.request.id": "mine",
    "millwright.rows": "2",
    "http.request.method": "POST",
    "http.route": "/v2/models/{name}/infer",
    "http.response.status_code": "200",
  });
  expect(attributesOf(compute)).toEqual({ "millwright.batch.rows": "2" });
  const times = [
    request?.startTimeUnixNano,
    queue?.startTimeUnixNano,
    queue?.endTimeUnixNano,
    compute?.startTimeUnixNano,
    compute?.endTimeUnixNano,
    request?.endTimeUnixNano,
  ].map((time) => BigInt(time ?? 0));
  expect(times).toEqual(times.toSorted((a, b) => Number(a - b)));
  expect(Math.abs(Number((times[0] ?? 0n) / 1_000_000n) - Date.now())).toBeLessThan(600_000);
});

test("requests without a traceparent are traced as often as asked; those that fail say why", async () => {
  await withServer(start(1), async (infer) => {
    await infer({});
    await infer({ traceparent: "nonsense" }, { inputs: [] });
    await infer({}, jsonRequest([{ ...rowOf(1), day: 99 }]));
  });
  expect(collector.complaints).toEqual([]);
  const requests = collector.spans.filter(({ kind }) => kind === 2);
  expect(
    requests.map((span) => [span.parentSpanId, attributesOf(span)["http.response.status_code"], attributesOf(span)["error.type"]]),
  ).toEqual([
    [undefined, "200", undefined],
    [undefined, "400", "missing-input"],
    [undefined, "422", "not-evaluated"],
  ]);
  expect(new Set(requests.map(({ traceId }) => traceId)).size).toBe(3);
});

test.each([
  ["", null],
  [`00-${trace}-${parent}-01`, { trace, span: parent, sampled: true }],
  [`00-${trace}-${parent}-02`, { trace, span: parent, sampled: false }],
  [`01-${trace}-${parent}-03-more`, { trace, span: parent, sampled: true }],
  [`00-${trace}-${parent}-01-more`, null],
  [`ff-${trace}-${parent}-01`, null],
  [`00-${"0".repeat(32)}-${parent}-01`, null],
  [`00-${trace}-${"0".repeat(16)}-01`, null],
  [`00-${trace.toUpperCase()}-${parent}-01`, null],
])("traceparent %j is read as W3C says", (text, found) => {
  expect(parseTraceparent(text)).toEqual(found);
});

function answered(tracer: Tracer): void {
  const call = new Call();
  call.submitted = call.began;
  tracer.begin(undefined, undefined)?.end(call, { endpoint: "delay", version: "1", protocol: "grpc", id: "1", rows: 1, fault: null });
}

test("a collector that is away for a while gets the spans later; what exceeds the buffer is dropped and counted", async () => {
  const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  try {
    const registry = new Registry();
    const dropped = new Counter({ name: "dropped", help: "Spans dropped.", labelNames: ["reason"], registers: [registry] });
    const tracer = start(1, { maxSpans: 10, dropped });
    collector.status = 503;
    for (let index = 0; index < 7; index++) answered(tracer);
    await vi.waitFor(() => expect(warned).toHaveBeenCalled(), 20_000);
    expect(collector.spans).toEqual([]);
    collector.status = 0;
    await vi.waitFor(() => expect(collector.spans).toHaveLength(10), 20_000);
    expect(await registry.metrics()).toContain('dropped{reason="buffer-full"} 4');
    // It goes on as before; room is there once the sender has read the collector's answer.
    await vi.waitFor(() => {
      answered(tracer);
      expect(collector.spans.length).toBeGreaterThan(10);
    }, 20_000);
    await tracer.stop();
    expect(collector.complaints).toEqual([]);
  } finally {
    warned.mockRestore();
  }
});

test("a collector that refuses spans is not asked again with them, and one that is gone does not hold the stop", async () => {
  const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  try {
    const registry = new Registry();
    const dropped = new Counter({ name: "dropped", help: "Spans dropped.", labelNames: ["reason"], registers: [registry] });
    collector.status = 400;
    const refused: Tracer = start(1, { dropped });
    answered(refused);
    await refused.stop();
    expect(await registry.metrics()).toContain('dropped{reason="refused"} 2');
    const gone: SpanSink = otlpSink({ url: "http://127.0.0.1:1/v1/traces", service: "flights", dropped });
    answered(createTracer(gone, 1));
    await gone.stop();
    expect(await registry.metrics()).toContain('dropped{reason="stopped"} 2');
    expect(warned).toHaveBeenCalledWith("traces: the collector answers 400");
  } finally {
    warned.mockRestore();
  }
});
