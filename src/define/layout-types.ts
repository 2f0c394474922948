import type { ColumnType, Columns } from "./column.ts";
import type { Known, Open } from "./table-types.ts";

/** A size in bytes as people write it: `"256 MB"` is 256,000,000, `"256 MiB"` 268,435,456. */
export type ByteSize = `${number} ${"kB" | "MB" | "GB" | "KiB" | "MiB" | "GiB"}`;

/** How a column divides a table's files, as users write it. */
export type PartitionOption =
  | string
  | { readonly year: string }
  | { readonly month: string }
  | { readonly day: string }
  | { readonly hour: string }
  | { readonly bucket: string; readonly count?: number }
  | { readonly truncate: string; readonly width?: number };

/** A column that rows are sorted by, as users write it. */
export type SortOption = string | { readonly column: string; readonly descending?: boolean };

type Whole = "integer" | "bigint" | `decimal(${number},${number})`;

/** The name, or a sentence when there is no such column or the transform does not fit its type. */
type Fits<
  C extends Columns,
  N extends string,
  K extends string,
  T extends ColumnType,
  Transform extends string,
  Word extends string,
> = K extends keyof C
  ? Open<C[K]> extends true
    ? K
    : C[K] extends T
      ? K
      : `'${K}' is ${C[K]}: ${Transform} needs ${Word}`
  : Known<C, N, K>;

type CheckedPartition<C extends Columns, N extends string, F> = F extends string
  ? Fits<C, N, F, Exclude<ColumnType, "double" | "binary">, "a partition by its value", "no fractions and no binary">
  : F extends { readonly year: infer K extends string }
    ? { readonly year: Fits<C, N, K, "date" | "timestamp", "year", "a date or timestamp"> }
    : F extends { readonly month: infer K extends string }
      ? { readonly month: Fits<C, N, K, "date" | "timestamp", "month", "a date or timestamp"> }
      : F extends { readonly day: infer K extends string }
        ? { readonly day: Fits<C, N, K, "date" | "timestamp", "day", "a date or timestamp"> }
        : F extends { readonly hour: infer K extends string }
          ? { readonly hour: Fits<C, N, K, "timestamp", "hour", "a timestamp"> }
          : F extends { readonly bucket: infer K extends string }
            ? {
                readonly bucket: Fits<
                  C,
                  N,
                  K,
                  Exclude<ColumnType, "boolean" | "double">,
                  "bucket",
                  "a whole or decimal number, text, date, timestamp or binary"
                >;
                readonly count: number;
              }
            : F extends { readonly truncate: infer K extends string }
              ? {
                  readonly truncate: Fits<C, N, K, Whole | "text", "truncate", "a whole or decimal number, or text">;
                  readonly width: number;
                }
              : PartitionOption;

type CheckedSort<C extends Columns, N extends string, F> = F extends string
  ? Known<C, N, F>
  : F extends { readonly column: infer K extends string }
    ? { readonly column: Known<C, N, K>; readonly descending?: boolean }
    : SortOption;

/** How a table's files are laid out in the lake, by whichever engine writes them. */
export interface LayoutOptions<C extends Columns, N extends string, P extends readonly PartitionOption[], O extends readonly SortOption[]> {
  /**
   * Rows with equal values here lie in the same files, and a query on them reads only those: a column by its value, or
   * `{ day: "at" }` (year, month, hour), `{ bucket: "id", count: 16 }`, `{ truncate: "code", width: 2 }`.
   */
  readonly partition?: { readonly [I in keyof P]: CheckedPartition<C, N, P[I]> };
  /** Rows of a file are sorted by these, ascending unless said otherwise, nulls last. */
  readonly sort?: { readonly [I in keyof O]: CheckedSort<C, N, O[I]> };
  /** Size of a data file to aim at. @default 512 MiB */
  readonly fileSize?: ByteSize;
}
