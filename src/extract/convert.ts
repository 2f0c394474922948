import type { DuckDBValue } from "@duckdb/node-api";
import type * as DuckDB from "@duckdb/node-api";
import type { ColumnType } from "../define/column.ts";
import type { Value } from "../systems/roles.ts";
import { dateDays, decimalDigits, timestampMicros } from "./text.ts";

/** A value as DuckDB takes it for one column's type; undefined when it does not fit. Nulls are the caller's. */
export type Converter = (value: Exclude<Value, null>) => DuckDBValue | undefined;

const integerText = /^[+-]?\d+$/;
const numberText = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const booleans: Readonly<Record<string, boolean>> = { true: true, t: true, "1": true, false: false, f: false, "0": false };

/** The converter of a type. Nothing is guessed and nothing is lost: a value either fits exactly or not at all. */
export function converterOf(type: ColumnType, library: typeof DuckDB): Converter {
  switch (type) {
    case "boolean":
      return toBoolean;
    case "integer":
      return toInteger;
    case "bigint":
      return toBigint;
    case "double":
      return toDouble;
    case "text":
      return toText;
    case "date":
      return (value) => {
        const days = toDays(value);
        return days === undefined ? undefined : new library.DuckDBDateValue(days);
      };
    case "timestamp":
      return (value) => {
        const micros = toMicros(value);
        return micros === undefined ? undefined : new library.DuckDBTimestampValue(micros);
      };
    case "binary":
      return (value) => (value instanceof Uint8Array ? new library.DuckDBBlobValue(value) : undefined);
    default: {
      const [width, scale] = decimalSize(type);
      return (value) => {
        const digits = toDecimal(value, width, scale);
        return digits === undefined ? undefined : new library.DuckDBDecimalValue(digits, width, scale);
      };
    }
  }
}

/** Precision and scale of `decimal(p,s)`. */
export function decimalSize(type: `decimal(${number},${number})`): [precision: number, scale: number] {
  const [width, scale] = type.slice(8, -1).split(",").map(Number);
  return [width ?? 38, scale ?? 0];
}

function toBoolean(value: Exclude<Value, null>): boolean | undefined {
  if (typeof value === "boolean") return value;
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") return booleans[String(value).toLowerCase()];
  return undefined;
}

function toInteger(value: Exclude<Value, null>): number | undefined {
  const number =
    typeof value === "number"
      ? value
      : typeof value === "bigint"
        ? Number(value)
        : typeof value === "string" && integerText.test(value)
          ? Number(value)
          : Number.NaN;
  return (number | 0) === number ? number | 0 : undefined;
}

function toBigint(value: Exclude<Value, null>): bigint | undefined {
  // A number above 2^53 is no longer the one that the source holds.
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (typeof value === "string" && integerText.test(value)) value = BigInt(value.startsWith("+") ? value.slice(1) : value);
  return typeof value === "bigint" && BigInt.asIntN(64, value) === value ? value : undefined;
}

function toDouble(value: Exclude<Value, null>): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "string") return undefined;
  if (numberText.test(value)) return Number(value);
  if (/^nan$/i.test(value)) return Number.NaN;
  return /^[+-]?inf(inity)?$/i.test(value) ? (value.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY) : undefined;
}

function toText(value: Exclude<Value, null>): string | undefined {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return undefined;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
  return String(value);
}

function toMicros(value: Exclude<Value, null>): bigint | undefined {
  if (typeof value === "string") return timestampMicros(value);
  return value instanceof Date && !Number.isNaN(value.getTime()) ? BigInt(value.getTime()) * 1000n : undefined;
}

function toDays(value: Exclude<Value, null>): number | undefined {
  if (typeof value === "string") return dateDays(value);
  if (!(value instanceof Date)) return undefined;
  const days = value.getTime() / 86_400_000;
  return Number.isInteger(days) ? days : undefined;
}

function toDecimal(value: Exclude<Value, null>, width: number, scale: number): bigint | undefined {
  if (typeof value === "bigint") return decimalDigits(String(value), width, scale);
  if (typeof value === "string") return decimalDigits(value, width, scale);
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
  // A float stands for the decimal that is nearest to it (0.1 + 0.2 for 0.3), so only noise may be rounded away.
  const rounded = value.toFixed(Math.min(scale, 100));
  if (Math.abs(Number(rounded) - value) > Math.abs(value) * 1e-14) return undefined;
  return decimalDigits(rounded.includes("e") ? BigInt(value).toString() : rounded, width, scale);
}
