import { expect, test } from "vitest";
import { createPredictionLog, type PredictionWrite } from "../../src/monitor/prediction-log.ts";
import { isSampled, sampleBatch } from "../../src/monitor/sample.ts";
import { batchOf, signature } from "./batches.ts";

const ids = Array.from({ length: 20_000 }, (_, index) => `${index.toString(36)}-request`);

test("a sample keeps about its part of the requests, the same ones each time, and those of a smaller sample too", () => {
  const tenth = ids.filter((id) => isSampled(id, 0.1));
  const half = ids.filter((id) => isSampled(id, 0.5));
  // Five standard deviations of a binomial.
  expect(Math.abs(tenth.length - 2000)).toBeLessThan(5 * Math.sqrt(20_000 * 0.1 * 0.9));
  expect(tenth).toEqual(ids.filter((id) => isSampled(id, 0.1)));
  expect(tenth.every((id) => half.includes(id))).toBe(true);
  expect([isSampled("a", 0), isSampled("a", 1)]).toEqual([false, true]);
});

test("a request is kept whole or not at all, with its own rows", () => {
  const temps = Array.from({ length: 60 }, (_, index) => index + 0.5);
  const requests = Array.from({ length: 20 }, (_, index) => ({ id: ids[index] ?? "", rows: 3 }));
  const kept = sampleBatch(batchOf(temps, { requests }), { sample: 0.3, without: [] });
  const expected = requests.flatMap(({ id }, index) => (isSampled(id, 0.3) ? [index] : []));
  expect(expected.length).toBeGreaterThan(0);
  expect(kept?.requests.map(({ id }) => id)).toEqual(expected.map((index) => ids[index]));
  expect(kept?.rows).toBe(expected.length * 3);
  expect([...(kept?.inputs[1] ?? [])]).toEqual(expected.flatMap((index) => temps.slice(index * 3, index * 3 + 3)));
  expect(kept?.outputs[1]).toHaveLength(expected.length * 6);
});

test("the log stores what the endpoint's rule keeps, with the rate, and never the columns that are left out", async () => {
  const writes: PredictionWrite[] = [];
  const log = createPredictionLog({
    write: async (write) => void writes.push(write),
    onLoss: () => undefined,
    onFailure: () => undefined,
    rules: { delay: { sample: 0.25, without: ["carrier", "probabilities"] }, silent: { sample: 0, without: [] } },
  });
  for (const id of ids.slice(0, 40)) {
    log.add(batchOf([1, 2], { requests: [{ id, rows: 2 }] }));
    log.add(batchOf([3], { endpoint: "silent", requests: [{ id, rows: 1 }] }));
  }
  log.add(batchOf([4], { endpoint: "whole", requests: [{ id: "w", rows: 1 }] }));
  await log.stop();
  expect(writes.map(({ endpoint }) => endpoint)).toEqual(["delay", "whole"]);
  const [delay, whole] = writes;
  expect(delay?.columns.map(({ name }) => name)).toEqual([
    "prediction_id",
    "request_id",
    "predicted_at",
    "model_version",
    "sample_rate",
    "temp",
    "day",
    "night",
    "input_request_id",
    "label",
  ]);
  expect(JSON.stringify(delay?.rows, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value))).not.toContain("UA");
  expect(delay?.rows.map((row) => row[1])).toEqual(
    ids
      .slice(0, 40)
      .filter((id) => isSampled(id, 0.25))
      .flatMap((id) => [id, id]),
  );
  expect(new Set(delay?.rows.map((row) => row[4]))).toEqual(new Set([0.25]));
  expect(whole?.rows.map((row) => row[4])).toEqual([1]);
  expect(whole?.columns).toHaveLength(5 + signature.inputs.length + 3);
});
