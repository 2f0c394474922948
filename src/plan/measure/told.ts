import type { Head } from "../../lake/catalog/heads.ts";
import type { EventBody, EventType, JournalEvent } from "../../run/journal.ts";
import { unknown, type Figure, type FigureUnit } from "../figure.ts";

/** What an environment has told of itself. */
export interface Told {
  readonly environment: string;
  /** Words for an origin: empty for the environment that is planned, else which one it is. */
  readonly where: string;
  /** The folder of its state. */
  readonly state: string;
  readonly heads: ReadonlyMap<string, Head>;
  /** The newest event of a type for each asset. */
  latest(type: EventType): ReadonlyMap<string, JournalEvent>;
  events(type: EventType): readonly JournalEvent[];
}

/** A number that a run or a server told; unknown where it did not. */
export function measured(
  name: string,
  unit: FigureUnit,
  value: unknown,
  by: { readonly what: string; readonly run: string | null; readonly time: string },
): Figure {
  const number = numberOf(value);
  if (number === null) return unknown(name, unit, `${by.what} did not tell the ${name}`);
  return Object.freeze<Figure>({ name, value: number, unit, range: null, origin: { kind: "measured", ...by } });
}

export function numberOf(value: unknown): number | null {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

/** An object inside of an event. */
export function partOf(body: EventBody, name: string): EventBody | null {
  const value = body[name];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
}
