import type { Tensor } from "onnxruntime-node";
import type { TrainingColumn } from "../columns.ts";
import { modelInput } from "./inputs.ts";
import { missingNumber } from "../preparation.ts";

/** A raw feature's values as a request to the model holds them; shape `[rows, 1]`. */
export interface RawTensor {
  readonly name: string;
  readonly type: "string" | "int64" | "bool" | "float64";
  readonly values: string[] | BigInt64Array | Uint8Array | Float64Array;
}

/** Rows `[from, to)` of raw columns, as tensors. */
export function rawTensors(columns: readonly TrainingColumn[], from: number, to: number): readonly RawTensor[] {
  return columns.map((column): RawTensor => {
    const { name } = column;
    if (column.kind === "text")
      return { name, type: "string", values: Array.from(column.codes.subarray(from, to), (code) => column.dictionary[code] ?? "") };
    if (column.kind === "boolean") return { name, type: "bool", values: column.values.slice(from, to) };
    const values = column.values.slice(from, to);
    if (modelInput(name, column.type).datatype !== "INT64") return { name, type: "float64", values };
    return { name, type: "int64", values: BigInt64Array.from(values, (value) => BigInt(Number.isNaN(value) ? missingNumber : value)) };
  });
}

/** What ONNX Runtime is fed with for these rows. */
export async function feedsOf(columns: readonly TrainingColumn[], from: number, to: number): Promise<Record<string, Tensor>> {
  const runtime = await import("onnxruntime-node");
  const shape = [to - from, 1];
  return Object.fromEntries(
    rawTensors(columns, from, to).map(({ name, values }) => {
      if (Array.isArray(values)) return [name, new runtime.Tensor("string", values, shape)];
      if (values instanceof BigInt64Array) return [name, new runtime.Tensor("int64", values, shape)];
      if (values instanceof Uint8Array) return [name, new runtime.Tensor("bool", values, shape)];
      return [name, new runtime.Tensor("float64", values, shape)];
    }),
  );
}
