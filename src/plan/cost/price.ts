import { commitments } from "../catalogue/hardware.ts";
import { instances, type Instance } from "../catalogue/instances/index.ts";
import { services, type ServicePrice } from "../catalogue/services/index.ts";
import { unknown, type Figure, type FigureUnit } from "../figure.ts";
import type { OwnPrice, PlanInput } from "../vocabulary.ts";
import { jurisdictionOf, standIns, type Site } from "./site.ts";

type Prices = PlanInput["prices"];

/** The figure of a price that a person gave. */
export function ownFigure(name: string, unit: FigureUnit, { price, where }: OwnPrice): Figure {
  return Object.freeze<Figure>({ name, value: price, unit, range: null, origin: { kind: "declared", where } });
}

/** A machine, and where its price is from. */
export interface Offer {
  readonly instance: Instance;
  /** On demand, by which machines are compared. */
  readonly onDemand: number;
  /** The region whose price stands in for the site's; null when it is the site's own. */
  readonly standIn: string | null;
}

/** Every machine of a provider with that accelerator, or with none: of the region, else of the nearest one whose prices are known. */
export function offersOf(site: Site, accelerator: string | null, prices: Prices): readonly Offer[] {
  const all = instances.filter((one) => one.provider === site.provider && one.accelerator === accelerator);
  for (const region of [site.region, ...standIns(site)]) {
    const offers = all.flatMap((instance): Offer[] => {
      const onDemand = prices[`${instance.provider}/${instance.type}`]?.price ?? instance.onDemand;
      return instance.region === region && onDemand !== null
        ? [{ instance, onDemand, standIn: region === site.region ? null : region }]
        : [];
    });
    if (offers.length > 0) return offers;
  }
  return [];
}

/** What an hour of a machine costs, bought in that way: unknown where no source says. */
export function machinePrice({ instance, standIn }: Offer, site: Site, prices: Prices): Figure {
  const { provider, type, onDemand, spot, source, date, region } = instance;
  const key = `${provider}/${type}`;
  const { purchase } = site;
  const name = `price of ${type}`;
  const own = prices[purchase === "on-demand" ? key : `${key}/${purchase}`];
  if (own !== undefined) return ownFigure(name, "USD/hour", own);
  const row = (value: number, from: string, day: string, what: string): Figure =>
    Object.freeze<Figure>({
      name,
      value,
      unit: "USD/hour",
      range: standIn === null ? null : rangeOf(provider, value, standIn, site.region),
      origin: {
        kind: "catalogue",
        row: `${key} ${region}${what}${standIn === null ? "" : `, in place of ${site.region}`}`,
        source: from,
        date: day,
      },
    });
  if (purchase === "on-demand" && onDemand !== null) return row(onDemand, source, date, "");
  if (purchase === "spot" && spot !== null) return row(spot, source, date, " spot");
  const commitment = commitments.find((one) => one.provider === provider && one.types.test(type));
  if (purchase === "reserved" && commitment !== undefined && onDemand !== null)
    return row(
      Number((onDemand * commitment.share).toPrecision(6)),
      `${commitment.source}; ${source}`,
      commitment.date,
      ", a year's commitment",
    );
  return unknown(name, "USD/hour", `no source gives the ${purchase} price of ${key}; give one as '${key}/${purchase}'`);
}

/** A price of a unit of a service. */
export interface UnitPrice {
  readonly figure: Figure;
  /** As the provider calls it: `GB`. */
  readonly unit: string;
  /** The region whose price stands in; null when it is the site's own. */
  readonly elsewhere: string | null;
}

/** A price of a unit of a service in a region, or in the nearest one that has it. */
export function servicePrice(site: Site, service: string, item: string, provider: string, prices: Prices): UnitPrice {
  const key = `${provider}/${service}/${item}`;
  const rows = services.filter((row) => row.provider === provider && row.service === service && row.item === item);
  const found = nearest(rows, site);
  const unit = found?.unit ?? "units";
  const name = `price of ${item}`;
  const own = prices[key];
  if (own !== undefined) return { figure: ownFigure(name, "USD", own), unit, elsewhere: null };
  if (found === undefined)
    return { figure: unknown(name, "USD", `no source gives the price of ${key}; give one as '${key}'`), unit, elsewhere: null };
  const elsewhere = found.region === "all" || covers(found, site.region) ? null : found.region;
  const origin = {
    kind: "catalogue",
    row: `${key} ${found.region}${elsewhere === null ? "" : `, in place of ${site.region}`}`,
    source: found.source,
    date: found.date,
  } as const;
  return { figure: Object.freeze<Figure>({ name, value: found.price, unit: "USD", range: null, origin }), unit, elsewhere };
}

function nearest(rows: readonly ServicePrice[], site: Site): ServicePrice | undefined {
  const inJurisdiction = (row: ServicePrice) => jurisdictionOf(row.region.replaceAll(" ", "")) === jurisdictionOf(site.region);
  return rows.find((row) => covers(row, site.region)) ?? rows.find(inJurisdiction) ?? rows[0];
}

/** Whether a row is of that region; `West Europe` is `westeurope`. */
function covers({ region }: ServicePrice, wanted: string): boolean {
  return region.split(";").some((one) => one.replaceAll(" ", "").toLowerCase() === wanted.toLowerCase());
}

/** Where the price of another region leads: by the machines whose prices are known in both. */
function rangeOf(provider: string, price: number, from: string, to: string): readonly [number, number] | null {
  const of = (region: string) =>
    new Map(instances.filter((one) => one.provider === provider && one.region === region).map(({ type, onDemand }) => [type, onDemand]));
  const there = of(to);
  const ratios = [...of(from)].flatMap(([type, here]) => {
    const other = there.get(type);
    return here === null || other === null || other === undefined ? [] : [other / here];
  });
  return ratios.length === 0 ? null : [price * Math.min(1, ...ratios), price * Math.max(1, ...ratios)];
}
