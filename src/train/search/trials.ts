import { createHash } from "node:crypto";
import { canonicalJson } from "../../define/canonical.ts";
import type { Parameters, SearchNode, SearchValues } from "../../define/node.ts";

/** Draws of one trial of a random search that may repeat earlier ones before the values are taken to be exhausted. */
const patience = 100;

/**
 * The sets of parameters that a search tries, in order. A grid's last parameter changes fastest. A random search's draws depend on
 * the seed, the draw's number and the parameter's name alone, so that more trials begin with the same ones; a set that was drawn
 * before is not tried again, so that values which make fewer sets than `trials` are each tried once.
 */
export function trialsOf(search: SearchNode): Parameters[] {
  const entries = Object.entries(search.parameters);
  if (search.method === "grid") {
    return entries.reduce<Parameters[]>(
      (sets, [name, values]) => sets.flatMap((set) => (isRange(values) ? [] : values.map((value) => ({ ...set, [name]: value })))),
      [{}],
    );
  }
  const trials = search.trials ?? 1;
  const sets = new Map<string, Parameters>();
  let repeated = 0;
  for (let draw = 0; sets.size < trials && repeated < patience; draw++) {
    const set = Object.fromEntries(entries.map(([name, values]) => [name, drawn(values, chance(search.seed, draw, name))]));
    const key = canonicalJson(set);
    repeated = sets.has(key) ? repeated + 1 : 0;
    if (!sets.has(key)) sets.set(key, set);
  }
  return [...sets.values()];
}

/** How many sets of parameters a grid has. */
export function sizeOfGrid(search: SearchNode): number {
  return Object.values(search.parameters).reduce((size, values) => size * (isRange(values) ? 0 : values.length), 1);
}

export type Range = Exclude<SearchValues, readonly unknown[]>;

export function isRange(values: SearchValues): values is Range {
  return !Array.isArray(values);
}

/** One round of a search: how many trials it has, and the share of its rows that each fold trains on. */
export interface Round {
  readonly trials: number;
  readonly share: number;
}

/**
 * The rounds of successive halving (Jamieson and Talwalkar 2016, algorithm 1, by a factor f): of n trials ceil(n / f) go on,
 * until at most f are left; those of the last round train with all rows, those of the one before with one in f.
 * Any other search has one round.
 */
export function roundsOf({ method, factor }: Pick<SearchNode, "method" | "factor">, trials: number): Round[] {
  const counts = [trials];
  if (method === "halving") for (let left = trials; left > factor; counts.push(left)) left = Math.ceil(left / factor);
  return counts.map((count, round) => ({ trials: count, share: factor ** (round + 1 - counts.length) }));
}

/** A number in [0, 1): 53 bits of SHA-256. */
function chance(seed: number, draw: number, name: string): number {
  const digest = createHash("sha256").update(`${seed} ${draw} ${name}`).digest();
  return Number(digest.readBigUInt64BE() >> 11n) / 2 ** 53;
}

/** Fractions are rounded to six significant digits: what a card shows is what was trained with. */
function drawn(values: SearchValues, part: number): number | string | boolean {
  if (!isRange(values)) return values[Math.floor(part * values.length)] ?? "";
  const { low, high, logarithmic, whole } = values;
  const top = whole ? high + 1 : high;
  const value = logarithmic ? Math.exp(Math.log(low) + part * (Math.log(top) - Math.log(low))) : low + part * (top - low);
  return Math.min(high, Math.max(low, whole ? Math.floor(value) : Number(value.toPrecision(6))));
}
