import { isUtf8 } from "node:buffer";
import { datatypes, isWide, numericView, zeros } from "./datatype.ts";
import type { Data, Datatype, NumericData, NumericDatatype } from "./datatype.ts";
import { stringsFromBytes } from "./bytes.ts";
import { Fault, shown } from "./fault.ts";

/** What an INT64 input takes for a missing date or timestamp. */
export const smallestInteger: bigint = -(2n ** 63n);

/**
 * Numbers sent as one type, as the model's: to a float input rounded to its precision (but never to infinity),
 * to an integer input only when they are that integer, to BOOL only as 0 and 1. NaN means missing: a float input takes it.
 * @throws Fault 400 that names the input, the element and why
 */
export function numbers(input: string, to: NumericDatatype, length: number, element: (index: number) => number | bigint): NumericData {
  const data = zeros(to, length);
  if (isWide(data)) {
    for (let index = 0; index < length; index++) data[index] = wideInteger(element(index), to) ?? refuse(input, to, index, element(index));
  } else {
    for (let index = 0; index < length; index++) data[index] = number(element(index), to) ?? refuse(input, to, index, element(index));
  }
  return data;
}

function number(value: number | bigint, to: Datatype): number | null {
  const result = Number(value);
  const { kind, least, greatest } = datatypes[to];
  if (kind === "float") return to === "FP32" && Number.isFinite(result) && !Number.isFinite(Math.fround(result)) ? null : result;
  return Number.isInteger(result) && result >= least && result <= greatest ? result : null;
}

function wideInteger(value: number | bigint, to: Datatype): bigint | null {
  if (typeof value === "number" && !Number.isInteger(value)) return null;
  const result = BigInt(value);
  const held = to === "INT64" ? BigInt.asIntN(64, result) : BigInt.asUintN(64, result);
  return held === result ? result : null;
}

function refuse(input: string, to: Datatype, index: number, value: number | bigint): never {
  const why =
    to === "BOOL"
      ? "is neither 0 nor 1, as the input's type BOOL asks"
      : to === "FP32"
        ? "is beyond the range of the input's type FP32"
        : `is no integer within the input's type ${to}`;
  const sent = typeof value === "number" && Number.isNaN(value) ? "a missing value" : String(value);
  throw new Fault(400, "wrong-value", `input '${input}', element ${index}: ${sent} ${why}`);
}

/** Refuses text for a number and the reverse. */
export function checkConvertible(input: string, from: Datatype, to: Datatype): void {
  if ((from === "BYTES") === (to === "BYTES")) return;
  throw new Fault(400, "wrong-type", `input '${input}' is ${to}; the request sends ${from}`);
}

/**
 * How `null` in JSON reaches the model, as src/train/onnx/inputs.ts has it: NaN, an empty text, false, or the smallest
 * 64-bit integer. The other integer types have no value for it.
 */
function missingValue(to: NumericDatatype): number | bigint {
  return to === "BOOL" ? 0 : to === "INT64" ? smallestInteger : NaN;
}

/**
 * Elements of a JSON request, flat, as the model's type; null means missing.
 * An integer beyond 2^53 is refused, because JSON has lost its last digits.
 */
export function dataFromJson(input: string, from: Datatype, to: Datatype, values: readonly unknown[]): Data {
  checkConvertible(input, from, to);
  if (to === "BYTES")
    return values.map((value, index) => (typeof value === "string" ? value : value === null ? "" : refuseJson(input, from, index, value)));
  const { kind, least, greatest } = datatypes[from];
  const missing = missingValue(to);
  return numbers(input, to, values.length, (index) => {
    const value = values[index];
    if (value === null) return missing;
    if (kind === "boolean") return typeof value === "boolean" ? Number(value) : refuseJson(input, from, index, value);
    if (typeof value !== "number" || !Number.isFinite(value)) return refuseJson(input, from, index, value);
    if (kind === "float") return value;
    if (!Number.isInteger(value) || value < least || value > greatest) return refuseJson(input, from, index, value);
    if (Number.isSafeInteger(value)) return value;
    throw new Fault(
      400,
      "wrong-value",
      `input '${input}', element ${index}: an integer beyond 2^53 loses digits in JSON; send it as a binary tensor`,
    );
  });
}

function refuseJson(input: string, from: Datatype, index: number, value: unknown): never {
  const sent = value === Infinity || value === -Infinity ? "a number beyond the range of FP64" : shown(value);
  throw new Fault(400, "wrong-value", `input '${input}', element ${index}: ${sent} is no ${from}`);
}

/** Elements of a binary tensor as the model's type; numbers are little-endian, as the protocol says. */
export function dataFromBytes(input: string, from: Datatype, to: Datatype, length: number, bytes: Buffer): Data {
  checkConvertible(input, from, to);
  if (from === "BYTES" || to === "BYTES") return stringsFromBytes(input, length, bytes);
  const size = length * datatypes[from].size;
  if (bytes.length !== size)
    throw new Fault(
      400,
      "wrong-size",
      `input '${input}': ${length} elements of ${from} take ${size} bytes; its binary_data_size is ${bytes.length}`,
    );
  // A copy, because the request's buffer may start at any address and a typed array must be aligned.
  const copy = new ArrayBuffer(size);
  new Uint8Array(copy).set(bytes);
  const view = numericView(from, copy, 0, length);
  if (from === to && from !== "BOOL") return view;
  return numbers(input, to, length, (index) => {
    const value = view[index] ?? 0;
    if (from !== "BOOL" || value === 0 || value === 1) return value;
    throw new Fault(400, "wrong-value", `input '${input}', element ${index}: a BOOL is the byte 0 or 1, not ${value}`);
  });
}

/** Elements of a typed list, as gRPC sends them: BYTES as buffers, 64-bit integers as decimal digits. */
export function dataFromTyped(input: string, from: Datatype, to: Datatype, elements: readonly unknown[]): Data {
  checkConvertible(input, from, to);
  if (to === "BYTES") {
    return elements.map((element, index) => {
      if (!(element instanceof Uint8Array)) return refuseJson(input, from, index, element);
      if (!isUtf8(element)) throw new Fault(400, "wrong-value", `input '${input}', element ${index} is not UTF-8`);
      return Buffer.from(element.buffer, element.byteOffset, element.byteLength).toString("utf8");
    });
  }
  const { kind, least, greatest } = datatypes[from];
  return numbers(input, to, elements.length, (index) => {
    const element = elements[index];
    if (typeof element === "string") return BigInt(element);
    if (typeof element === "boolean") return Number(element);
    if (typeof element !== "number" || (kind === "integer" && (element < least || element > greatest)))
      return refuseJson(input, from, index, element);
    return element;
  });
}
