import type { Column, ColumnType } from "../define/column.ts";
import type { Data, Datatype } from "../serve/datatype.ts";
import { smallestInteger } from "../serve/convert.ts";
import type { PredictionBatch } from "../serve/prediction.ts";
import type { Port, Signature } from "../serve/signature.ts";
import type { Value } from "../systems/roles.ts";

const columnTypes: Readonly<Record<Datatype, ColumnType>> = Object.freeze({
  BOOL: "boolean",
  INT8: "integer",
  INT16: "integer",
  INT32: "integer",
  UINT8: "integer",
  UINT16: "integer",
  UINT32: "bigint",
  INT64: "bigint",
  UINT64: "decimal(20,0)",
  FP32: "double",
  FP64: "double",
  BYTES: "text",
});

/** Columns that every table of predictions begins with. */
const ownColumns: readonly Column[] = Object.freeze([
  { name: "prediction_id", type: "text" },
  { name: "request_id", type: "text" },
  { name: "predicted_at", type: "timestamp" },
  { name: "model_version", type: "text" },
  { name: "sample_rate", type: "double" },
]);

/**
 * The columns of a table of predictions: `prediction_id` (unique, the key), `request_id`, `predicted_at`, `model_version`,
 * `sample_rate` (the part of the requests that was kept, so that a row stands for 1 / sample_rate of them), the inputs, then the outputs; an output of several elements a row gives a column each: `probabilities_0`, `probabilities_1`.
 * A name that stands already gets the prefix `input_` or `output_`.
 */
export function predictionColumns({ inputs, outputs }: Signature): readonly Column[] {
  const columns = [...ownColumns];
  const add = (prefix: string, port: Port): void => {
    for (let element = 0; element < port.width; element++) {
      const name = port.width === 1 ? port.name : `${port.name}_${element}`;
      const taken = columns.some((column) => column.name === name);
      columns.push({ name: taken ? `${prefix}_${name}` : name, type: columnTypes[port.datatype] });
    }
  };
  for (const port of inputs) add("input", port);
  for (const port of outputs) add("output", port);
  return columns;
}

/** A batch as rows in the order of `predictionColumns`; missing inputs are null. `nextId` gives a new `prediction_id`. */
export function predictionRows(batch: PredictionBatch, nextId: () => string, sampleRate: number): readonly (readonly Value[])[] {
  const { signature, requests } = batch;
  const time = new Date(batch.time);
  const ports = [
    ...signature.inputs.map((port, index) => ({ port, data: batch.inputs[index] })),
    ...signature.outputs.map((port, index) => ({ port, data: batch.outputs[index] })),
  ];
  const rows: Value[][] = [];
  for (const { id, rows: count } of requests) {
    for (let each = 0; each < count; each++) {
      const row: Value[] = [nextId(), id, time, batch.version, sampleRate];
      for (const { port, data } of ports) {
        const first = rows.length * port.width;
        for (let element = first; element < first + port.width; element++) row.push(valueOf(data, port.datatype, element));
      }
      rows.push(row);
    }
  }
  return rows;
}

function valueOf(data: Data | undefined, datatype: Datatype, index: number): Value {
  const value = data?.[index];
  if (value === undefined || value === "" || value === smallestInteger) return null;
  if (datatype === "BOOL") return value !== 0;
  if (datatype === "UINT64") return String(value);
  return typeof value === "number" && Number.isNaN(value) ? null : value;
}
