import type { ColumnType } from "../define/column.ts";
import type { AggregateName, FunctionName, LiteralNode } from "../define/expression-node.ts";
import type { Dialect } from "../define/node.ts";

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
  /** Whether two values are equal, null being equal to null. */
  same(a: string, b: string): string;
  readonly antiJoin: string;
  readonly semiJoin: string;
  /** Whether there is a join with the newest earlier row. */
  readonly asOfJoin: boolean;
  /** The last value that is not null within a window. */
  lastKnown(value: string, over: string): string;
  /** Functions whose SQL differs; arguments are safe to combine. */
  readonly calls: Readonly<Partial<Record<FunctionName, (...values: readonly string[]) => string>>>;
  /** Aggregates whose SQL differs; `over` is empty or a window clause with a space before it. */
  readonly aggregates: Readonly<Partial<Record<AggregateName, (value: string, over: string, type: ColumnType | null) => string>>>;
  /** All columns of a row of `alias` as one JSON text. */
  rowJson(alias: string): string;
  /** The most frequent value; of several, the lowest. */
  mode(value: string): string;
  /** The value at a share of the way through the sorted rows, interpolated. */
  quantile(value: string, share: number): string;
}

/** `decimal(10,2)` in the SQL of every engine. */
export function decimalType(type: ColumnType): string {
  return type.toUpperCase();
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

/** Microseconds as the largest whole unit: `2 hours`, `7199999999 microseconds`. */
export function intervalWords(microseconds: number): string {
  const units: readonly (readonly [number, string])[] = [
    [86_400_000_000, "day"],
    [3_600_000_000, "hour"],
    [60_000_000, "minute"],
    [1_000_000, "second"],
    [1, "microsecond"],
  ];
  const [size, word] = units.find(([unit]) => microseconds % unit === 0) ?? [1, "microsecond"];
  const count = microseconds / size;
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
