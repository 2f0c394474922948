import type { Data, Datatype } from "../../src/serve/datatype.ts";
import type { PredictionBatch } from "../../src/serve/prediction.ts";
import type { Port, Signature } from "../../src/serve/signature.ts";

const port = (name: string, datatype: Datatype, width?: number): Port => ({
  name,
  datatype,
  shape: width === undefined ? [-1] : [-1, width],
  width: width ?? 1,
});

/** The signature of the batches below. */
export const signature: Signature = {
  inputs: [
    port("carrier", "BYTES", 1),
    port("temp", "FP64", 1),
    port("day", "INT64", 1),
    port("night", "BOOL", 1),
    port("request_id", "INT32", 1),
  ],
  outputs: [port("label", "INT64"), port("probabilities", "FP32", 2)],
};

/** A batch of one request with the given temperatures; the first row's inputs are missing where they can be. */
export function batchOf(temps: readonly number[], more: Partial<PredictionBatch> = {}): PredictionBatch {
  const rows = temps.length;
  const inputs: Data[] = [
    temps.map((_, row) => (row === 0 ? "" : "UA")),
    Float64Array.from(temps),
    BigInt64Array.from(temps, (_, row) => (row === 0 ? -(2n ** 63n) : BigInt(row))),
    Uint8Array.from(temps, (_, row) => row % 2),
    Int32Array.from(temps, (_, row) => row),
  ];
  const outputs: Data[] = [
    BigInt64Array.from(temps, () => 1n),
    Float32Array.from({ length: rows * 2 }, (_, element) => (element % 2 === 0 ? 0.25 : 0.75)),
  ];
  return {
    endpoint: "delay",
    version: "3",
    signature,
    time: Date.UTC(2013, 0, 1),
    rows,
    requests: [{ id: "a", rows }],
    inputs,
    outputs,
    ...more,
  };
}
