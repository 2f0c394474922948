import { computed, unknown, type Figure } from "../figure.ts";
import type { CostLine, Part, PlanInput, Purchase, SizedPart, Sizing } from "../vocabulary.ts";
import { componentsOf, disks, tiersOf, transfers } from "./component.ts";
import { cheapest, needOf } from "./machine.ts";
import { billed, brief, monthlyCost } from "./money.ts";
import { energyOf, energyOfStorage, wattsOf, type Surroundings } from "./power.ts";
import { machinePrice, ownFigure, servicePrice } from "./price.ts";
import { demandOf, inUnits, monthHours, quantityOf, type Demand } from "./quantity.ts";
import type { Site } from "./site.ts";

/** A line, and the energy of what it is for; null where the line stands for no energy of its own (requests, fees, transfer). */
export interface Entry {
  readonly line: CostLine;
  readonly energy: Figure | null;
}

/** What the lines of a bill are worked out from. */
export interface Billing {
  readonly input: PlanInput;
  readonly site: Site;
  readonly surroundings: Surroundings;
  readonly demand: Demand;
}

/** A line that is frozen, its amount worked out. */
export function entry(line: Omit<CostLine, "monthly">, energy: Figure | null): Entry {
  return Object.freeze<Entry>({ line: Object.freeze<CostLine>({ ...line, monthly: monthlyCost(line.quantity, line.price) }), energy });
}

/** The parts that are paid for: a source is there already, and costs what it costs. */
export function pricedParts(parts: readonly Part[], sizing: Sizing): readonly (readonly [Part, SizedPart])[] {
  return parts.flatMap((part): (readonly [Part, SizedPart])[] => {
    const sized = sizing.parts.find((one) => one.part === part.id);
    return part.role === "source" || sized === undefined ? [] : [[part, briefly(sized)]];
  });
}

/** A part's sizes; the steps that led there stand in the sizing. */
function briefly(sized: SizedPart): SizedPart {
  const { replicas, cores, memory, storage, hours, accelerator } = sized;
  return {
    ...sized,
    replicas: brief(replicas),
    cores: brief(cores),
    memory: brief(memory),
    storage: storage === null ? null : brief(storage),
    hours: brief(hours),
    accelerator: accelerator === null ? null : { ...accelerator, count: brief(accelerator.count) },
  };
}

/** The bill of the platform at a provider that rents. */
export function rentedEntries(
  input: PlanInput,
  parts: readonly Part[],
  sizing: Sizing,
  site: Site,
  surroundings: Surroundings,
): readonly Entry[] {
  const billing: Billing = { input, site, surroundings, demand: demandOf(input, sizing) };
  return pricedParts(parts, sizing).flatMap(([part, sized]) => partEntries(billing, part, sized));
}

function partEntries(billing: Billing, part: Part, sized: SizedPart): Entry[] {
  const { site, demand } = billing;
  const components = componentsOf(part, site.provider);
  const named = components.instead === null ? "" : ` (for ${part.title})`;
  const transfer = part.role === "server" && demand.inferences.value !== null ? transfers[site.provider] : undefined;
  return [
    ...(components.missing === null ? [] : [missingEntry(billing, part, components.missing)]),
    ...(components.machines && sized.replicas.value !== 0 ? [machineEntry(billing, part, sized)] : []),
    ...components.services.flatMap((service) => serviceEntries(billing, part, sized, service, named)),
    ...(needsDisks(sized, components) ? diskEntries(billing, part, sized) : []),
    ...(transfer === undefined ? [] : serviceEntries(billing, part, sized, transfer, "")),
  ];
}

/** What keeps bytes and is no service keeps them on disks. */
export function needsDisks(sized: SizedPart, { services, missing }: ReturnType<typeof componentsOf>): boolean {
  return sized.storage !== null && missing === null && !services.some(({ quantity }) => quantity === "stored gigabytes");
}

/** A line without a price from a source, unless a person gave one for the month. */
export function missingEntry({ input }: Billing, part: Part, why: string): Entry {
  const own = input.prices[`${part.system}/month`];
  const name = `price of ${part.title}`;
  const price = own === undefined ? unknown(name, "USD", why) : ownFigure(name, "USD", own);
  const quantity = computed("months", "count", "1", [], () => 1);
  return entry({ part: part.id, item: part.title, purchase: "on-demand", quantity, price }, null);
}

