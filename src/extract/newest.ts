import type { ColumnType } from "../define/column.ts";
import { timestampMicros } from "./text.ts";

/** Keeps the largest of the cursor's values in the source's own spelling, which is how the source will be asked for what follows. */
export interface Newest {
  see(value: unknown): void;
  value(): string | null;
}

/** @param since where the last extract stopped: it never falls back behind that. */
export function newest(type: ColumnType, since: string | null): Newest {
  let last: string | null = null;
  let rank: bigint | number | string | null = null;
  const see = (value: unknown): void => {
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "bigint") return;
    const found = rankOf(type, value);
    if (found === undefined || (rank !== null && !(found > rank))) return;
    rank = found;
    last = String(value);
  };
  see(since);
  return { see, value: () => last };
}

/** Undefined for a value that does not fit: its row is rejected, and must not move the position. */
function rankOf(type: ColumnType, value: string | number | bigint): bigint | number | string | undefined {
  if (type === "timestamp" || type === "date") return typeof value === "string" ? timestampMicros(value) : undefined;
  if (type === "text") return String(value);
  if (typeof value !== "string") return value;
  if (/^[+-]?\d+$/.test(value)) return BigInt(value);
  const number = Number(value);
  return value.trim() === "" || Number.isNaN(number) ? undefined : number;
}
