import type { Origin } from "../error.ts";

/** Where a number came from: every number of a plan, a document or a slide has one of these. */
export type FigureOrigin =
  /** By a run or a server of this platform: which, and when (ISO 8601). */
  | { readonly kind: "measured"; readonly what: string; readonly run: string | null; readonly time: string }
  /** By a line of the platform file. */
  | { readonly kind: "declared"; readonly where: Origin }
  /** A row of the catalogue, with its source and the day on which that was read. */
  | { readonly kind: "catalogue"; readonly row: string; readonly source: string; readonly date: string }
  /** A formula, and what went into it. */
  | { readonly kind: "computed"; readonly formula: string; readonly from: readonly Figure[] }
  /** Nobody knows: why. */
  | { readonly kind: "unknown"; readonly why: string };

export type FigureUnit =
  | "USD"
  | "USD/month"
  | "USD/hour"
  | "seconds"
  | "hours"
  | "1/second"
  | "bytes"
  | "bytes/second"
  | "share"
  | "count"
  | "watts"
  | "kWh"
  | "kgCO2e";

/** A number with its unit, its name and its origin. */
export interface Figure {
  readonly name: string;
  /** Null is unknown, which is not 0: it prints as unknown, and what is computed from it is unknown too. */
  readonly value: number | null;
  readonly unit: FigureUnit;
  /** Where the truth lies in about four cases of five; null for what is exact. */
  readonly range: readonly [low: number, high: number] | null;
  readonly origin: FigureOrigin;
}

/**
 * A figure computed from others: unknown when any of them is.
 *
 * @param formula in words or signs, with the source of what is not arithmetic
 */
export function computed(
  name: string,
  unit: FigureUnit,
  formula: string,
  from: readonly Figure[],
  compute: (...values: readonly number[]) => number,
): Figure {
  const missing = from.find(({ value }) => value === null);
  const values = from.flatMap(({ value }) => (value === null ? [] : [value]));
  const value = missing === undefined ? compute(...values) : null;
  return Object.freeze<Figure>({ name, value, unit, range: null, origin: { kind: "computed", formula, from } });
}

/** A figure that nobody knows. */
export function unknown(name: string, unit: FigureUnit, why: string): Figure {
  return Object.freeze<Figure>({ name, value: null, unit, range: null, origin: { kind: "unknown", why } });
}

/** The reason why a figure is unknown, found where it begins; null when it is known. */
export function whyUnknown(figure: Figure): string | null {
  if (figure.value !== null) return null;
  if (figure.origin.kind === "unknown") return figure.origin.why;
  if (figure.origin.kind !== "computed") return `${figure.name} is not known`;
  return figure.origin.from.map(whyUnknown).find((why) => why !== null) ?? `${figure.name} is not known`;
}
