import type * as Arrow from "apache-arrow";
import type { Value } from "../roles.ts";

export type ResultRow = Readonly<Record<string, Value>>;

/** The value at an index of one of a column's batches; null values are not asked for. */
type Reader = (index: number) => Value;

/**
 * The rows of an Arrow stream, in the same values as DuckDB's rows: integers within 2^53 as numbers, larger ones and decimals as text,
 * dates and timestamps as ISO 8601 text (timestamps in UTC, a fraction without trailing zeros), what is no finite number as null.
 */
export function rowsOf(arrow: typeof Arrow, bytes: Uint8Array): ResultRow[] {
  const table = arrow.tableFromIPC(bytes);
  const names = table.schema.fields.map(({ name }) => name);
  return table.batches.flatMap((batch) => {
    const columns = batch.data.children.map((data) => columnOf(arrow, data));
    return Array.from({ length: batch.numRows }, (_, index) =>
      Object.fromEntries(names.map((name, position) => [name, columns[position]?.(index) ?? null])),
    );
  });
}

function columnOf(arrow: typeof Arrow, data: Arrow.Data): Reader {
  const read = readerOf(arrow, data);
  return (index) => (data.getValid(index) ? read(index) : null);
}

function readerOf(arrow: typeof Arrow, data: Arrow.Data): Reader {
  const { DataType } = arrow;
  const { type, values } = data;
  // Times are read as they were sent: the library would give numbers of milliseconds, which lose the microseconds.
  if (DataType.isTimestamp(type) && values instanceof BigInt64Array) return (index) => timestampText(values[index] ?? 0n);
  if (DataType.isDate(type) && values instanceof Int32Array)
    return (index) => new Date((values[index] ?? 0) * 86_400_000).toISOString().slice(0, -14);
  if (DataType.isDecimal(type) && values instanceof Uint32Array)
    return (index) => decimalText(values.subarray(index * 4, index * 4 + 4), type.scale);
  const vector = arrow.makeVector(data);
  return (index) => plainValue(vector.get(index));
}

function plainValue(value: unknown): Value {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (value instanceof Uint8Array) return escapedBytes(value);
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === "bigint" ? plainValue(part) : part));
}

/** Microseconds since 1970 as `2013-01-01T10:15:00.25Z`. */
function timestampText(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((micros - fraction) / 1_000n)).toISOString().slice(0, -5);
  return `${seconds}${fraction === 0n ? "" : `.${String(fraction).padStart(6, "0").replace(/0+$/, "")}`}Z`;
}

/** A 128-bit number of four words, the lowest first, with so many digits after the point. */
function decimalText(words: Uint32Array, scale: number): string {
  const unsigned = words.reduceRight((total, word) => (total << 32n) | BigInt(word), 0n);
  const number = BigInt.asIntN(128, unsigned);
  const digits = String(number < 0n ? -number : number).padStart(scale + 1, "0");
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return number < 0n ? `-${text}` : text;
}

/** Bytes as DuckDB shows them: printable ASCII but quotes as it is, the rest as `\xFF`. */
function escapedBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x27
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).toUpperCase().padStart(2, "0")}`,
  ).join("");
}
