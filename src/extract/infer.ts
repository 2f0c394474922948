import type { Column, ColumnType } from "../define/column.ts";
import { dateDays, timestampMicros } from "./text.ts";

export interface InferOptions {
  /**
   * What a column of whole numbers is: `double` where only a part of the data is seen, because JSON has one kind of number
   * and a later 0.5 must fit; `bigint` where all of it is. Numbers that a double cannot hold make a column bigint in any case.
   */
  readonly numbers: "double" | "bigint";
  /** Columns that are bigint nevertheless when their numbers are whole: identifiers. */
  readonly whole?: readonly string[];
}

/**
 * The columns of objects whose types nobody declared: every field that any of them has, in the order of first appearance.
 * Numbers are bigint or double, ISO 8601 texts date or timestamp; objects, lists and mixtures are text.
 */
export function inferColumns(objects: Iterable<Readonly<Record<string, unknown>>>, { numbers, whole = [] }: InferOptions): Column[] {
  const seen = new Map<string, Set<ColumnType>>();
  const exact = new Set(whole);
  for (const object of objects) {
    for (const [name, value] of Object.entries(object)) {
      let kinds = seen.get(name);
      if (kinds === undefined) seen.set(name, (kinds = new Set()));
      if (typeof value === "bigint") exact.add(name);
      const kind = kindOf(value);
      if (kind !== null) kinds.add(kind);
    }
  }
  return [...seen].map(([name, kinds]) => {
    const type = common(kinds);
    return { name, type: type === "bigint" && numbers === "double" && !exact.has(name) ? "double" : type };
  });
}

function kindOf(value: unknown): ColumnType | null {
  switch (typeof value) {
    case "boolean":
      return "boolean";
    case "bigint":
      return BigInt.asIntN(64, value) === value ? "bigint" : "double";
    case "number":
      return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? "bigint" : "double";
    case "string":
      if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return dateDays(value) === undefined ? "text" : "date";
      return /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(value) && timestampMicros(value) !== undefined ? "timestamp" : "text";
    default:
      return value === null || value === undefined ? null : "text";
  }
}

function common(kinds: ReadonlySet<ColumnType>): ColumnType {
  const [first = "text"] = kinds;
  if (kinds.size <= 1) return first;
  const only = (...types: ColumnType[]): boolean => [...kinds].every((kind) => types.includes(kind));
  if (only("bigint", "double")) return "double";
  return only("date", "timestamp") ? "timestamp" : "text";
}
