import type { Column } from "../define/column.ts";
import type { Value } from "../systems/roles.ts";

const rawBytes = 65_536;

/** A raw line or row as the quarantine keeps it: at most 64 KiB. */
export function cutRaw(raw: string): string {
  // A UTF-16 unit takes three bytes at most.
  if (raw.length * 3 <= rawBytes) return raw;
  const bytes = Buffer.from(raw);
  return bytes.length <= rawBytes ? raw : bytes.subarray(0, rawBytes).toString();
}

/** Why a value is rejected: `air_time: text 'abc' is no integer`. */
export function misfit(column: Column, value: Value): string {
  const shown = value instanceof Uint8Array ? `${value.length} bytes` : `${kindOf(value)} '${printable(value)}'`;
  return `${column.name}: ${shown} is no ${column.type}`;
}

/** A row as JSON, to be read by a person: bytes as hexadecimal, big integers as digits. */
export function rawRow(columns: readonly Column[], row: readonly Value[]): string {
  const fields = columns.map((column, index) => `${JSON.stringify(column.name)}:${jsonValue(row[index] ?? null)}`);
  return `{${fields.join(",")}}`;
}

function jsonValue(value: Value): string {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value.subarray(0, rawBytes)).toString("hex"));
  if (typeof value === "number" && !Number.isFinite(value)) return JSON.stringify(String(value));
  if (value instanceof Date && Number.isNaN(value.getTime())) return JSON.stringify("Invalid Date");
  return JSON.stringify(value);
}

function kindOf(value: Value): string {
  if (value === null) return "null";
  if (value instanceof Date) return "timestamp";
  return typeof value === "string" ? "text" : typeof value === "boolean" ? "boolean" : "number";
}

function printable(value: Value): string {
  const text = value instanceof Date ? (Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString()) : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
