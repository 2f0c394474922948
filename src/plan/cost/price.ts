import { commitments } from "../catalogue/hardware.ts";
import { instances, type Instance } from "../catalogue/instances/index.ts";
import { services, type ServicePrice } from "../catalogue/services/index.ts";
import { unknown, type Figure, type FigureUnit } from "../figure.ts";
import type { OwnPrice, PlanInput } from "../vocabulary.ts";
import { jurisdictionOf, standIns, type Site } from "./site.ts";
import { standInFor, type StandIn } from "./stand-in.ts";

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
  /** Where its price stands in from; null when it is the site's own. */
  readonly standIn: StandIn | null;
}

/**
 * Every machine of a provider with that accelerator, or with none: of the region, else of the nearest one whose prices may stand in; and those whose price a
 * person gave, which holds everywhere.
 */
export function offersOf(site: Site, accelerator: string | null, prices: Prices): readonly Offer[] {
  const all = instances.filter((one) => one.provider === site.provider && one.accelerator === accelerator);
  const own = all.flatMap((instance, index): Offer[] => {
    const given = prices[`${instance.provider}/${instance.type}`];
    const first = all.findIndex(({ type }) => type === instance.type) === index;
    return given !== undefined && first ? [{ instance, onDemand: given.price, standIn: null }] : [];
  });
  const owned = new Set(own.map(({ instance }) => instance.type));
  const elsewhere = standIns(site).flatMap((region) => standInFor(site, region) ?? []);
  for (const standIn of [null, ...elsewhere]) {
    const offers = all.flatMap((instance): Offer[] => {
      const { type, region, onDemand } = instance;
      return region === (standIn?.region ?? site.region) && onDemand !== null && !owned.has(type) ? [{ instance, onDemand, standIn }] : [];
    });
    if (offers.length > 0) return [...own, ...offers];
  }
  return own;
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
      range: rangeOf(value, standIn),
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
  const own = prices[key];
  const name = `price of ${item}`;
  const of = (figure: Figure, row: ServicePrice | undefined, elsewhere: string | null): UnitPrice => ({
    figure,
    unit: row?.unit ?? "units",
    elsewhere,
  });
  if (own !== undefined) return of(ownFigure(name, "USD", own), rows[0], null);
  const here = rows.find((row) => row.region === "all" || covers(row, site.region));
  const there = rows.flatMap((row) => {
    const standIn = standInFor(site, row.region);
    return standIn === null ? [] : [{ row, standIn }];
  });
  const near = there.find(({ standIn }) => standIn.factors === null) ?? there.find(({ row }) => isNear(row, site)) ?? there[0];
  const found = here ?? near?.row;
  if (found === undefined) {
    const what =
      rows.length === 0 ? `no source gives the price of ${key}` : `no source gives the price of ${key} in or near ${site.region}`;
    return of(unknown(name, "USD", `${what}; give one as '${key}'`), rows[0], null);
  }
  const elsewhere = here === undefined ? found.region : null;
  const { source, date, price } = found;
  const row = `${key} ${found.region}${elsewhere === null ? "" : `, in place of ${site.region}`}`;
  const range = here === undefined ? rangeOf(price, near?.standIn ?? null) : null;
  return of(
    Object.freeze<Figure>({ name, value: price, unit: "USD", range, origin: { kind: "catalogue", row, source, date } }),
    found,
    elsewhere,
  );
}

/** Whether a row is of the same part of the world. */
function isNear({ region }: ServicePrice, site: Site): boolean {
  return jurisdictionOf(region.replaceAll(" ", "")) === jurisdictionOf(site.region);
}

/** Whether a row is of that region; `West Europe` is `westeurope`. */
function covers({ region }: ServicePrice, wanted: string): boolean {
  return region.split(";").some((one) => one.replaceAll(" ", "").toLowerCase() === wanted.toLowerCase());
}

/** Where the price of another region leads; null where that is not known. */
function rangeOf(price: number, standIn: StandIn | null): Figure["range"] {
  return standIn?.factors == null ? null : [price * standIn.factors[0], price * standIn.factors[1]];
}
