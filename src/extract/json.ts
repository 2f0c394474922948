/** A JSON object as parsed. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Parses JSON; integers that a double cannot hold become bigint, so that 64-bit identifiers survive. */
export function parseJson(text: string): unknown {
  // Only a number of 16 digits or more can be one, and a reviver slows everything else down.
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  return JSON.parse(text, function revive(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
    if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
    const source = context?.source ?? "";
    return /^-?\d+$/.test(source) ? BigInt(source) : value;
  });
}

/** The objects among lines of JSON; other lines are passed over: a sample for guessing types, the rows are read elsewhere. */
export function jsonObjects(lines: readonly string[]): JsonObject[] {
  const objects: JsonObject[] = [];
  for (const line of lines) {
    const value = parsed(line);
    if (isObject(value)) objects.push(value);
  }
  return objects;
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** A parsed value as JSON again, bigint as digits. */
export function jsonText(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (isObject(value))
    return `{${Object.entries(value)
      .map(([name, part]) => `${JSON.stringify(name)}:${jsonText(part)}`)
      .join(",")}}`;
  return JSON.stringify(value) ?? "null";
}
