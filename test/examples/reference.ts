import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";

/**
 * Answers about the flights computed straight from the compressed CSV files, with none of the product's code and none of the
 * example's helpers: what queries are compared with.
 */
export interface ReferenceFlight {
  /** Row number from 1. */
  readonly id: number;
  /** All fields by the header's names; null where empty. */
  readonly fields: Readonly<Record<string, string | null>>;
  readonly carrier: string;
  /** 1 to 12, on New York's calendar. */
  readonly month: number;
  /** Minutes; null when unknown. */
  readonly departureDelay: number | null;
  readonly arrivalDelay: number | null;
  /** Scheduled departure, milliseconds since 1970. */
  readonly scheduled: number;
}

export interface CarrierMonth {
  readonly carrier: string;
  readonly month: number;
  /** All flights, cancelled ones counted. */
  readonly flights: number;
  /** Share of the flights with a known arrival delay that came more than 15 minutes late; null when none is known. */
  readonly share_late: number | null;
  /** Median of the known arrival delays in minutes, the mean of the middle two for an even number; null when none is known. */
  readonly median_delay: number | null;
}

/** Minutes of arrival delay above which a flight is late. */
export const lateAbove = 15;

export type ReferenceFile = "flights" | "planes" | "airports" | "airlines" | "weather";

/** The rows of a file, each by the header's names; null where a field is empty. */
export async function* referenceRows(file: ReferenceFile): AsyncGenerator<Record<string, string | null>> {
  const path = new URL(`../../examples/flights/data/${file}.csv.gz`, import.meta.url);
  let header: string[] | undefined;
  for await (const line of createInterface({ input: createReadStream(path).pipe(createGunzip()), crlfDelay: Infinity })) {
    const fields = line.split(",");
    if (header === undefined) header = fields;
    else yield Object.fromEntries(header.map((name, index) => [name, fields[index] === "" ? null : (fields[index] ?? null)]));
  }
}

/** All flights in the order of the file. */
export async function referenceFlights(): Promise<ReferenceFlight[]> {
  const flights: ReferenceFlight[] = [];
  for await (const fields of referenceRows("flights")) {
    const number = (name: string): number | null => (fields[name] == null ? null : Number(fields[name]));
    flights.push({
      id: flights.length + 1,
      fields,
      carrier: fields["carrier"] ?? "",
      month: number("month") ?? 0,
      departureDelay: number("dep_delay"),
      arrivalDelay: number("arr_delay"),
      scheduled: Date.parse(fields["time_hour"] ?? "") + (number("minute") ?? 0) * 60_000,
    });
  }
  return flights;
}

/** How many rows each file has. */
export async function referenceCounts(): Promise<Record<ReferenceFile, number>> {
  const counts = { flights: 0, planes: 0, airports: 0, airlines: 0, weather: 0 };
  for (const file of ["flights", "planes", "airports", "airlines", "weather"] as const) {
    for await (const _ of referenceRows(file)) counts[file]++;
  }
  return counts;
}

/** How many flights came late, and of how many that is known. */
export function referenceLate(flights: readonly ReferenceFlight[]): { readonly late: number; readonly known: number } {
  const known = flights.flatMap(({ arrivalDelay }) => (arrivalDelay === null ? [] : [arrivalDelay]));
  return { late: known.filter((delay) => delay > lateAbove).length, known: known.length };
}

/** The mart `carrier_month`, ordered by carrier, then month. */
export function referenceCarrierMonth(flights: readonly ReferenceFlight[]): CarrierMonth[] {
  const groups = Map.groupBy(flights, ({ carrier, month }) => `${carrier} ${String(month).padStart(2, "0")}`);
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => {
      const delays = group.flatMap(({ arrivalDelay }) => (arrivalDelay === null ? [] : [arrivalDelay])).sort((a, b) => a - b);
      return {
        carrier: group[0]?.carrier ?? "",
        month: group[0]?.month ?? 0,
        flights: group.length,
        share_late: delays.length === 0 ? null : delays.filter((delay) => delay > lateAbove).length / delays.length,
        median_delay: median(delays),
      };
    });
}

function median(sorted: readonly number[]): number | null {
  if (sorted.length === 0) return null;
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
