import { describe, expect, test } from "vitest";
import { Batcher } from "../../src/serve/batch.ts";
import type { BatchDone, BatcherOptions } from "../../src/serve/batch.ts";
import { clock } from "../../src/serve/call.ts";
import type { Job, Outcome, Runner } from "../../src/serve/runner.ts";
import { bufferSize } from "../../src/serve/signature.ts";
import type { Port, Signature } from "../../src/serve/signature.ts";

const port: Port = { name: "x", datatype: "FP32", shape: [-1, 1], width: 1 };
const signature: Signature = { inputs: [port], outputs: [port] };

/** A batcher over a thread that is played: it gives back what it gets, when it is told to. */
function played(options: Partial<BatcherOptions>): {
  readonly batcher: Batcher;
  readonly started: number[];
  readonly done: BatchDone[];
  finish(): void;
  submit(rows: number): Promise<unknown>;
} {
  const started: number[] = [];
  const done: BatchDone[] = [];
  let running: (() => void) | null = null;
  const runner: Runner = {
    signature,
    idle: () => running === null,
    alive: () => 1,
    run: ({ rows, buffer }: Job) =>
      new Promise<Outcome>((resolve) => {
        started.push(clock());
        running = () => {
          running = null;
          resolve({
            kind: "done",
            buffer: new ArrayBuffer(bufferSize([port], rows)),
            inputs: buffer,
            strings: [],
            began: clock(),
            milliseconds: 0,
          });
        };
      }),
    stop: () => Promise.resolve(),
    kill: () => undefined,
  };
  const batcher = new Batcher({
    runner,
    maxBatch: 16,
    preferredBatches: [],
    maxDelayMicroseconds: 0,
    maxQueueRows: 1000,
    onBatch: (batch) => void done.push(batch),
    ...options,
  });
  return {
    batcher,
    started,
    done,
    finish: () => running?.(),
    submit: (rows) => batcher.submit("id", rows, [new Float32Array(rows)]),
  };
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** Waits in turns of the event loop, which the batcher needs too. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turns(1);
}

describe("a delay", () => {
  test.each([100, 500, 1500, 5000])("of %i microseconds is waited out, and no batch begins before", async (maxDelayMicroseconds) => {
    const { submit, started, finish } = played({ maxDelayMicroseconds });
    const late: number[] = [];
    for (let round = 0; round < 40; round++) {
      const since = clock();
      const answered = submit(1);
      await until(() => started.length === round + 1);
      finish();
      await answered;
      const waited = ((started[round] ?? 0) - since) * 1000;
      expect(waited).toBeGreaterThanOrEqual(maxDelayMicroseconds);
      late.push(waited - maxDelayMicroseconds);
    }
    // The quickest of them shows what the wait itself adds; the others show what else the machine does.
    expect(Math.min(...late)).toBeLessThan(1000);
  });

  test("ends when the batch is full, or has a preferred size", async () => {
    const { submit, started, finish, done } = played({ maxDelayMicroseconds: 60_000_000, preferredBatches: [4, 8] });
    const asked = [1, 1, 1].map(submit);
    await turns(3);
    expect(started).toHaveLength(0);
    asked.push(submit(1));
    await until(() => started.length === 1);
    // While it runs more come than the largest preferred size, and less than a batch.
    asked.push(...[1, 2, 3, 4, 1].map(submit));
    finish();
    await until(() => started.length === 2);
    finish();
    asked.push(...[5, 5, 5, 1].map(submit));
    await until(() => started.length === 3);
    finish();
    await until(() => done.length === 3);
    // 1 + 2 + 3 of 11 fit into 8; the 5 that stay and the 16 that come fill a batch of at most 16.
    expect(done.map(({ rows }) => rows)).toEqual([4, 6, 15]);
  });
});

test("without a delay the requests of one turn go together, and nobody waits for more", async () => {
  const { submit, started, finish, done } = played({});
  const asked = [1, 2, 3].map(submit);
  await until(() => started.length === 1);
  finish();
  await Promise.all(asked);
  expect(done).toMatchObject([{ rows: 6, requests: [{ rows: 1 }, { rows: 2 }, { rows: 3 }] }]);
});
