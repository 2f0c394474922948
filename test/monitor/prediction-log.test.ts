import { Registry } from "prom-client";
import { describe, expect, test, vi } from "vitest";
import { createPredictionLog } from "../../src/monitor/prediction-log.ts";
import type { PredictionLog, PredictionLogOptions, PredictionLoss, PredictionWrite } from "../../src/monitor/prediction-log.ts";
import { predictionColumns } from "../../src/monitor/prediction-rows.ts";
import { batchOf, signature } from "./batches.ts";

interface Recorded {
  readonly log: PredictionLog;
  readonly writes: PredictionWrite[];
  readonly losses: PredictionLoss[];
  readonly failures: unknown[];
}

function start(options: Partial<PredictionLogOptions> = {}): Recorded {
  const writes: PredictionWrite[] = [];
  const losses: PredictionLoss[] = [];
  const failures: unknown[] = [];
  const log = createPredictionLog({
    write: async (write) => void writes.push(write),
    onLoss: (loss) => losses.push(loss),
    onFailure: (_, error) => failures.push(error),
    ...options,
  });
  return { log, writes, losses, failures };
}

const twenty = Array.from({ length: 20 }, (_, index) => index);

test("a table of predictions has ids, time, version, inputs and outputs, under names that differ", () => {
  expect(predictionColumns(signature)).toEqual([
    { name: "prediction_id", type: "text" },
    { name: "request_id", type: "text" },
    { name: "predicted_at", type: "timestamp" },
    { name: "model_version", type: "text" },
    { name: "sample_rate", type: "double" },
    { name: "carrier", type: "text" },
    { name: "temp", type: "double" },
    { name: "day", type: "bigint" },
    { name: "night", type: "boolean" },
    { name: "input_request_id", type: "integer" },
    { name: "label", type: "bigint" },
    { name: "probabilities_0", type: "double" },
    { name: "probabilities_1", type: "double" },
  ]);
});

test("stop writes what is kept: each row with its request, and null where the input was missing", async () => {
  const { log, writes } = start();
  log.add(
    batchOf([NaN, 21.5, 22], {
      requests: [
        { id: "a", rows: 1 },
        { id: "b", rows: 2 },
      ],
    }),
  );
  await log.stop();
  expect(writes).toHaveLength(1);
  const rows = writes[0]?.rows ?? [];
  const time = new Date("2013-01-01T00:00:00Z");
  expect(rows.map((row) => row.slice(1))).toEqual([
    ["a", time, "3", 1, null, null, null, false, 0, 1n, 0.25, 0.75],
    ["b", time, "3", 1, "UA", 21.5, 1n, true, 1, 1n, 0.25, 0.75],
    ["b", time, "3", 1, "UA", 22, 2n, false, 2, 1n, 0.25, 0.75],
  ]);
  expect(new Set(rows.map((row) => row[0])).size).toBe(3);
  expect(log.counts()).toEqual({ buffered: 0, written: 3, dropped: 0 });
});

describe("a flush", () => {
  test("comes by itself after enough rows", async () => {
    const { log, writes } = start({ flushRows: 40, flushSeconds: 60 });
    log.add(batchOf(twenty));
    log.add(batchOf(twenty));
    await vi.waitFor(() => expect(writes.map(({ rows }) => rows.length)).toEqual([40]));
    await log.stop();
  });

  test("comes by itself after a while", async () => {
    const { log, writes } = start({ flushSeconds: 0.05 });
    log.add(batchOf(twenty));
    await vi.waitFor(() => expect(writes).toHaveLength(1));
    await log.stop();
  });

  test("writes endpoints, and versions with other inputs, apart and in order", async () => {
    const { log, writes } = start({ flushRows: 50 });
    const other = { ...signature, inputs: signature.inputs.slice(0, 2) };
    log.add(batchOf(twenty));
    log.add(batchOf(twenty, { endpoint: "gate" }));
    log.add(batchOf(twenty, { signature: other, version: "4" }));
    log.add(batchOf(twenty, { endpoint: "gate" }));
    await log.stop();
    expect(writes.map(({ endpoint, columns, rows }) => [endpoint, columns.length, rows.length])).toEqual([
      ["delay", 13, 20],
      ["gate", 13, 40],
      ["delay", 10, 20],
    ]);
  });
});

describe("a slow or failing store", () => {
  test("that fails gets the same rows with the same ids again, and nothing twice after", async () => {
    let calls = 0;
    const writes: PredictionWrite[] = [];
    const tried: PredictionWrite[] = [];
    const { log, failures } = start({
      write: async (write) => {
        tried.push(write);
        if (++calls <= 2) throw new Error("the lake is away");
        writes.push(write);
      },
    });
    log.add(batchOf(twenty));
    await log.flush();
    expect(log.counts()).toEqual({ buffered: 20, written: 0, dropped: 0 });
    await log.stop();
    expect(failures).toHaveLength(2);
    expect(tried[2]?.rows).toEqual(tried[0]?.rows);
    expect(tried.map(({ repeated }) => repeated)).toEqual([false, true, true]);
    expect(writes).toHaveLength(1);
    expect(log.counts()).toEqual({ buffered: 0, written: 20, dropped: 0 });
  });

  test("that is slower than the predictions costs the newest rows, which are counted and told", async () => {
    let release = (): void => undefined;
    const opened = new Promise<void>((resolve) => (release = resolve));
    const registry = new Registry();
    const { log, losses } = start({ write: () => opened, flushRows: 20, maxRows: 40, registry });
    for (let each = 0; each < 5; each++) log.add(batchOf(twenty));
    expect(log.counts()).toEqual({ buffered: 40, written: 0, dropped: 60 });
    expect(losses).toEqual([{ endpoint: "delay", rows: 20, reason: "buffer-full" }]);
    expect(await registry.metrics()).toContain('millwright_prediction_log_dropped_rows_total{endpoint="delay"} 60');
    release();
    await log.stop();
    expect(log.counts()).toEqual({ buffered: 0, written: 40, dropped: 60 });
    expect(losses.reduce((sum, { rows }) => sum + rows, 0)).toBe(60);
    expect(await registry.metrics()).toContain("millwright_prediction_log_buffered_rows 0");
  });

  test("that never comes back does not hold the stop, and the rest is told as lost", async () => {
    const { log, losses } = start({ write: () => new Promise(() => undefined), stopSeconds: 0.1 });
    log.add(batchOf(twenty));
    await log.stop();
    expect(losses).toEqual([{ endpoint: "delay", rows: 20, reason: "stopped" }]);
    expect(log.counts()).toEqual({ buffered: 0, written: 0, dropped: 20 });
  });
});
