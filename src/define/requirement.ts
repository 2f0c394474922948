import { MillwrightError } from "../error.ts";
import { parseDuration, type Duration } from "./duration.ts";
import type { RequirementNode } from "./node.ts";
import { parseBound, type Bound } from "./quantity.ts";

/** How long an answer may take. */
export type Latency = Duration | `${number} ms`;

/** A long time: `"7 years"`; a month counts 730 hours, a year 8,760. */
export type Span = Duration | `${number} ${"month" | "months" | "year" | "years"}`;

/** Bytes, in powers of 1,000. */
export type Volume = `${number} ${"MB" | "GB" | "TB" | "PB"}`;

export type Compliance = "GDPR" | "HIPAA" | "FedRAMP Low" | "FedRAMP Moderate" | "FedRAMP High";

type Rate = `${number}/${"second" | "minute" | "hour" | "day"}`;
type Share = `${number}%`;
type Dollars = `$${number}`;

/**
 * What the platform must reach. `check` and `plan` hold each against what the bound systems can do and against what was measured: met, missed, or unknown with
 * the reason; one that is missed makes both exit with 1.
 */
export interface Requirements {
  /** Whether somebody waits for each answer, or many are made together. */
  readonly serving?: "real-time" | "batch";
  /** Of one prediction, at the endpoint. */
  readonly latency?: { readonly p50?: Latency; readonly p99?: Latency };
  /** Predictions asked for, on average: `"200/second"`. */
  readonly requests?: Rate;
  /** The busiest time against the average: `"4x"`. */
  readonly peak?: `${number}x`;
  /** Predictions that one replica, or the whole endpoint in a batch, must give. */
  readonly throughput?: Rate;
  /** Whether data arrives all the time or is there as a whole. */
  readonly data?: "streaming" | "static";
  /** Data that arrives. */
  readonly volume?: `${Volume}/day`;
  /** Data that is there already. */
  readonly stored?: Volume;
  /** Of what arrives: `"20%/year"`. */
  readonly growth?: `${Share}/year`;
  /** How long data is kept. */
  readonly retention?: Span;
  /** Figures of models on their test rows, by the gate's names: `{ auc: ">= 0.7" }`. */
  readonly quality?: { readonly [metric: string]: Bound };
  /** Of the endpoint, over a month of 730 hours. */
  readonly uptime?: Share;
  /** After a disaster: how long until it works again, and how much of the newest data may be lost. */
  readonly recovery?: { readonly time?: Duration; readonly point?: Duration };
  readonly compliance?: readonly Compliance[];
  /** In US dollars. */
  readonly costPerInference?: Dollars;
  readonly budget?: `${Dollars}/month`;
  /** Where data may lie and be worked on, as providers call it: `"eu-west-1"`, or a jurisdiction: `"EU"`. */
  readonly region?: string;
  /** Data that must not leave the device or the site. */
  readonly privacy?: "on device" | "on site";
}

type Reading = Pick<RequirementNode, "bound" | "value" | "unit">;

const bytesOf: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, TB: 1e12, PB: 1e15 };
const hoursOf: Readonly<Record<string, number>> = { month: 730, year: 8760 };

/** What each requirement is, and how its text is read. */
const readings: Readonly<Record<string, (text: string) => Reading>> = {
  serving: among("real-time", "batch"),
  "latency.p50": (text) => atMost(seconds(text), "seconds"),
  "latency.p99": (text) => atMost(seconds(text), "seconds"),
  requests: (text) => ({ bound: "is", value: rate(text), unit: "1/second" }),
  peak: (text) => ({ bound: "is", value: matched(/^(\d+(?:\.\d+)?)x$/, text), unit: "times" }),
  throughput: (text) => ({ bound: "atLeast", value: rate(text), unit: "1/second" }),
  data: among("streaming", "static"),
  volume: (text) => ({ bound: "is", value: bytes(text.replace(/\/day$/, "")) / 86_400, unit: "bytes/second" }),
  stored: (text) => ({ bound: "is", value: bytes(text), unit: "bytes" }),
  growth: (text) => ({ bound: "is", value: matched(/^(-?\d+(?:\.\d+)?)%\/year$/, text) / 100, unit: "share/year" }),
  retention: (text) => ({ bound: "is", value: seconds(text), unit: "seconds" }),
  uptime: (text) => ({ bound: "atLeast", value: share(text), unit: "share" }),
  "recovery.time": (text) => atMost(seconds(text), "seconds"),
  "recovery.point": (text) => atMost(seconds(text), "seconds"),
  costPerInference: (text) => atMost(matched(/^\$(\d+(?:\.\d+)?)$/, text), "USD"),
  budget: (text) => atMost(matched(/^\$(\d+(?:\.\d+)?)\/month$/, text), "USD/month"),
  region: (text) => ({ bound: "is", value: text, unit: null }),
  privacy: among("on device", "on site"),
  compliance: among("GDPR", "HIPAA", "FedRAMP Low", "FedRAMP Moderate", "FedRAMP High"),
};

