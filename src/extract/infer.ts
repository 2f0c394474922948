import type { Column, ColumnType } from "../define/column.ts";
import { dateDays, timestampMicros } from "./text.ts";

/**
 * The columns of objects whose types nobody declared: every field that any of them has, in the order of first appearance.
 * Whole numbers are bigint, mixed numbers double, ISO 8601 texts date or timestamp; objects, lists and mixtures are text.
 */
export function inferColumns(objects: Iterable<Readonly<Record<string, unknown>>>): Column[] {
  const seen = new Map<string, Set<ColumnType>>();
  for (const object of objects) {
    for (const [name, value] of Object.entries(object)) {
      let kinds = seen.get(name);
      if (kinds === undefined) seen.set(name, (kinds = new Set()));
      const kind = kindOf(value);
      if (kind !== null) kinds.add(kind);
    }
  }
  return [...seen].map(([name, kinds]) => ({ name, type: common(kinds) }));
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
