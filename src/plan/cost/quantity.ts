import type { PricedQuantity } from "../../systems/catalogue/facts.ts";
import { computed, unknown, type Figure } from "../figure.ts";
import type { PlanInput, SizedPart, Sizing } from "../vocabulary.ts";
import { billed } from "./money.ts";

/** Hours of a month, everywhere in a plan. */
export const monthHours = 730;
const monthSeconds = monthHours * 3600;

/** What is asked of the whole platform in a month. */
export interface Demand {
  /** Bytes that arrive. */
  readonly arriving: Figure;
  /** Predictions asked for. */
  readonly inferences: Figure;
}

/** What the requirements, or else the sizing, say of a month. */
export function demandOf({ definition }: PlanInput, sizing: Sizing): Demand {
  const declared = (name: string, unit: Figure["unit"]): Figure | undefined => {
    const requirement = definition.requirements.find((one) => one.name === name);
    if (requirement === undefined || typeof requirement.value !== "number") return undefined;
    return { name, value: requirement.value, unit, range: null, origin: { kind: "declared", where: requirement.origin } };
  };
  const sized = (pattern: RegExp, unit: Figure["unit"]) =>
    sizing.figures.find((figure) => pattern.test(figure.name) && figure.unit === unit);
  const volume = declared("volume", "bytes/second") ?? sized(/arriv|volume/i, "bytes/second");
  const requests = declared("requests", "1/second") ?? sized(/requests|predictions/i, "1/second");
  return Object.freeze<Demand>({
    arriving:
      volume === undefined
        ? unknown("data that arrives in a month", "bytes", "no requirement says how much data arrives (volume)")
        : computed("data that arrives in a month", "bytes", "volume x 730 hours", [volume], (rate = 0) => rate * monthSeconds),
    inferences:
      requests === undefined
        ? unknown("inferences in a month", "count", "no requirement says how many predictions are asked for (requests)")
        : computed("inferences in a month", "count", "requests x 730 hours", [requests], (rate = 0) => rate * monthSeconds),
  });
}

/** Bytes of an object that a lake writes, and how often each is read: assumptions, for the requests that object storage bills. */
const objectBytes = 128e6;
const readsOfAnObject = 10;
/** Bytes of an answer with its headers: an assumption. */
const answerBytes = 1000;
/** How often in a month all of a warehouse's rows are read: once a day, an assumption. */
const scans = 30;

/** Nodes of a cluster that a provider runs and nobody sizes: an assumption, the least that survives the loss of one. */
const providerNodes = 2;

/** A quantity of a service that a part takes in a month: hours, thousands of requests, bytes. */
export function quantityOf(quantity: PricedQuantity, part: SizedPart, { arriving, inferences }: Demand): Figure {
  const stored = part.storage ?? unknown("stored", "bytes", `nothing says how much ${part.part} keeps`);
  switch (quantity) {
    case "stored gigabytes":
      return stored;
    case "hours":
      return part.hours;
    case "hours of the month":
      return computed("hours of the month", "hours", "730", [], () => monthHours);
    case "replica hours":
      return part.replicas.value === 0
        ? computed(
            "node hours",
            "hours",
            `${providerNodes} nodes (assumption) x hours, paused otherwise`,
            [part.hours],
            (hours = 0) => providerNodes * hours,
          )
        : computed(
            "replica hours",
            "hours",
            "replicas x hours",
            [part.replicas, part.hours],
            (replicas = 0, hours = 0) => replicas * hours,
          );
    case "gigabytes in":
      return arriving;
    case "gigabytes out":
      return computed(
        "answers sent out",
        "bytes",
        `inferences x ${answerBytes} bytes (assumption)`,
        [inferences],
        (count = 0) => count * answerBytes,
      );
    case "thousand writes":
      return computed(
        "objects written",
        "count",
        "data that arrives / 128 MB (assumption)",
        [arriving],
        (bytes = 0) => bytes / objectBytes,
      );
    case "thousand reads":
      return computed(
        "objects read",
        "count",
        `data that arrives / 128 MB x ${readsOfAnObject} (assumption)`,
        [arriving],
        (bytes = 0) => (bytes / objectBytes) * readsOfAnObject,
      );
    case "terabytes scanned":
      return computed(
        "bytes scanned",
        "bytes",
        `stored x ${scans} (assumption: all of it once a day)`,
        [stored],
        (bytes = 0) => bytes * scans,
      );
  }
}

/** How many of a quantity's own unit (bytes, hours, requests) a price is for, by the provider's name of the unit. */
const units: Readonly<Record<string, number>> = {
  GB: 1e9,
  GiB: 2 ** 30,
  TB: 1e12,
  TiB: 2 ** 40,
  "TB-month (compressed)": 1e12,
  hours: 1,
  credit: 1,
  "1k requests": 1e3,
  "10k operations": 1e4,
};

/** A quantity in the units of its price, as it is billed. */
export function inUnits(quantity: Figure, unit: string): Figure {
  const size = units[unit];
  if (size === undefined) return unknown(quantity.name, "count", `a quantity in ${unit} is not known`);
  const name = unit === "hours" || unit === "credit" ? quantity.name : `${quantity.name}, ${unit}`;
  return computed(name, unit === "hours" ? "hours" : "count", `in ${unit}, rounded up as it is billed`, [quantity], (value = 0) =>
    billed(value / size),
  );
}
