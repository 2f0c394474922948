import { hardware, rates, type Rate } from "../catalogue/hardware.ts";
import type { Instance } from "../catalogue/instances/index.ts";
import { computed, unknown, type Figure } from "../figure.ts";
import type { CostLine, Part, PlanInput, SizedPart, Sizing } from "../vocabulary.ts";
import { entry, missingEntry, needsDisks, pricedParts, serviceEntries, type Billing, type Entry } from "./bill.ts";
import { componentsOf } from "./component.ts";
import { needOf, type Need } from "./machine.ts";
import { billed, toCents } from "./money.ts";
import { energyOf, energyOfStorage, surroundingsOf, wattsOf } from "./power.ts";
import { ownFigure } from "./price.ts";
import { demandOf, inUnits, quantityOf } from "./quantity.ts";
import { jurisdictionOf, type Site } from "./site.ts";

/** The part that lines of the whole platform stand under. */
export const sharedPart = "shared";

/** A rate, or the person's own in its place. */
export function rateFigure({ name, value, source, date }: Rate, unit: Figure["unit"], prices: PlanInput["prices"]): Figure {
  const own = prices[name];
  if (own !== undefined) return ownFigure(name, unit, own);
  return Object.freeze<Figure>({ name, value, unit, range: null, origin: { kind: "catalogue", row: name, source, date } });
}

/** Machines of a kind that a part takes: a share of a server with others, or whole machines with accelerators. */
interface Taken {
  readonly part: Part;
  readonly replicas: Figure;
  /** Null when nobody knows what is needed. */
  readonly need: Need | null;
  readonly machine: Instance | null;
  readonly item: string;
  /** Machines; not rounded. */
  readonly count: Figure;
  readonly hours: Figure;
}

/**
 * The bill of the platform on machines of one's own: machines written off over years (price / years / 12, to the cent), the rest of the last server, disks,
 * electricity (machine hours x watts x power usage effectiveness x price), and people.
 */
export function ownedEntries(input: PlanInput, parts: readonly Part[], sizing: Sizing, site: Site): readonly Entry[] {
  const { prices } = input;
  const effectiveness = rateFigure(rates.effectiveness, "share", prices);
  const billing: Billing = { input, site, surroundings: surroundingsOf(site, effectiveness), demand: demandOf(input, sizing) };
  const priced = pricedParts(parts, sizing).map(([part, sized]) => ({ part, sized, components: componentsOf(part, "owned") }));
  const taken = priced.flatMap(({ part, sized, components }) =>
    components.machines && sized.replicas.value !== 0 ? [takenBy(part, sized)] : [],
  );
  const machines = taken.map((one) => machineEntry(one, billing));
  const disks = priced.flatMap(({ part, sized, components }) =>
    needsDisks(sized, components) || isStorage(part, sized) ? [diskEntry(part, sized, billing)] : [],
  );
  const services = priced.flatMap(({ part, sized, components }) => [
    ...(components.missing === null || isStorage(part, sized) ? [] : [missingEntry(billing, part, components.missing)]),
    ...components.services.flatMap((service) =>
      serviceEntries(billing, part, sized, service, components.instead === null ? "" : ` (for ${part.title})`),
    ),
  ]);
  return [
    ...machines,
    ...spareEntry(taken, prices),
    ...disks,
    ...services,
    ...electricityEntry([...machines, ...disks], site, prices),
    ...peopleEntry(taken, prices),
  ];
}

/** Object storage of a provider is disks on one's own machines. */
function isStorage({ role }: Part, { storage }: SizedPart): boolean {
  return role === "lake" && storage !== null;
}

function takenBy(part: Part, sized: SizedPart): Taken {
  const need = needOf(sized);
  const type = need?.accelerator?.type ?? null;
  const machine = hardware.find(({ accelerator }) => accelerator === type) ?? null;
  const item = machine?.type ?? `machine with ${type}`;
  const { replicas, hours, cores, memory } = sized;
  const unknownCount = unknown("machines", "count", `nothing is known of what ${part.id} needs`);
  if (need === null) return { part, replicas, need, machine: null, item: "machine", count: unknownCount, hours };
  const share = shareOf(need, machine);
  const count =
    need.accelerator === null
      ? computed(
          "servers",
          "count",
          "replicas x the larger of its share of cores and of memory",
          [replicas, cores, memory],
          (each = 0) => each * share,
        )
      : computed(
          "machines",
          "count",
          "whole machines that hold the replicas, at least two where there are several",
          [replicas],
          (each = 0) => (share > 1 ? each * Math.ceil(share) : Math.max(Math.min(each, 2), Math.ceil(each / Math.floor(1 / share)))),
        );
  return { part, replicas, need, machine, item, count, hours };
}

function shareOf({ cores, memory, accelerator }: Need, machine: Instance | null): number {
  if (machine === null) return 1;
  const accelerators = accelerator === null ? 0 : accelerator.count / machine.accelerators;
  return Math.max(cores / (machine.cores ?? Number.NaN), memory / (machine.memory ?? Number.NaN), accelerators);
}

