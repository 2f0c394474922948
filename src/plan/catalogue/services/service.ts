/** What a provider asks for a unit of a service; storage and capacity are for a month. */
export interface ServicePrice {
  readonly provider: string;
  /** `s3`, `bigquery`. */
  readonly service: string;
  /** As the provider calls it: `Standard / Storage`. */
  readonly item: string;
  /** One or several, as the source says. */
  readonly region: string;
  /** US dollars for a unit. */
  readonly price: number;
  readonly unit: string;
  /** Whether the source gives a cost and a quantity, rounded to cents, by which the price was divided out. */
  readonly divided: boolean;
  readonly source: string;
  /** When the source was made: ISO 8601, or a year. */
  readonly date: string;
}

type Row = readonly [service: string, item: string, region: string, price: number, unit: string, divided: boolean];

/** The rows of one source. */
export function servicePrices(
  provider: string,
  { source, date }: { readonly source: string; readonly date: string },
  rows: readonly Row[],
): readonly ServicePrice[] {
  return rows.map(([service, item, region, price, unit, divided]) =>
    Object.freeze({ provider, service, item, region, price, unit, divided, source, date }),
  );
}
