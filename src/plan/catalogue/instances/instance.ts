/** What a provider asks for a machine by the hour. Unknown is null, never 0. */
export interface Instance {
  readonly provider: string;
  /** As the provider calls it. */
  readonly type: string;
  readonly region: string;
  /** As the catalogue of accelerators calls it; null for a machine without. */
  readonly accelerator: string | null;
  /** A part of a card counts as one: 0.5. */
  readonly accelerators: number;
  /** Virtual ones. */
  readonly cores: number | null;
  /** GiB. */
  readonly memory: number | null;
  /** US dollars an hour, Linux. */
  readonly onDemand: number | null;
  /** The same, for a machine that may be taken away; it moves by the hour. */
  readonly spot: number | null;
  readonly source: string;
  /** When the source was made, or read where it does not say: ISO 8601. */
  readonly date: string;
}

/** A row of a provider's list. The figures: accelerators, cores, memory, on demand, spot. */
export function instance(
  provider: string,
  type: string,
  region: string,
  accelerator: string | null,
  figures: readonly [number, number | null, number | null, number | null, number | null],
  { source, date }: { readonly source: string; readonly date: string },
): Instance {
  const [accelerators, cores, memory, onDemand, spot] = figures;
  return Object.freeze({ provider, type, region, accelerator, accelerators, cores, memory, onDemand, spot, source, date });
}
