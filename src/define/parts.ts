import { MillwrightError, type Origin } from "../error.ts";
import type { Columns } from "./column.ts";
import { parseDuration } from "./duration.ts";
import type { TableNode } from "./node.ts";
import type { KnownAs } from "./table-types.ts";

/** How a table is made part by part. */
export interface PartsOptions<C extends Columns, N extends string, K extends string> {
  /** A day or a month of UTC. */
  readonly by: "day" | "month";
  /** A date or timestamp of the (first) input: says which part a row belongs to. */
  readonly column: KnownAs<C, N, K, "date" | "timestamp", "date or timestamp">;
  /** How much of the input before a part its rows are computed from, in whole days. @default nothing */
  readonly lookback?: `${number} ${"day" | "days" | "week" | "weeks"}`;
}

/** What users write, with the column's name not looked at. */
export interface PartsInput {
  readonly by: "day" | "month";
  readonly column: string;
  readonly lookback?: string;
}

const day = 86_400;

/** The parts of a table as its node. @throws MillwrightError `parts-late` after the first operation, `bad-lookback` */
export function partsNode(table: TableNode, { by, column, lookback = "0 days" }: PartsInput): NonNullable<TableNode["parts"]> {
  const where: Origin = table.origin;
  if (table.operations.length > 0)
    throw new MillwrightError({
      code: "parts-late",
      what: `${table.name} says after its operations that it is made in parts by '${column}', which is a column of its input`,
      where,
      fix: "put .parts({ ... }) before the operations",
    });
  const seconds = parseDuration(lookback);
  if (seconds % day !== 0)
    throw new MillwrightError({
      code: "bad-lookback",
      what: `${table.name} looks back ${lookback}, which is no whole number of days`,
      where,
      fix: "write it as '1 day' or '2 weeks'",
    });
  return { by, column, lookback: seconds / day };
}
