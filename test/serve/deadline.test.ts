import { Agent } from "node:http";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Call } from "../../src/serve/call.ts";
import type { PredictionBatch } from "../../src/serve/prediction.ts";
import { startInference } from "../../src/serve/server.ts";
import type { InferenceServer } from "../../src/serve/server.ts";
import { grpcTimeout, timeoutParameter } from "../../src/serve/timeout.ts";
import { answerOf, jsonRequest, modelFolder, rowOf, smallModel } from "./model.ts";
import type { ModelFolder } from "./model.ts";
import { send } from "./raw.ts";

let folder: ModelFolder;
let server: InferenceServer;
let batches: PredictionBatch[];

beforeEach(async () => {
  folder = await modelFolder();
  batches = [];
  const file = await folder.write("model.onnx", smallModel());
  // Two rows make a batch; one alone waits for minutes, so that only what a test does ends its wait.
  server = await startInference({
    models: [{ name: "delay", version: "1", file }],
    maxBatch: 2,
    maxDelayMicroseconds: 600_000_000,
    onPrediction: (batch) => void batches.push(batch),
  });
});

afterEach(async () => {
  await server.stop();
  await folder.remove();
});

const path = "/v2/models/delay/infer";
const body = (rows: number, more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify(
    jsonRequest(
      Array.from({ length: rows }, (_, index) => rowOf(index)),
      more,
    ),
  );
const queued = async (rows: number): Promise<void> =>
  vi.waitFor(async () => expect(await server.registry.metrics()).toContain(`queue_rows{endpoint="delay"} ${rows}\n`), 20_000);

describe("a request whose deadline passes in the queue gets 504 and is not computed", () => {
  test.each([
    ["the parameter timeout, in microseconds", {}, { parameters: { timeout: 30_000 } }],
    ["the header timeout", { timeout: "30000" }, {}],
    ["the header grpc-timeout", { "grpc-timeout": "30m" }, {}],
    ["the earlier of two", { timeout: "600000000", "grpc-timeout": "1H" }, { parameters: { timeout: 20_000 } }],
  ])("by %s", async (_, headers, more) => {
    const reply = await send(server.url + path, { headers, body: body(1, more) });
    expect([reply.status, JSON.parse(reply.body.toString()).error]).toEqual([504, expect.stringContaining("deadline")]);
    await queued(0);
    expect(batches).toEqual([]);
    const metrics = await server.registry.metrics();
    expect(metrics).toContain('millwright_inference_deadline_misses_total{endpoint="delay",version="1"} 1');
    expect(metrics).toContain('millwright_inference_version_requests_total{endpoint="delay",version="1",code="504"} 1');
  });
});

test("a deadline that is far enough, or 0, changes nothing", async () => {
  for (const timeout of [0, 60_000_000]) {
    const reply = await send(server.url + path, { body: body(2, { parameters: { timeout } }) });
    expect(reply.status).toBe(200);
  }
  expect(await server.registry.metrics()).toMatch(/millwright_inference_queue_seconds_count\{endpoint="delay",version="1"\} 2/);
});

test.each([
  ["a negative timeout", {}, { parameters: { timeout: -1 } }, "'timeout' must be whole microseconds, given -1"],
  ["a timeout that is no number", {}, { parameters: { timeout: true } }, "'timeout' must be whole microseconds, given true"],
  ["a header that is no number", { timeout: "soon" }, {}, "'timeout' must be whole microseconds, given \"soon\""],
  ["a grpc-timeout without its unit", { "grpc-timeout": "30" }, {}, 'grpc-timeout is "30"'],
])("%s is refused", async (_, headers, more, message) => {
  const reply = await send(server.url + path, { headers, body: body(2, more) });
  expect([reply.status, JSON.parse(reply.body.toString()).error]).toEqual([400, expect.stringContaining(message)]);
});

test("the units of gRPC and the parameter's spellings are read as they are meant", () => {
  expect(["2H", "3M", "4S", "5m", "6u", "7n"].map(grpcTimeout)).toEqual([7.2e9, 1.8e8, 4e6, 5000, 6, 0.007]);
  expect([undefined, 0, 5, "7"].map(timeoutParameter)).toEqual([null, null, 5, 7]);
});

test("rows of a caller that goes away leave the queue, and the others are answered", async () => {
  const gone = new AbortController();
  const left = fetch(server.url + path, { method: "POST", body: body(1, { id: "gone" }), signal: gone.signal });
  await queued(1);
  gone.abort();
  await expect(left).rejects.toThrow();
  await queued(0);
  const answer = await answerOf(await fetch(server.url + path, { method: "POST", body: body(2, { id: "stays" }) }));
  expect(answer.id).toBe("stays");
  expect(batches.flatMap(({ requests }) => requests.map(({ id }) => id))).toEqual(["stays"]);
  expect(await server.registry.metrics()).toContain('millwright_inference_cancelled_total{endpoint="delay",version="1"} 1');
});

test("a connection that is kept after an answer cancels nothing", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    for (let round = 0; round < 5; round++) expect((await send(server.url + path, { body: body(2), agent })).status).toBe(200);
  } finally {
    agent.destroy();
  }
  expect(await server.registry.metrics()).not.toContain("millwright_inference_cancelled_total{");
});

test("a call that is closed is never over, and one that is over stays so", async () => {
  const closed = new Call();
  closed.expireAfter(1000);
  closed.close();
  closed.cancel();
  const cancelled = new Call();
  const ends: string[] = [];
  cancelled.whenOver(({ reason }) => ends.push(reason));
  cancelled.cancel();
  cancelled.expireAfter(0);
  cancelled.cancel();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([closed.fault(), cancelled.fault()?.reason, ends]).toEqual([null, "cancelled", ["cancelled"]]);
});
