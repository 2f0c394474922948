import type { ColumnType } from "../../define/column.ts";
import type { ElementType } from "./proto.ts";

/**
 * One input of a model: a raw feature, shape `[-1, 1]`.
 * Datatypes are the Open Inference Protocol's:
 * - `FP64`: every number, whole or not, because a missing one is NaN;
 * - `BYTES`: text in UTF-8; missing is the empty text;
 * - `BOOL`: missing is false;
 * - `INT64`: dates as days since 1970-01-01, timestamps as microseconds since then in UTC; missing is the smallest 64-bit integer.
 */
export interface ModelInput {
  readonly name: string;
  readonly type: ColumnType;
  readonly datatype: "FP64" | "BYTES" | "BOOL" | "INT64";
}

/** How a column enters a model. */
export function modelInput(name: string, type: ColumnType): ModelInput {
  switch (type) {
    case "text":
      return { name, type, datatype: "BYTES" };
    case "boolean":
      return { name, type, datatype: "BOOL" };
    case "date":
    case "timestamp":
      return { name, type, datatype: "INT64" };
    case "binary":
      throw new Error(`the binary column ${name} cannot be a feature`);
    default:
      return { name, type, datatype: "FP64" };
  }
}

/** ONNX's element type for each datatype. */
export const elementTypeOf: Readonly<Record<ModelInput["datatype"], ElementType>> = {
  FP64: "double",
  BYTES: "string",
  BOOL: "boolean",
  INT64: "int64",
};
