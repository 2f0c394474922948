import { createHash } from "node:crypto";
import type { ColumnType } from "../define/column.ts";
import type { Dialect, TableNode } from "../define/node.ts";
import { literalNode } from "../define/literal.ts";
import { printLiteral } from "./dialect.ts";
import { dialectOf } from "./dialects.ts";

type By = NonNullable<TableNode["parts"]>["by"];

/** A stretch of time, `to` excluded; ISO 8601 in UTC. */
export interface Stretch {
  readonly from: string;
  readonly to: string;
}

/** The part that a day belongs to: `2013-03-01` itself, or `2013-03`. */
export function partOf(day: string, by: By): string {
  return by === "day" ? day : day.slice(0, 7);
}

/** When a part begins and ends, and so many days before its beginning. */
export function stretchOf(part: string, lookback: number = 0): Stretch {
  const [year = 0, month = 1, day] = part.split("-").map(Number);
  const from = Date.UTC(year, month - 1, (day ?? 1) - lookback);
  const to = day === undefined ? Date.UTC(year, month) : Date.UTC(year, month - 1, day + 1);
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

/** The days of a stretch: `2013-03-01`. */
export function daysOf({ from, to }: Stretch): string[] {
  const days: string[] = [];
  for (let at = Date.parse(from); at < Date.parse(to); at += 86_400_000) days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}

/** `column >= ... and column < ...`, in an engine's dialect. */
export function withinStretch(column: string, type: ColumnType, { from, to }: Stretch, name: Dialect): string {
  const dialect = dialectOf(name);
  const literal = (time: string) => printLiteral(literalNode(time, type === "date" ? "date" : "timestamp"), dialect);
  const value =
    type === "date" || type === "timestamp"
      ? dialect.identifier(column)
      : `cast(${dialect.identifier(column)} as ${dialect.type("timestamp")})`;
  return `${value} >= ${literal(from)} and ${value} < ${literal(to)}`;
}

/** A number of 64 bits for a row, in the engine's own way: equal for equal rows, a null differing from every value and from a null elsewhere. */
function rowHash(columns: readonly string[], name: Dialect): string {
  const names = columns.map(dialectOf(name).identifier);
  if (name === "duckdb") return `hash(${names.join(", ")})`;
  // Spark's passes nulls over.
  if (name === "spark") return `cast(xxhash64(${names.flatMap((column) => [column, `${column} is null`]).join(", ")}) as decimal(20,0))`;
  throw new Error(`rows cannot be hashed in ${name} yet`);
}

/** The number of rows and an order-free hash of them, as one text; two rows that are equal count twice. */
export function rowsHash(columns: readonly string[], name: Dialect): string {
  const text = dialectOf(name).type("text");
  return `concat(cast(count(*) as ${text}), ':', coalesce(cast(sum(${rowHash(columns, name)}) as ${text}), ''))`;
}

/** A short hash of what a part was made from. */
export function fingerprintOf(from: unknown): string {
  return createHash("sha256").update(JSON.stringify(from)).digest("hex").slice(0, 24);
}
