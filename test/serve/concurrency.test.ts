import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { PredictionBatch } from "../../src/serve/prediction.ts";
import { startInference } from "../../src/serve/server.ts";
import type { InferenceOptions, InferenceServer } from "../../src/serve/server.ts";
import { answerOf, expectedProbability, jsonRequest, modelFolder, probabilityIn, rowOf, smallModel } from "./model.ts";
import type { ModelFolder, Row } from "./model.ts";

let folder: ModelFolder;
let server: InferenceServer;
let batches: PredictionBatch[];

beforeEach(async () => {
  folder = await modelFolder();
  batches = [];
});

afterEach(async () => {
  await server.stop();
  await folder.remove();
});

async function start(options: Partial<InferenceOptions> = {}, model = smallModel()): Promise<void> {
  const file = await folder.write("model.onnx", model);
  server = await startInference({
    models: [{ name: "delay", version: "1", file }],
    onPrediction: (batch) => void batches.push(batch),
    ...options,
  });
}

const infer = (rows: readonly Row[], id?: string): Promise<Response> =>
  fetch(`${server.url}/v2/models/delay/infer`, { method: "POST", body: JSON.stringify(jsonRequest(rows, id === undefined ? {} : { id })) });

const sequence = (length: number): number[] => Array.from({ length }, (_, index) => index);

describe("requests at the same time", () => {
  test.each([1, 2])("64 at once, each row different, get their own answers from %i threads", async (workers) => {
    await start({ workers, maxBatch: 16 });
    const answers = await Promise.all(sequence(64).map(async (index) => answerOf(await infer([rowOf(index)], `request ${index}`))));
    answers.forEach((answer, index) => {
      expect(answer.id).toBe(`request ${index}`);
      expect(probabilityIn(answer)).toBeCloseTo(expectedProbability(rowOf(index)), 5);
    });
  });

  test("of different sizes share batches, and a request larger than a batch goes alone", async () => {
    await start({ maxBatch: 16 });
    const sizes = sequence(40).map((index) => (index === 20 ? 50 : 1 + (index % 5)));
    const rows = sizes.map((size, request) => sequence(size).map((row) => rowOf(request * 100 + row)));
    const answers = await Promise.all(rows.map(async (each) => answerOf(await infer(each))));
    answers.forEach((answer, request) =>
      rows[request]?.forEach((row, index) => expect(probabilityIn(answer, index)).toBeCloseTo(expectedProbability(row), 5)),
    );
    expect(batches.every((batch) => batch.rows <= 16 || batch.requests.length === 1)).toBe(true);
  });

  test("are really batched: fewer runs of the model than requests, never more rows than the limit", async () => {
    await start({ maxBatch: 16, maxDelayMicroseconds: 1_000_000 });
    await Promise.all(sequence(64).map(async (index) => (await infer([rowOf(index)])).text()));
    await vi.waitFor(() => expect(batches.reduce((sum, { rows }) => sum + rows, 0)).toBe(64));
    expect(batches.length).toBeLessThanOrEqual(16);
    expect(Math.max(...batches.map(({ rows }) => rows))).toBeLessThanOrEqual(16);
  });

  test("one alone waits for the delay, and not for others", async () => {
    await start({ maxDelayMicroseconds: 30_000 });
    await (await infer([rowOf(0)])).text();
    const begin = performance.now();
    await (await infer([rowOf(0)])).text();
    const waited = performance.now() - begin;
    expect(waited).toBeGreaterThanOrEqual(29);
    expect(batches.at(-1)?.rows).toBe(1);
  });
});

test("predictions are handed on with their requests, inputs as the model saw them, and outputs", async () => {
  await start();
  await (await infer([rowOf(1), rowOf(4), rowOf(7)], "mine")).text();
  await vi.waitFor(() => expect(batches).toHaveLength(1));
  const [batch] = batches;
  expect(batch).toMatchObject({ endpoint: "delay", version: "1", rows: 3, requests: [{ id: "mine", rows: 3 }] });
  expect(batch?.inputs).toEqual([
    ["AA", "", "DL"],
    Float64Array.of(3.5, 14, NaN),
    BigInt64Array.of(1n, 4n, 7n),
    Uint8Array.of(0, 1, 0),
    Float32Array.of(0.125, 0.5, 0.875),
  ]);
  expect(batch?.outputs[1]?.[5]).toBeCloseTo(expectedProbability(rowOf(7)), 5);
});

test("a prediction callback that throws is counted and fails no request", async () => {
  await start({
    onPrediction: () => {
      throw new Error("the lake is away");
    },
  });
  expect((await infer([rowOf(1)])).status).toBe(200);
  await vi.waitFor(async () => expect(await server.registry.metrics()).toContain("millwright_inference_callback_failures_total 1"));
});

test("a row that the model cannot evaluate fails its own request only", async () => {
  await start({ maxBatch: 64, maxDelayMicroseconds: 1_000_000 }, smallModel({ fragile: true }));
  const rows = sequence(32).map((index) => ({ ...rowOf(index), day: index % 8 === 3 ? 99 : 5 }));
  const answers = await Promise.all(rows.map(async (row) => answerOf(await infer([row]))));
  answers.forEach((answer, index) => {
    if (index % 8 === 3) expect(answer.error).toMatch(/^the model cannot evaluate these inputs/);
    else expect(probabilityIn(answer)).toBeCloseTo(expectedProbability(rows[index] ?? rowOf(0)), 5);
  });
});

test("when too many rows wait, requests are refused with 503 and Retry-After, and the others are answered", async () => {
  await start({ maxQueueRows: 10, maxDelayMicroseconds: 1_000_000 });
  const replies = await Promise.all(sequence(30).map((index) => infer([rowOf(index)])));
  const refused = replies.filter(({ status }) => status === 503);
  expect(replies.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(10);
  expect(refused.length).toBeGreaterThan(0);
  for (const reply of refused) {
    expect(reply.headers.get("retry-after")).toBe("1");
    expect((await answerOf(reply)).error).toMatch(/rows wait already; at most 10 may$/);
  }
  expect((await infer([rowOf(1)])).status).toBe(200);
});

test("stopping answers what has been asked", async () => {
  await start({ maxDelayMicroseconds: 100_000 });
  const asked = sequence(8).map((index) => infer([rowOf(index)]));
  await vi.waitFor(async () => expect(await server.registry.metrics()).toContain('queue_rows{endpoint="delay"} 8'));
  const stopped = server.stop();
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(sequence(8).map(() => 200));
  await stopped;
  await expect(fetch(`${server.url}/v2/health/live`)).rejects.toThrow();
});