/** How a part is bought: reserved only what always runs, spot only what may be interrupted and is done again. */
function purchaseOf({ purchase }: Site, part: Part, { hours }: SizedPart): Purchase {
  if (purchase === "reserved") return (hours.value ?? 0) >= monthHours ? "reserved" : "on-demand";
  return purchase === "spot" && (part.role === "launcher" || part.role === "engine") ? "spot" : "on-demand";
}

function machineEntry(billing: Billing, part: Part, sized: SizedPart): Entry {
  const { input, surroundings } = billing;
  const purchase = purchaseOf(billing.site, part, sized);
  const site: Site = { ...billing.site, purchase };
  const need = needOf(sized);
  const holding = need === null ? null : cheapest(site, need, input.prices);
  if (holding === null) {
    const what = sized.accelerator === null ? "machine without an accelerator" : `machine with ${sized.accelerator.type}`;
    const why =
      need === null
        ? `nothing is known of what ${part.id} needs`
        : `the catalogue has no ${what} of ${site.provider} in or near ${site.region}`;
    const quantity = computed("machine hours", "hours", "replicas x hours", [sized.replicas, sized.hours], (count = 0, hours = 0) =>
      billed(count * hours),
    );
    const price = unknown("price of a machine", "USD/hour", why);
    return entry({ part: part.id, item: what, purchase, quantity, price }, unknown("energy", "kWh", why));
  }
  const { offer, machines } = holding;
  const quantity = computed(
    "machine hours",
    "hours",
    `replicas x ${machines === 1 ? "" : `${machines} machines x `}hours, rounded up`,
    [sized.replicas, sized.hours],
    (count = 0, hours = 0) => billed(count * machines * hours),
  );
  const elsewhere = offer.standIn === null ? "" : `, price of ${offer.standIn.region}`;
  const price = machinePrice(offer, site, input.prices);
  const item = `${offer.instance.type}${price.origin.kind === "declared" ? "" : elsewhere}`;
  return entry({ part: part.id, item, purchase, quantity, price }, energyOf(quantity, wattsOf(offer.instance), surroundings));
}

function diskEntries(billing: Billing, part: Part, sized: SizedPart): Entry[] {
  const service = disks[billing.site.provider];
  if (service !== undefined) return serviceEntries(billing, part, sized, service, "");
  const { provider } = billing.site;
  const key = `${provider}/disks/GB`;
  const stored = quantityOf("stored gigabytes", sized, billing.demand);
  const own = billing.input.prices[key];
  const why = `no source gives the price of disks of ${provider}; give one as '${key}'`;
  const price = own === undefined ? unknown("price of disks", "USD", why) : ownFigure("price of disks", "USD", own);
  return [
    entry(
      { part: part.id, item: "disks", purchase: "on-demand", quantity: inUnits(stored, "GB"), price },
      energyOfStorage(stored, billing.surroundings),
    ),
  ];
}

type Service = ReturnType<typeof componentsOf>["services"][number];

/** The lines of a service: one for each step of its price that the quantity reaches. */
export function serviceEntries(billing: Billing, part: Part, sized: SizedPart, service: Service, named: string): Entry[] {
  const { input, site, surroundings, demand } = billing;
  const whole = quantityOf(service.quantity, sized, demand);
  const tiers = tiersOf(service);
  let below = 0;
  return tiers.flatMap(({ item, upTo }, index): Entry[] => {
    const from = below;
    below = upTo;
    if (index > 0 && (whole.value === null || whole.value <= from)) return [];
    const step =
      tiers.length === 1 ? whole : computed(whole.name, whole.unit, `of ${item}`, [whole], (value = 0) => Math.min(value, upTo) - from);
    const { figure, unit, elsewhere } = servicePrice(site, service.service, item, service.provider, input.prices);
    const region = elsewhere === null ? "" : `, price of ${elsewhere}`;
    const energy = energyOfService(service, whole, surroundings, index);
    return [
      entry(
        {
          part: part.id,
          item: `${service.service} ${item}${named}${region}`,
          purchase: "on-demand",
          quantity: inUnits(step, unit),
          price: figure,
        },
        energy,
      ),
    ];
  });
}

/** Storage draws what disks draw; what a provider's machines draw behind a service, nobody says. */
function energyOfService({ quantity, service }: Service, whole: Figure, surroundings: Surroundings, step: number): Figure | null {
  if (quantity === "stored gigabytes") return step === 0 ? energyOfStorage(whole, surroundings) : null;
  if (quantity === "replica hours" || quantity === "hours" || quantity === "terabytes scanned")
    return unknown("energy", "kWh", `no source says what ${service} draws`);
  return null;
}
