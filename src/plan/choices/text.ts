import { figureText } from "../figure-text.ts";
import type { FigureUnit } from "../figure.ts";
import type { ChoiceFacts } from "./facts.ts";
import type { Condition } from "./rules.ts";

/** How each number is called and printed. */
const names: Readonly<Record<Exclude<keyof ChoiceFacts, "serving" | "data" | "privacy">, readonly [name: string, unit: FigureUnit]>> = {
  requests: ["requests", "1/second"],
  bytesPerDay: ["bytes of data a day", "bytes"],
  stored: ["bytes in store", "bytes"],
  p99: ["the seconds at p99", "seconds"],
  uptime: ["the hours of uptime", "share"],
  accelerators: ["accelerators of a training", "count"],
  budget: ["dollars of the budget", "USD/month"],
  regulated: ["regulated data", "count"],
  onAws: ["on AWS", "count"],
  onGoogle: ["on Google Cloud", "count"],
  onAzure: ["on Azure", "count"],
  owned: ["on one's own machines", "count"],
};

/** Facts that are yes or no. */
const flags: readonly string[] = ["regulated", "onAws", "onGoogle", "onAzure", "owned"];

/** Why a rule holds: `requests 200/s, below 500/s`. */
export function factText(when: Condition, facts: ChoiceFacts): string {
  if ("is" in when) return `${when.fact}: ${when.is}`;
  const [name] = names[when.fact];
  if (flags.includes(when.fact)) return "atLeast" in when ? name : `not ${name}`;
  const bound = "atLeast" in when ? `at least ${valueText(when.fact, when.atLeast)}` : `below ${valueText(when.fact, when.below)}`;
  return `${name} ${valueText(when.fact, facts[when.fact])}, ${bound}`;
}

/** Whether a fact is a number that may change by degrees. */
export function isGradual(fact: keyof ChoiceFacts): fact is keyof typeof names {
  return fact in names && !flags.includes(fact);
}

/** `once requests reach 500/s`, `once data a day is below 4 TB`. */
export function boundText(fact: keyof typeof names, value: number, rising: boolean): string {
  const [name] = names[fact];
  return rising ? `once ${name} reach ${valueText(fact, value)}` : `once ${name} fall below ${valueText(fact, value)}`;
}

function valueText(fact: keyof typeof names, value: number | null): string {
  return figureText({ name: fact, value, unit: names[fact][1], range: null, origin: { kind: "unknown", why: "" } });
}
