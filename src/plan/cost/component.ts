import type { Place } from "../../define/node.ts";
import type { PriceComponent } from "../../systems/catalogue/facts.ts";
import { systemFacts } from "../../systems/catalogue/index.ts";
import { services } from "../catalogue/services/index.ts";
import type { Part } from "../vocabulary.ts";
import { providers } from "./site.ts";

type Service = Exclude<PriceComponent, { readonly machines: true }>;

/** What must be bought of a part at a provider. */
export interface Components {
  readonly machines: boolean;
  readonly services: readonly Service[];
  /** The provider's own system that takes the place of what is bound; null when it is what is bound. */
  readonly instead: string | null;
  /** Why nothing can be said; null when it can. */
  readonly missing: string | null;
}

/** What takes the place of a service that another provider runs. */
const equivalents: Readonly<Partial<Record<Part["role"], Readonly<Partial<Record<Place["provider"], string>>>>>> = {
  lake: { aws: "s3", google: "gcs", azure: "azure" },
  warehouse: { aws: "redshift", google: "bigquery", azure: "snowflake", lambda: "snowflake", nebius: "snowflake", owned: "snowflake" },
  broker: { google: "pubsub", aws: "kinesis" },
};

/** Services that stand in no row of the systems: what a broker of Google's is at Amazon's. */
const others: Readonly<Record<string, readonly Service[]>> = {
  kinesis: [
    { provider: "aws", service: "kinesis-streams", item: "ON_DEMAND", quantity: "hours of the month" },
    { provider: "aws", service: "kinesis-streams", item: "Data ingested", quantity: "gigabytes in" },
    { provider: "aws", service: "kinesis-streams", item: "Data retrieval", quantity: "gigabytes in" },
  ],
};

/** What has to be bought of a part where it stands; a service of another provider gives way to the provider's own that does the same. */
export function componentsOf(part: Part, provider: Place["provider"]): Components {
  const facts = systemFacts.get(part.system);
  const here = sold(facts?.prices ?? [], provider);
  const machines = (facts?.prices ?? []).some((component) => "machines" in component);
  if (facts?.managed !== true || here.length > 0) return { machines, services: here, instead: null, missing: null };
  if (facts.prices.length === 0) return none(`no source gives the price of ${facts.title}; give one as '${part.system}/month'`);
  const instead = equivalents[part.role]?.[provider];
  if (instead === undefined) return none(`${facts.title} is not sold there, and nothing of ${provider} in the catalogue takes its place`);
  const found = sold(others[instead] ?? systemFacts.get(instead)?.prices ?? [], provider);
  return found.length === 0
    ? none(`no source gives the price of ${instead}`)
    : { machines: false, services: found, instead, missing: null };
}

function none(missing: string): Components {
  return { machines: false, services: [], instead: null, missing };
}

/** The services among components that this provider sells, or one that is sold wherever one stands. */
function sold(components: readonly PriceComponent[], provider: Place["provider"]): readonly Service[] {
  const everywhere = (name: string) => !providers.some((one) => one === name);
  return components.filter(
    (component): component is Service => !("machines" in component) && (component.provider === provider || everywhere(component.provider)),
  );
}

/** Disks of machines, by the month; null where no source was found. */
export const disks: Readonly<Partial<Record<Place["provider"], Service>>> = {
  aws: { provider: "aws", service: "ebs", item: "Storage (general purpose SSD, gp3)", quantity: "stored gigabytes" },
  google: { provider: "google", service: "persistent-disk", item: "SSD provisioned storage (pd-ssd)", quantity: "stored gigabytes" },
  azure: { provider: "azure", service: "managed-disks", item: "Standard SSD (E30, LRS)", quantity: "stored gigabytes" },
};

/** What leaves for the Internet. */
export const transfers: Readonly<Partial<Record<Place["provider"], Service>>> = {
  aws: { provider: "aws", service: "data-transfer", item: "Outbound data transfer to Internet", quantity: "gigabytes out" },
  google: { provider: "google", service: "data-transfer", item: "Premium tier to the Internet (first 1TB)", quantity: "gigabytes out" },
  azure: { provider: "azure", service: "data-transfer", item: "Outbound to the Internet (first 10TB)", quantity: "gigabytes out" },
};

/** A step of a price that falls with the quantity: up to `upTo` of the unit's bytes in all. */
export interface Tier {
  readonly item: string;
  readonly upTo: number;
}

const sizes: Readonly<Record<string, number>> = { TB: 1e12, PB: 1e15 };

/** The steps of an item, `(first 10TB)`, `(next 40TB)`, `(over 50TB)`; the item itself when its price has none. */
export function tiersOf({ provider, service, item }: Service): readonly Tier[] {
  const named = services.filter((row) => row.provider === provider && row.service === service);
  const steps = [...new Set(named.map((row) => row.item))].flatMap((name) => {
    if (!name.startsWith(`${item} (`)) return [];
    const [, word, count, unit = ""] = /^ \((first|next|over) ([\d.]+)(TB|PB)\)$/.exec(name.slice(item.length)) ?? [];
    return word === undefined ? [] : [{ name, word, bytes: Number(count) * (sizes[unit] ?? Number.NaN) }];
  });
  if (steps.length === 0) return [{ item, upTo: Number.POSITIVE_INFINITY }];
  const order = ["first", "next", "over"];
  let reached = 0;
  return steps
    .toSorted((a, b) => order.indexOf(a.word) - order.indexOf(b.word))
    .map(({ name, word, bytes }) => {
      reached = word === "over" ? Number.POSITIVE_INFINITY : reached + bytes;
      return { item: name, upTo: reached };
    });
}
