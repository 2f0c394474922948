import type { TrainingColumn } from "./columns.ts";

/** How a number (date, timestamp: see ModelInput) was distributed over the training rows. */
export interface NumberProfile {
  readonly kind: "number";
  /**
   * Rising, distinct inner edges at the percentiles of the values that are not missing: bin 0 is `(-inf, edges[0]]`,
   * bin i is `(edges[i-1], edges[i]]`, the last is above the last edge. Empty where there are no values.
   */
  readonly edges: readonly number[];
  /** Rows per bin, `edges.length + 1` of them. */
  readonly counts: readonly number[];
  readonly missing: number;
  readonly mean: number | null;
  readonly minimum: number | null;
  readonly maximum: number | null;
}

/** How a text or boolean (`true`, `false`) was distributed over the training rows. */
export interface CategoryProfile {
  readonly kind: "category";
  /** Rows by category, the most frequent first; missing text is the empty text. */
  readonly counts: readonly { readonly category: string; readonly rows: number }[];
  /** Rows of categories beyond the thousand most frequent. */
  readonly other: number;
}

/** The training rows' distributions, which drift is measured against. */
export interface FeatureProfile {
  readonly rows: number;
  readonly features: Readonly<Record<string, NumberProfile | CategoryProfile>>;
  /** The probabilities that the served file gives the test rows; absent in versions from before they were kept. */
  readonly predictions?: NumberProfile;
}

const categoryLimit = 1000;

/** Profiles rows `[0, rows)` of raw features. */
export function profileFeatures(columns: readonly TrainingColumn[], rows: number): FeatureProfile {
  return { rows, features: Object.fromEntries(columns.map((column) => [column.name, profileColumn(column, rows)])) };
}

/** The bin of a value in a profile: the first whose upper edge is not below it. NaN belongs to no bin: -1. */
export function binOf(edges: readonly number[], value: number): number {
  if (Number.isNaN(value)) return -1;
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= (edges[middle] ?? Number.POSITIVE_INFINITY)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function profileColumn(column: TrainingColumn, rows: number): NumberProfile | CategoryProfile {
  if (column.kind === "text") {
    const counts = new Uint32Array(column.dictionary.length);
    for (const code of column.codes.subarray(0, rows)) counts[code] = (counts[code] ?? 0) + 1;
    return categories(column.dictionary.map((category, code) => ({ category, rows: counts[code] ?? 0 })).filter((entry) => entry.rows > 0));
  }
  if (column.kind === "boolean") {
    const yes = column.values.subarray(0, rows).reduce((sum, value) => sum + value, 0);
    return categories(
      [
        { category: "true", rows: yes },
        { category: "false", rows: rows - yes },
      ].filter((entry) => entry.rows > 0),
    );
  }
  return profileNumbers(column.values.subarray(0, rows));
}

function categories(counts: { category: string; rows: number }[]): CategoryProfile {
  counts.sort((a, b) => b.rows - a.rows || (a.category < b.category ? -1 : 1));
  return {
    kind: "category",
    counts: counts.slice(0, categoryLimit),
    other: counts.slice(categoryLimit).reduce((sum, entry) => sum + entry.rows, 0),
  };
}

/** How numbers are distributed; NaN is a missing one. */
export function profileNumbers(values: Float64Array): NumberProfile {
  const present = values.filter((value) => !Number.isNaN(value)).sort();
  const edges: number[] = [];
  for (let percent = 1; percent < 100; percent++) {
    const edge = present[Math.ceil((percent * present.length) / 100) - 1];
    if (edge !== undefined && edge !== edges.at(-1) && edge < (present.at(-1) ?? edge)) edges.push(edge);
  }
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of present) {
    const bin = binOf(edges, value);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return {
    kind: "number",
    edges,
    counts,
    missing: values.length - present.length,
    mean: present.length === 0 ? null : present.reduce((sum, value) => sum + value, 0) / present.length,
    minimum: present[0] ?? null,
    maximum: present.at(-1) ?? null,
  };
}