/** What a machine costs in a month. */
function monthPrice(item: string, machine: Instance | null, prices: PlanInput["prices"]): Figure {
  const key = `owned/${item}`;
  const years = rateFigure(rates.years, "count", prices);
  const own = prices[key];
  const origin = { kind: "catalogue", row: key, source: machine?.source ?? "", date: machine?.date ?? "" } as const;
  const price =
    own !== undefined
      ? ownFigure(`price of ${item}`, "USD", own)
      : machine === null
        ? unknown(`price of ${item}`, "USD", `no source gives the price of a ${item}; give one as '${key}'`)
        : Object.freeze<Figure>({ name: `price of ${item}`, value: machine.onDemand, unit: "USD", range: null, origin });
  return computed(
    `price of ${item}, by the month`,
    "USD/month",
    "price / (years x 12), to the cent",
    [price, years],
    (whole = 0, over = 1) => toCents(whole / (over * 12)),
  );
}

function machineEntry({ part, need, machine, item, count, hours }: Taken, { input, surroundings }: Billing): Entry {
  const quantity = computed(count.name, "count", "rounded up", [count], (value = 0) => billed(value));
  const line = { part: part.id, item, purchase: "owned", quantity, price: monthPrice(item, machine, input.prices) } as const;
  if (need === null) return entry(line, unknown("energy", "kWh", `nothing is known of what ${part.id} needs`));
  // A machine that the catalogue lacks draws what its replica needs.
  const drawing = machine ?? {
    type: item,
    cores: need.cores,
    memory: need.memory,
    accelerator: need.accelerator?.type ?? null,
    accelerators: need.accelerator?.count ?? 0,
  };
  const machineHours = computed(
    "machine hours",
    "hours",
    "machines x hours",
    [quantity, hours],
    (machines = 0, each = 0) => machines * each,
  );
  return entry(line, energyOf(machineHours, wattsOf(drawing), surroundings));
}

/** Servers are bought whole, and at least two where a part has replicas, so that one may fail: what is left of them. */
function spareEntry(taken: readonly Taken[], prices: PlanInput["prices"]): Entry[] {
  // Nobody knows how much is left where nobody knows what a part takes.
  const shared = taken.filter(({ need, machine }) => need === null || machine?.accelerator === null);
  const first = shared.find(({ machine }) => machine !== null);
  if (first === undefined) return [];
  const counts = shared.map(({ count }) => count);
  const least = shared.some(({ replicas }) => (replicas.value ?? 0) > 1) ? 2 : 1;
  const quantity = computed("servers, unused", "count", `whole servers, at least ${least}, less what is taken`, counts, (...values) => {
    const sum = values.reduce((all, value) => all + billed(value), 0);
    return Number((Math.max(least, Math.ceil(Number(sum.toPrecision(12)))) - sum).toPrecision(3));
  });
  const price = monthPrice(first.item, first.machine, prices);
  return quantity.value === 0 ? [] : [entry({ part: sharedPart, item: `${first.item}, unused`, purchase: "owned", quantity, price }, null)];
}

function diskEntry(part: Part, sized: SizedPart, { input: { prices }, surroundings, demand }: Billing): Entry {
  const stored = quantityOf("stored gigabytes", sized, demand);
  const copies = rateFigure(rates.copies, "count", prices);
  const price = computed(
    "price of a GB, by the month",
    "USD",
    "price of a GB / (years x 12)",
    [rateFigure(rates.disk, "USD", prices), rateFigure(rates.years, "count", prices)],
    (gigabyte = 0, years = 1) => Number((gigabyte / (years * 12)).toPrecision(3)),
  );
  const all = computed("stored in copies", "bytes", "stored x copies", [stored, copies], (bytes = 0, times = 1) => bytes * times);
  return entry(
    { part: part.id, item: "disks", purchase: "owned", quantity: inUnits(all, "GB"), price },
    energyOfStorage(stored, surroundings),
  );
}

function electricityEntry(drawing: readonly Entry[], { region }: Site, prices: PlanInput["prices"]): Entry[] {
  const energies = drawing.flatMap(({ energy }) => (energy === null ? [] : [energy]));
  if (energies.length === 0) return [];
  const quantity = computed("electricity", "kWh", "of machines and disks, rounded up", energies, (...each) =>
    billed(each.reduce((sum, value) => sum + value, 0)),
  );
  const rate = { EU: rates.electricityEU, US: rates.electricityUS, none: null }[jurisdictionOf(region) ?? "none"];
  const own = prices[rates.electricityUS.name];
  const why = `no source gives the price of electricity in ${region}; give one as '${rates.electricityUS.name}'`;
  const price =
    rate !== null
      ? rateFigure(rate, "USD", prices)
      : own === undefined
        ? unknown("price of a kWh", "USD", why)
        : ownFigure("price of a kWh", "USD", own);
  return [entry({ part: sharedPart, item: "electricity", purchase: "owned", quantity, price }, null)];
}

function peopleEntry(taken: readonly Taken[], prices: PlanInput["prices"]): Entry[] {
  const quantity = computed(
    "administrators",
    "count",
    "machines / machines that one looks after, at least the least",
    [
      rateFigure(rates.leastPeople, "count", prices),
      rateFigure(rates.machinesPerPerson, "count", prices),
      ...taken.map(({ count }) => count),
    ],
    (least = 0, each = 1, ...counts) => billed(Math.max(least, counts.reduce((sum, count) => sum + Math.ceil(count), 0) / each)),
  );
  const price: Figure = rateFigure(rates.wage, "USD/month", prices);
  const line: Omit<CostLine, "monthly"> = { part: sharedPart, item: "people", purchase: "owned", quantity, price };
  return [entry(line, null)];
}