/**
 * The requirements as nodes, in the order in which they were written; each standard of `compliance` is one of its own.
 *
 * @throws MillwrightError `bad-requirement` naming the one that cannot be read.
 */
export function requirementNodes(requirements: Requirements, origin: RequirementNode["origin"]): RequirementNode[] {
  return textsOf(requirements).map(([name, text]) => {
    const [group, metric] = name.split(".");
    const read = group === "quality" && metric !== undefined ? quality : Object.hasOwn(readings, name) ? readings[name] : undefined;
    try {
      if (read === undefined) throw new RangeError("there is no such requirement");
      const reading = read(text);
      if (Number.isNaN(reading.value)) throw new RangeError("its value cannot be read");
      return { kind: "requirement", name, text, ...reading, origin };
    } catch (error) {
      throw new MillwrightError(
        {
          code: "bad-requirement",
          what: `the requirement ${name}: '${text}' cannot be read: ${error instanceof Error ? error.message : String(error)}`,
          where: origin,
          fix: `see the type Requirements; there are ${Object.keys(readings).join(", ")}`,
        },
        { cause: error },
      );
    }
  });
}

/** `{ latency: { p99: "50 ms" } }` to `["latency.p99", "50 ms"]`, and so on. */
function textsOf(requirements: Requirements): (readonly [name: string, text: string])[] {
  return Object.entries(requirements).flatMap(([name, value]: readonly [string, unknown]): (readonly [string, string])[] => {
    if (value === undefined) return [];
    if (Array.isArray(value)) return value.map((one) => [name, String(one)]);
    if (typeof value !== "object" || value === null) return [[name, String(value)]];
    return Object.entries(value).flatMap(([part, text]: readonly [string, unknown]) =>
      text === undefined ? [] : [[`${name}.${part}`, String(text)] as const],
    );
  });
}

function quality(text: string): Reading {
  const bound: { readonly atLeast?: number; readonly atMost?: number } = parseBound(text);
  return bound.atLeast === undefined ? atMost(bound.atMost ?? Number.NaN, null) : { bound: "atLeast", value: bound.atLeast, unit: null };
}

function atMost(value: number, unit: RequirementNode["unit"]): Reading {
  return { bound: "atMost", value, unit };
}

function among(...words: readonly string[]): (text: string) => Reading {
  return (text) => {
    if (!words.includes(text)) throw new RangeError(`it is one of ${words.join(", ")}`);
    return { bound: "is", value: text, unit: null };
  };
}

/** `99.9%` to 0.999, without the rounding of a division. */
function share(text: string): number {
  const [, whole = "", part = ""] = /^(\d+)(?:\.(\d+))?%$/.exec(text) ?? [];
  return whole === "" ? Number.NaN : Number(`${whole}${part}e-${part.length + 2}`);
}

function matched(pattern: RegExp, text: string): number {
  return Number(pattern.exec(text)?.[1] ?? Number.NaN);
}

function rate(text: string): number {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\/(second|minute|hour|day)$/.exec(text) ?? [];
  return Number(number ?? Number.NaN) / (unit === "" ? Number.NaN : parseDuration(`1 ${unit}`));
}

function bytes(text: string): number {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?) (MB|GB|TB|PB)$/.exec(text) ?? [];
  return Number(number ?? Number.NaN) * (bytesOf[unit] ?? Number.NaN);
}

function seconds(text: string): number {
  const milliseconds = /^(\d+(?:\.\d+)?) ms$/.exec(text);
  if (milliseconds !== null) return Number(milliseconds[1]) / 1000;
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?) (month|year)s?$/.exec(text) ?? [];
  return number === undefined ? parseDuration(text) : Number(number) * (hoursOf[unit] ?? Number.NaN) * 3600;
}
