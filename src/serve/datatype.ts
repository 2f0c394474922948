/** The tensor types of the Open Inference Protocol that are served; FP16 and BF16 are not. */
export type Datatype = "BOOL" | "INT8" | "INT16" | "INT32" | "INT64" | "UINT8" | "UINT16" | "UINT32" | "UINT64" | "FP32" | "FP64" | "BYTES";

export type NumericDatatype = Exclude<Datatype, "BYTES">;

export type NumericData =
  | Int8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

/** The elements of a tensor in row-major order; BOOL is a Uint8Array of 0 and 1, BYTES are strings. */
export type Data = NumericData | string[];

/** What an element of a type is, in the protocol, in ONNX and in memory. */
export interface DatatypeFacts {
  /** ONNX Runtime's name of the type. */
  readonly onnx: string;
  /** The type's name in Triton's model configuration. */
  readonly triton: string;
  readonly kind: "boolean" | "integer" | "float" | "bytes";
  /** Bytes of an element; 0 for BYTES, whose elements differ. */
  readonly size: number;
  /** Least and greatest value of BOOL and the integers; of UINT64 and INT64 rounded to a double. */
  readonly least: number;
  readonly greatest: number;
}

const integer = (onnx: string, triton: string, size: number, least: number, greatest: number): DatatypeFacts => ({
  onnx,
  triton,
  kind: "integer",
  size,
  least,
  greatest,
});
const signed = (bits: number): DatatypeFacts => integer(`int${bits}`, `TYPE_INT${bits}`, bits / 8, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1);
const unsigned = (bits: number): DatatypeFacts => integer(`uint${bits}`, `TYPE_UINT${bits}`, bits / 8, 0, 2 ** bits - 1);
const unbounded = { least: -Infinity, greatest: Infinity };

export const datatypes: Readonly<Record<Datatype, DatatypeFacts>> = Object.freeze({
  BOOL: { onnx: "bool", triton: "TYPE_BOOL", kind: "boolean", size: 1, least: 0, greatest: 1 },
  INT8: signed(8),
  INT16: signed(16),
  INT32: signed(32),
  INT64: signed(64),
  UINT8: unsigned(8),
  UINT16: unsigned(16),
  UINT32: unsigned(32),
  UINT64: unsigned(64),
  FP32: { onnx: "float32", triton: "TYPE_FP32", kind: "float", size: 4, ...unbounded },
  FP64: { onnx: "float64", triton: "TYPE_FP64", kind: "float", size: 8, ...unbounded },
  BYTES: { onnx: "string", triton: "TYPE_STRING", kind: "bytes", size: 0, ...unbounded },
});

export function isDatatype(name: unknown): name is Datatype {
  return typeof name === "string" && Object.hasOwn(datatypes, name);
}

/** The protocol's type for ONNX Runtime's name; null when it is not served. */
export function datatypeOfOnnx(onnx: string): Datatype | null {
  for (const [name, facts] of Object.entries(datatypes)) if (facts.onnx === onnx && isDatatype(name)) return name;
  return null;
}

/** Elements of a type over a part of a buffer, which starts at a multiple of the element's size. */
export function numericView(datatype: NumericDatatype, buffer: ArrayBuffer, offset: number, length: number): NumericData {
  switch (datatype) {
    case "INT8":
      return new Int8Array(buffer, offset, length);
    case "INT16":
      return new Int16Array(buffer, offset, length);
    case "INT32":
      return new Int32Array(buffer, offset, length);
    case "INT64":
      return new BigInt64Array(buffer, offset, length);
    case "BOOL":
    case "UINT8":
      return new Uint8Array(buffer, offset, length);
    case "UINT16":
      return new Uint16Array(buffer, offset, length);
    case "UINT32":
      return new Uint32Array(buffer, offset, length);
    case "UINT64":
      return new BigUint64Array(buffer, offset, length);
    case "FP32":
      return new Float32Array(buffer, offset, length);
    case "FP64":
      return new Float64Array(buffer, offset, length);
  }
}

/** Room for elements of a numeric type, all zero. By length rather than over a buffer of its own, which is far slower for a few elements. */
export function zeros(datatype: NumericDatatype, length: number): NumericData {
  switch (datatype) {
    case "INT8":
      return new Int8Array(length);
    case "INT16":
      return new Int16Array(length);
    case "INT32":
      return new Int32Array(length);
    case "INT64":
      return new BigInt64Array(length);
    case "BOOL":
    case "UINT8":
      return new Uint8Array(length);
    case "UINT16":
      return new Uint16Array(length);
    case "UINT32":
      return new Uint32Array(length);
    case "UINT64":
      return new BigUint64Array(length);
    case "FP32":
      return new Float32Array(length);
    case "FP64":
      return new Float64Array(length);
  }
}

/** Whether the elements are bigints. */
export function isWide(data: Data): data is BigInt64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer> {
  return data instanceof BigInt64Array || data instanceof BigUint64Array;
}
