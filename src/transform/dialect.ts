import type { ColumnType } from "../define/column.ts";
import type { AggregateName, FunctionName, LiteralNode } from "../define/expression-node.ts";
import type { Dialect } from "../define/node.ts";
import type { Known } from "./expression-type.ts";
import type { Flavor, Pattern } from "./pattern.ts";

/** A function in SQL; arguments are safe to combine. */
export type PrintCall = (values: readonly string[], types: readonly Known[]) => string;

/** An aggregate in SQL; `over` is empty or a window clause with a space before it. */
export type PrintAggregate = (value: string, over: string, type: Known) => string;

export type Comparison = "=" | "<>" | "<" | ">" | "<=" | ">=";

/** What differs between engines. Everything else is printed the same for all of them. */
export interface SqlDialect {
  readonly name: Dialect;
  identifier(name: string): string;
  /** The SQL name of a type. */
  type(type: ColumnType): string;
  text(value: string): string;
  double(value: number): string;
  bigint(value: string): string;
  timestamp(value: string): string;
  /** A length of time, in whole microseconds. */
  interval(microseconds: number): string;
  /** A value as another type; null where it cannot be read as one. */
  convert(value: string, from: ColumnType | null, to: ColumnType): string;
  /** Comparison of doubles where the engine's own operators do not take NaN as a number like others. `finite` says that `b` is a constant. */
  readonly compareDoubles: ((operator: Comparison, a: string, b: string, finite: boolean) => string) | null;
  /** How the rows of keys that occur twice, and of those that do not, are found; null where all rows are ranked instead. */
  readonly repeated: {
    /** Whether two values are equal, null being equal to null. */
    same(a: string, b: string): string;
    readonly antiJoin: string;
    readonly semiJoin: string;
  } | null;
  /** Whether there is a join with the newest earlier row. */
  readonly asOfJoin: boolean;
  /** The last value that is not null within a window; null where there is none. */
  readonly lastKnown: ((value: string, over: string) => string) | null;
  /** What windows are ordered by where their frames are lengths of time. */
  readonly timeline: Timeline;
  /** Whether an aggregate can be computed over a frame of rows, or of time. */
  framed(name: AggregateName, frame: "rows" | "range"): boolean;
  /** How regular expressions are told; a pattern that the engine cannot be told is a MillwrightError. */
  readonly pattern: Flavor;
  matches(value: string, pattern: string): string;
  /** What a group matches first; null or an empty text when nothing does. */
  extract(value: string, pattern: Pattern, group: number): string;
  /** Functions whose SQL differs. */
  readonly calls: Readonly<Partial<Record<FunctionName, PrintCall>>>;
  /** Aggregates whose SQL differs. */
  readonly aggregates: Readonly<Partial<Record<AggregateName, PrintAggregate>>>;
  /** Texts that are not null with `; ` between them. */
  reasons(texts: readonly string[]): string;
  /** One JSON object as text: names to SQL values that are booleans, numbers or texts. */
  json(fields: readonly JsonField[]): string;
  /** The most frequent value, of several the lowest, as an aggregate; null where it takes a query of its own. */
  readonly mode: ((value: string) => string) | null;
  /** The value at a share of the way through the sorted rows, interpolated; of doubles. */
  quantile(value: string, share: number): string;
  /** A text column as it is read from a stored table, so that it compares byte by byte; null where every text does. */
  readonly byteOrder: ((column: string) => string) | null;
}

export interface JsonField {
  readonly name: string;
  readonly value: string;
  readonly type: ColumnType;
}

/** Instants as an engine can order a frame by them: as they are, or as whole microseconds since 1970. */
export interface Timeline {
  /** Of a timestamp. */
  of(timestamp: string): string;
  /** So many microseconds later, or earlier. */
  later(instant: string, microseconds: number): string;
  /** As the bound of a frame. */
  span(microseconds: number): string;
}

/** Instants as timestamps, and lengths of time as intervals. */
export function timestampLine(interval: (microseconds: number) => string): Timeline {
  return {
    of: (timestamp) => timestamp,
    later: (instant, microseconds) => `${instant} ${microseconds < 0 ? "-" : "+"} ${interval(Math.abs(microseconds))}`,
    span: interval,
  };
}

/** Instants as numbers. */
export function numberLine(of: (timestamp: string) => string): Timeline {
  return {
    of,
    later: (instant, microseconds) => `${instant} ${microseconds < 0 ? "-" : "+"} ${Math.abs(microseconds)}`,
    span: String,
  };
}

/** `decimal(10,2)` in the SQL of every engine. */
export function decimalType(type: ColumnType): string {
  return type.toUpperCase();
}

/** The type of a sum of decimals. */
export function sumType(type: Known): ColumnType {
  const [, scale = "0"] = /,(\d+)\)$/.exec(type ?? "") ?? [];
  return `decimal(38,${Number(scale)})`;
}

/** A literal in a dialect. */
export function printLiteral(node: LiteralNode, dialect: SqlDialect): string {
  const { type, value } = node;
  if (value === null) return `cast(null as ${dialect.type(type)})`;
  switch (type) {
    case "boolean":
    case "integer":
      return String(value);
    case "bigint":
      return dialect.bigint(String(value));
    case "double":
      return dialect.double(Number(value));
    case "text":
      return dialect.text(String(value));
    case "date":
      return `date '${String(value)}'`;
    case "timestamp":
      return dialect.timestamp(String(value));
    default:
      return `cast('${String(value)}' as ${dialect.type(type)})`;
  }
}

const units: readonly (readonly [number, string])[] = [
  [86_400_000_000, "day"],
  [3_600_000_000, "hour"],
  [60_000_000, "minute"],
  [1_000_000, "second"],
  [1, "microsecond"],
];

/** Microseconds as the largest whole unit: 2 and `hour`, 7199999999 and `microsecond`. */
export function intervalUnit(microseconds: number): readonly [number, string] {
  const [size, word] = units.find(([unit]) => microseconds % unit === 0) ?? [1, "microsecond"];
  return [microseconds / size, word];
}

/** `2 hours`, `7199999999 microseconds`. */
export function intervalWords(microseconds: number): string {
  const [count, word] = intervalUnit(microseconds);
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** A double with an exponent: without one it is a decimal for most engines. */
export function withExponent(value: number): string {
  return String(value).includes("e") ? String(value) : `${value}e0`;
}
