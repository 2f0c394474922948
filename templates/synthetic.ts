// Makes up data: the same each time, from a seed. Nothing in it is about anybody.
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Numbers that look random and are always the same (mulberry32). */
export function dice(seed: number): {
  /** From `low` up to `high`. */
  between(low: number, high: number): number;
  whole(low: number, high: number): number;
  /** Around `mean`, by a normal distribution. */
  about(mean: number, deviation: number): number;
  chance(probability: number): boolean;
  one<T>(of: readonly [T, ...T[]]): T;
} {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number): number => low + next() * (high - low);
  return {
    between,
    whole: (low, high) => Math.floor(between(low, high + 1)),
    about: (mean, deviation) => mean + deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    chance: (probability) => next() < probability,
    one: (of) => of[Math.floor(next() * of.length)] ?? of[0],
  };
}

/** The probability that belongs to a score: 0 is one half. */
export function probability(score: number): number {
  return 1 / (1 + Math.exp(-score));
}

/** Minutes after the beginning of 2026, as ISO 8601. */
export function minute(count: number): string {
  return new Date(Date.UTC(2026, 0, 1) + Math.round(count) * 60_000).toISOString();
}

type Cell = string | number | boolean | null;

/** Writes a CSV file, whole, where there is none yet. */
export function csv(file: string, head: readonly string[], rows: () => readonly (readonly Cell[])[]): void {
  write(file, () => `${[head, ...rows()].map((row) => row.map((cell) => (cell === null ? "" : String(cell))).join(",")).join("\n")}\n`);
}

/** Writes a file of JSON lines, whole, where there is none yet. */
export function jsonLines(file: string, rows: () => readonly Readonly<Record<string, Cell>>[]): void {
  write(
    file,
    () =>
      `${rows()
        .map((row) => JSON.stringify(row))
        .join("\n")}\n`,
  );
}

function write(file: string, text: () => string): void {
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, text());
  renameSync(`${file}.new`, file);
}
