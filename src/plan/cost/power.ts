import { accelerators } from "../catalogue/accelerators.ts";
import type { Instance } from "../catalogue/instances/index.ts";
import { draw, grids } from "../catalogue/power.ts";
import { computed, unknown, type Figure } from "../figure.ts";
import { monthHours } from "./quantity.ts";
import type { Site } from "./site.ts";

/** What a kWh is multiplied by, and what it emits, where a platform stands. */
export interface Surroundings {
  /** All power by that of the machines. */
  readonly effectiveness: Figure;
  /** kg of CO2 equivalents for a kWh. */
  readonly intensity: Figure;
}

/** What is known of a site's electricity; one's own machines bring their own effectiveness. */
export function surroundingsOf(site: Site, ownEffectiveness: Figure | null): Surroundings {
  const found = grids.find(({ provider, region }) => provider === site.provider && region === site.region);
  const anywhere = site.provider === "owned" ? grids.find(({ region }) => region === site.region) : undefined;
  const grid = found ?? anywhere;
  const origin = {
    kind: "catalogue",
    row: `${grid?.provider} ${grid?.region} ${grid?.year}`,
    source: grid?.source ?? "",
    date: grid?.date ?? "",
  } as const;
  const why = `no source says what electricity is like for ${site.provider} in ${site.region}`;
  const name = "power usage effectiveness";
  return Object.freeze<Surroundings>({
    effectiveness:
      ownEffectiveness ??
      (grid?.effectiveness == null ? unknown(name, "share", why) : { name, value: grid.effectiveness, unit: "share", range: null, origin }),
    intensity:
      grid === undefined
        ? unknown("carbon of a kWh", "kgCO2e", why)
        : { name: "carbon of a kWh", value: grid.intensity, unit: "kgCO2e", range: null, origin },
  });
}

/** Watts of a machine while it runs: its cores half busy, its memory, its accelerators at their most. Unknown where the catalogue does not know one of them. */
export function wattsOf(machine: Pick<Instance, "type" | "cores" | "memory" | "accelerator" | "accelerators">): Figure {
  const { type, cores, memory, accelerator, accelerators: count } = machine;
  const power = accelerator === null ? 0 : (accelerators.find(({ name }) => name === accelerator)?.power ?? null);
  if (power === null) return unknown(`power of ${type}`, "watts", `the catalogue does not know what ${accelerator} draws`);
  if (cores === null) return unknown(`power of ${type}`, "watts", `the catalogue does not know the cores of ${type}`);
  // A Jetson's watts are those of the whole module.
  const rest = accelerator?.startsWith("Jetson") === true ? 0 : 1;
  const core = draw.perCoreIdle + draw.use * (draw.perCoreBusy - draw.perCoreIdle);
  return Object.freeze<Figure>({
    name: `power of ${type}`,
    value: rest * (cores * core + (memory ?? 0) * draw.perGibibyte) + count * power,
    unit: "watts",
    range: null,
    origin: {
      kind: "catalogue",
      row: `cores x ${core} W + GiB x ${draw.perGibibyte} W + accelerators x their power at most`,
      source: draw.source,
      date: draw.date,
    },
  });
}

/** kWh of machines in a month. */
export function energyOf(machineHours: Figure, watts: Figure, { effectiveness }: Surroundings): Figure {
  return computed(
    "energy",
    "kWh",
    "machine hours x watts / 1000 x power usage effectiveness",
    [machineHours, watts, effectiveness],
    (hours = 0, power = 0, all = 0) => (hours * power * all) / 1000,
  );
}

/** kWh of stored bytes in a month: three copies on solid state disks. */
export function energyOfStorage(stored: Figure, { effectiveness }: Surroundings): Figure {
  return computed(
    "energy of storage",
    "kWh",
    `TB x 3 copies x ${draw.perTerabyte} W x 730 hours / 1000 x power usage effectiveness`,
    [stored, effectiveness],
    (bytes = 0, all = 0) => ((bytes / 1e12) * 3 * draw.perTerabyte * monthHours * all) / 1000,
  );
}

/** What energy emits. */
export function carbonOf(name: string, energy: Figure, { intensity }: Surroundings): Figure {
  return computed(
    name,
    "kgCO2e",
    "kWh x carbon of a kWh (of use; making the hardware is not counted)",
    [energy, intensity],
    (kilowattHours = 0, each = 0) => kilowattHours * each,
  );
}
