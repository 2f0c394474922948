/** What JSON can say. Integers beyond 2^53 are bigint, all other numbers are number. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;

export type JsonObject = { readonly [key: string]: Json | undefined };

// Part of ECMAScript since 2025 and of Node since 21; the type library of our target does not know them yet.
interface LosslessJson {
  parse(text: string, reviver: (key: string, value: Json, context: { readonly source?: string }) => Json): Json;
  rawJSON(text: string): JsonObject;
}
const lossless: LosslessJson = JSON as JSON & LosslessJson;

/** Sixteen digits in a row may be an integer that a double cannot hold; snapshot ids are. */
const longDigits = /\d{16}/;

/**
 * Parses JSON without losing a digit of an integer.
 *
 * @throws SyntaxError as `JSON.parse` does.
 */
export function parseJson(text: string): Json {
  if (!longDigits.test(text)) return JSON.parse(text) as Json;
  return lossless.parse(text, (_key, value, context) =>
    typeof value === "number" && !Number.isSafeInteger(value) && context.source !== undefined && /^-?\d+$/.test(context.source)
      ? BigInt(context.source)
      : value,
  );
}

/** Prints what `parseJson` parsed, digit by digit. */
export function printJson(value: Json): string {
  return JSON.stringify(value, (_key, item: Json) => (typeof item === "bigint" ? lossless.rawJSON(item.toString()) : item));
}

/** A text that is equal for equal values, whatever the order of their keys; nulls and absent keys are the same. */
export function canonicalJson(value: Json): string {
  return printJson(sorted(value));
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined && item !== null);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item ?? null)]));
}

/** True for a JSON object; arrays and null are none. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
