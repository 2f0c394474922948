import type { Definition, RequirementNode } from "../define/node.ts";
import { computed, unknown, type Figure, type FigureUnit } from "./figure.ts";

/** What is asked of a platform, as figures: each by its line of the platform file, or unknown where nothing is said. */
export interface Demand {
  /** Predictions asked for, on average. */
  readonly requests: Figure;
  /** The busiest time against the average; 1 where nothing is said. */
  readonly peak: Figure;
  /** Predictions asked for in the busiest time. */
  readonly peakRequests: Figure;
  readonly p50: Figure;
  readonly p99: Figure;
  readonly throughput: Figure;
  /** Raw data that arrives, on average. */
  readonly volume: Figure;
  /** Raw data that is there already. */
  readonly stored: Figure;
  /** Of what arrives, a year; 0 where nothing is said. */
  readonly growth: Figure;
  readonly retention: Figure;
  readonly uptime: Figure;
  readonly streaming: boolean;
  readonly privacy: "on device" | "on site" | null;
  readonly region: string | null;
}

/** What the requirements of a platform come to. */
export function demandOf({ requirements }: Pick<Definition, "requirements">): Demand {
  const find = (name: string) => requirements.find((requirement) => requirement.name === name);
  const figure = (name: string, title: string, unit: FigureUnit): Figure => {
    const requirement = find(name);
    return requirement === undefined ? unknown(title, unit, `no requirement says the ${title}`) : declaredFigure(requirement, title);
  };
  const otherwise = (name: string, title: string, unit: FigureUnit, value: number): Figure => {
    const requirement = find(name);
    return requirement === undefined ? stated(title, unit, value, "no requirement says otherwise") : declaredFigure(requirement, title);
  };
  const word = (name: string) => {
    const value = find(name)?.value;
    return typeof value === "string" ? value : null;
  };
  const requests = figure("requests", "rate of requests", "1/second");
  const peak = otherwise("peak", "busiest time against the average", "count", 1);
  const privacy = word("privacy");
  return Object.freeze<Demand>({
    requests,
    peak,
    peakRequests: computed(
      "rate of requests in the busiest time",
      "1/second",
      "rate x peak",
      [requests, peak],
      (rate = 0, times = 1) => rate * times,
    ),
    p50: figure("latency.p50", "bound of the median latency", "seconds"),
    p99: figure("latency.p99", "bound of the latency", "seconds"),
    throughput: figure("throughput", "throughput", "1/second"),
    volume: figure("volume", "volume that arrives", "bytes/second"),
    stored: figure("stored", "data that is there already", "bytes"),
    growth: otherwise("growth", "growth a year", "share", 0),
    retention: figure("retention", "retention", "seconds"),
    uptime: figure("uptime", "uptime asked for", "share"),
    streaming: word("data") === "streaming",
    privacy: privacy === "on device" || privacy === "on site" ? privacy : null,
    region: word("region"),
  });
}

const units: Readonly<Record<NonNullable<RequirementNode["unit"]>, FigureUnit>> = {
  seconds: "seconds",
  "1/second": "1/second",
  bytes: "bytes",
  "bytes/second": "bytes/second",
  times: "count",
  share: "share",
  "share/year": "share",
  USD: "USD",
  "USD/month": "USD/month",
};

/** A requirement's own number, by its line; unknown for one that is a word. */
export function declaredFigure(requirement: RequirementNode, name: string = requirement.name): Figure {
  const { value, unit, origin, text } = requirement;
  if (typeof value !== "number") return unknown(name, "count", `'${text}' is no number`);
  return Object.freeze<Figure>({
    name,
    value,
    unit: unit === null ? "count" : units[unit],
    range: null,
    origin: { kind: "declared", where: origin },
  });
}

/** A number that is taken for granted: why stands in place of its formula. */
export function stated(name: string, unit: FigureUnit, value: number, why: string): Figure {
  return computed(name, unit, why, [], () => value);
}

/** The next whole number, however the last digits of a division fell: 20 for 20.000000000000004. */
export function roundedUp(value: number): number {
  return Math.ceil(value * (1 - 1e-12));
}
