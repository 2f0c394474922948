import { MillwrightError } from "../../error.ts";
import type { PlanInput, SizedPart } from "../vocabulary.ts";
import { acceleratorOf } from "../accelerator.ts";
import { offersOf, type Offer } from "./price.ts";
import type { Site } from "./site.ts";

/** What one replica needs. */
export interface Need {
  readonly cores: number;
  /** GiB. */
  readonly memory: number;
  readonly accelerator: { readonly type: string; readonly count: number } | null;
}

/** The machines that hold one replica. */
export interface Holding {
  readonly offer: Offer;
  /** Machines for one replica: more than one when none is large enough. */
  readonly machines: number;
}

/** What a replica of a part needs; null when one of the figures is unknown. */
export function needOf({ cores, memory, accelerator }: SizedPart): Need | null {
  if (cores.value === null || memory.value === null || (accelerator !== null && accelerator.count.value === null)) return null;
  return {
    cores: cores.value,
    memory: memory.value / 2 ** 30,
    accelerator: accelerator?.count.value == null ? null : { type: catalogueName(accelerator.type), count: accelerator.count.value },
  };
}

/** As the catalogue calls an accelerator; one that it does not know keeps its name, and no machine will be found that has it. */
function catalogueName(type: string): string {
  try {
    return acceleratorOf(type).name;
  } catch (error) {
    if (error instanceof MillwrightError && error.problem.code === "unknown-accelerator") return type;
    throw error;
  }
}

/**
 * The cheapest machines of a site, by their price on demand, that hold a replica: one machine where one is large enough, else several of a kind. A figure
 * that the catalogue does not know (memory of Azure's accelerator machines) is taken to be enough. Null when the provider has none.
 */
export function cheapest(site: Site, need: Need, prices: PlanInput["prices"]): Holding | null {
  const holdings = offersOf(site, need.accelerator?.type ?? null, prices).map((offer) => ({ offer, machines: machinesFor(offer, need) }));
  const single = holdings.filter(({ machines }) => machines === 1);
  return (
    (single.length > 0 ? single : holdings).toSorted(
      (a, b) =>
        a.machines * a.offer.onDemand - b.machines * b.offer.onDemand ||
        a.machines - b.machines ||
        a.offer.instance.type.localeCompare(b.offer.instance.type, "en"),
    )[0] ?? null
  );
}

function machinesFor({ instance }: Offer, { cores, memory, accelerator }: Need): number {
  return Math.max(
    1,
    instance.cores === null ? 1 : Math.ceil(cores / instance.cores),
    instance.memory === null ? 1 : Math.ceil(memory / instance.memory),
    // A sixth of a card stands as 0.1667.
    accelerator === null ? 1 : Math.ceil(accelerator.count / instance.accelerators - 0.001),
  );
}
