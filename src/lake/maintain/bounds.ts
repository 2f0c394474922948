import type { Json } from "../catalog/json.ts";

/**
 * A value in the single-value serialisation of Iceberg's specification (appendix D), from DuckDB's text for it; null where the type has none that
 * we write, and where the text is nothing exact (infinity, years that do not fit).
 */
export function serialised(type: Json, text: string): Buffer | null {
  if (typeof type !== "string") return null;
  const decimal = /^decimal\((\d+),\s*(\d+)\)$/.exec(type);
  if (decimal) return decimalBytes(text, Number(decimal[2]));
  switch (type) {
    case "boolean":
      return /^(1|true|0|false)$/.test(text) ? Buffer.from([text === "1" || text === "true" ? 1 : 0]) : null;
    case "int":
      return /^-?\d+$/.test(text) ? fixed(4, (bytes) => bytes.writeInt32LE(Number(text))) : null;
    case "long":
      return /^-?\d+$/.test(text) ? fixed(8, (bytes) => bytes.writeBigInt64LE(BigInt(text))) : null;
    case "float":
      return finite(text) ? fixed(4, (bytes) => bytes.writeFloatLE(Number(text))) : null;
    case "double":
      return finite(text) ? fixed(8, (bytes) => bytes.writeDoubleLE(Number(text))) : null;
    case "date": {
      const microseconds = instant(`${text} 00:00:00`);
      return microseconds === null ? null : fixed(4, (bytes) => bytes.writeInt32LE(Number(microseconds / 86_400_000_000n)));
    }
    case "timestamp":
    case "timestamptz": {
      const microseconds = instant(text.replace(/\+00(:00)?$/, ""));
      return microseconds === null ? null : fixed(8, (bytes) => bytes.writeBigInt64LE(microseconds));
    }
    case "string":
      return Buffer.from(text, "utf8");
    default:
      return null;
  }
}

function fixed(length: number, write: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(length);
  write(bytes);
  return bytes;
}

function finite(text: string): boolean {
  return text !== "" && Number.isFinite(Number(text));
}

/** `2026-01-01 09:00:00.5` to microseconds since 1970. */
function instant(text: string): bigint | null {
  const [, seconds, fraction = ""] = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.(\d{1,6}))?$/.exec(text) ?? [];
  if (seconds === undefined) return null;
  const milliseconds = Date.parse(`${seconds.replace(" ", "T")}Z`);
  return Number.isNaN(milliseconds) ? null : BigInt(milliseconds) * 1000n + BigInt(fraction.padEnd(6, "0"));
}

/** The unscaled value in two's complement, big-endian, in as few bytes as hold it. */
function decimalBytes(text: string, scale: number): Buffer | null {
  const [, sign, whole, fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === undefined || fraction.length > scale) return null;
  const unscaled = BigInt(`${sign}${whole}${fraction.padEnd(scale, "0")}`);
  let length = 1;
  while (BigInt.asIntN(length * 8, unscaled) !== unscaled) length += 1;
  return Buffer.from(
    BigInt.asUintN(length * 8, unscaled)
      .toString(16)
      .padStart(length * 2, "0"),
    "hex",
  );
}
