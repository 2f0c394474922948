import type { Problem } from "../error.ts";
import { MillwrightError, type Origin } from "../error.ts";
import type { Column, ColumnType } from "./column.ts";
import type { PartitionOption, SortOption } from "./layout-types.ts";
import { useOneOf } from "./nearest.ts";
import type { Layout, PartitionField } from "./node.ts";

/** What users write, with the columns' names not looked at. */
export interface LayoutInput {
  readonly partition?: readonly PartitionOption[];
  readonly sort?: readonly SortOption[];
  readonly fileSize?: string;
}

/** A layout as its node. @throws MillwrightError `bad-size` */
export function layoutNode({ partition = [], sort = [], fileSize }: LayoutInput, origin: Origin): Layout {
  return {
    partition: partition.map(fieldOf),
    sort: sort.map((by) =>
      typeof by === "string" ? { column: by, descending: false } : { column: by.column, descending: by.descending ?? false },
    ),
    fileSize: fileSize === undefined ? null : sizeNode(parseSize(fileSize, origin)),
  };
}

/** What is asked for is what there is anyway: the same as nothing. */
function sizeNode(bytes: number): number | null {
  return bytes === 536_870_912 ? null : bytes;
}

function fieldOf(option: PartitionOption): PartitionField {
  if (typeof option === "string") return { column: option, transform: "identity", size: null };
  if ("bucket" in option) return { column: option.bucket, transform: "bucket", size: option.count ?? null };
  if ("truncate" in option) return { column: option.truncate, transform: "truncate", size: option.width ?? null };
  if ("year" in option) return { column: option.year, transform: "year", size: null };
  if ("month" in option) return { column: option.month, transform: "month", size: null };
  if ("day" in option) return { column: option.day, transform: "day", size: null };
  return { column: option.hour, transform: "hour", size: null };
}

const units: Readonly<Record<string, number>> = { kB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** `"256 MB"` to 256,000,000. @throws MillwrightError `bad-size` */
export function parseSize(text: string, where: Origin | string): number {
  const match = /^(\d+(?:\.\d+)?) (kB|MB|GB|KiB|MiB|GiB)$/.exec(text);
  const bytes = Number(match?.[1]) * (units[match?.[2] ?? ""] ?? Number.NaN);
  if (!Number.isSafeInteger(bytes) || bytes < 1)
    throw new MillwrightError({ code: "bad-size", what: `'${text}' is not a size`, where, fix: "write it as '256 MB' or '1 GiB'" });
  return bytes;
}

/** The types that each transform takes, and how to say so. Iceberg takes a few more, which not all engines can write. */
const takes: Readonly<Record<PartitionField["transform"], { readonly fits: (type: ColumnType) => boolean; readonly needs: string }>> = {
  identity: { fits: (type) => type !== "double" && type !== "binary", needs: "no fractions and no binary" },
  year: { fits: isDay, needs: "a date or timestamp" },
  month: { fits: isDay, needs: "a date or timestamp" },
  day: { fits: isDay, needs: "a date or timestamp" },
  hour: { fits: (type) => type === "timestamp", needs: "a timestamp" },
  bucket: {
    fits: (type) => type !== "boolean" && type !== "double",
    needs: "a whole or decimal number, text, date, timestamp or binary",
  },
  truncate: {
    fits: (type) => type === "integer" || type === "bigint" || type === "text" || type.startsWith("decimal"),
    needs: "a whole or decimal number, or text",
  },
};

function isDay(type: ColumnType): boolean {
  return type === "date" || type === "timestamp";
}

/** What is wrong with a table's layout, given the columns that it has; empty when nothing is. */
export function layoutProblems(
  table: { readonly name: string; readonly origin: Origin; readonly layout: Layout | null },
  columns: readonly Column[],
): Problem[] {
  const { name, origin: where, layout } = table;
  if (layout === null) return [];
  const types = new Map(columns.map((column) => [column.name, column.type]));
  const problems: Problem[] = [];
  const typeOf = (column: string, use: string): ColumnType | null => {
    const type = types.get(column) ?? null;
    if (type === null)
      problems.push({
        code: "unknown-column",
        what: `${name} has no column '${column}', which its layout ${use}`,
        where,
        fix: useOneOf(column, [...types.keys()]),
      });
    return type;
  };
  const bad = (what: string, fix: string) => problems.push({ code: "bad-layout", what: `the layout of ${name} ${what}`, where, fix });
  for (const { column, transform, size } of layout.partition) {
    const type = typeOf(column, "partitions by");
    if (type !== null && !takes[transform].fits(type)) {
      const what = transform === "identity" ? "a partition by its value" : transform;
      bad(`partitions by '${column}', which is ${type}: ${what} needs ${takes[transform].needs}`, "choose another column or transform");
    }
    if (
      (transform === "bucket" || transform === "truncate") &&
      (size === null || !Number.isSafeInteger(size) || size < 1 || size > 2 ** 31 - 1)
    )
      bad(`gives '${column}' ${transform === "bucket" ? "a count" : "a width"} of ${size}`, "use a whole number from 1 up");
  }
  const fields = layout.partition.map(({ column, transform, size }) => `${column} ${transform} ${size}`);
  const times = layout.partition
    .filter(({ transform }) => ["year", "month", "day", "hour"].includes(transform))
    .map(({ column }) => column);
  for (const [what, list] of [
    ["partitions twice by the same", fields],
    ["has two lengths of time for one column: the shorter is enough", times],
    ["sorts twice by the same column", layout.sort.map(({ column }) => column)],
  ] as const)
    if (new Set(list).size < list.length) bad(what, "take one of them away");
  for (const { column } of layout.sort) typeOf(column, "sorts by");
  return problems;
}

/** A layout in words, as a plan shows it: `day(scheduled), bucket(id, 16); sorted by scheduled, id descending; files of 256 MB`. */
export function layoutWords({ partition, sort, fileSize }: Layout): string {
  const fields = partition.map(({ column, transform, size }) =>
    transform === "identity" ? column : `${transform}(${column}${size === null ? "" : `, ${size}`})`,
  );
  return [
    fields.length === 0 ? "no partitions" : fields.join(", "),
    ...(sort.length === 0
      ? []
      : [`sorted by ${sort.map(({ column, descending }) => `${column}${descending ? " descending" : ""}`).join(", ")}`]),
    ...(fileSize === null ? [] : [`files of ${sizeWords(fileSize)}`]),
  ].join("; ");
}

function sizeWords(bytes: number): string {
  const unit = ["GB", "GiB", "MB", "MiB", "kB", "KiB"].find((name) => bytes % (units[name] ?? 1) === 0);
  return unit === undefined ? `${bytes} bytes` : `${bytes / (units[unit] ?? 1)} ${unit}`;
}
