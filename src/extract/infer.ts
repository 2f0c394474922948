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

/** How often a column's values were of a kind. */
export type Kinds = ReadonlyMap<ColumnType, number>;

/**
 * The columns of objects whose types nobody declared: every field that any of them has, in the order of first appearance.
 * Numbers are bigint or double, ISO 8601 texts date or timestamp; objects, lists and mixtures are text.
 */
export function inferColumns(objects: Iterable<Readonly<Record<string, unknown>>>, { numbers, whole = [] }: InferOptions): Column[] {
  const seen = new Map<string, Map<ColumnType, number>>();
  const exact = new Set(whole);
  for (const object of objects) {
    for (const [name, value] of Object.entries(object)) {
      let kinds = seen.get(name);
      if (kinds === undefined) seen.set(name, (kinds = new Map()));
      if (typeof value === "bigint") exact.add(name);
      count(kinds, kindOf(value));
    }
  }
  return [...seen].map(([name, kinds]) => {
    const type = commonType(kinds);
    return { name, type: type === "bigint" && numbers === "double" && !exact.has(name) ? "double" : type };
  });
}

/** The type of texts that nobody declared, as a CSV file has them; numbers with leading zeros (`00501`) are codes, hence texts. */
export function kindOfText(text: string): ColumnType {
  if (/^[+-]?(0|[1-9]\d{0,17})$/.test(text)) return "bigint";
  if (/^[+-]?(0|[1-9]\d*)?\.?\d*([eE][+-]?\d+)?$/.test(text) && /\d/.test(text) && !/^[+-]?0\d/.test(text)) return "double";
  if (/^(true|false)$/i.test(text)) return "boolean";
  return kindOfTime(text);
}

/** Adds one value's kind; null has none. */
export function count(kinds: Map<ColumnType, number>, kind: ColumnType | null): void {
  if (kind !== null) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
}

/**
 * The type that all values have, but for a few: a hundredth of them, or two among few. Those are faults to be put aside with their rows;
 * if they turned the column into text, one bad row would change the table for all.
 */
export function commonType(kinds: Kinds): ColumnType {
  const total = [...kinds.values()].reduce((sum, number) => sum + number, 0);
  const of = (...types: ColumnType[]): number => types.reduce((sum, type) => sum + (kinds.get(type) ?? 0), 0);
  const most = (number: number): boolean => number > 0 && tolerated(total - number, total);
  if (most(of("boolean"))) return "boolean";
  if (most(of("bigint", "double"))) return of("double") > 0 ? "double" : "bigint";
  if (most(of("date", "timestamp"))) return of("timestamp") > 0 ? "timestamp" : "date";
  return "text";
}

/** Whether so few of the values are faults rather than a sign of another type. */
export function tolerated(faults: number, total: number): boolean {
  return faults <= Math.max(2, total / 100) && faults * 2 < total;
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
      return kindOfTime(value);
    default:
      return value === null || value === undefined ? null : "text";
  }
}

function kindOfTime(text: string): ColumnType {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return dateDays(text) === undefined ? "text" : "date";
  return /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(text) && timestampMicros(text) !== undefined ? "timestamp" : "text";
}
