import type { Sample, Spread } from "./measure.ts";

/** One thing measured: its samples in the order of the rounds. */
export interface Measurement {
  /** What was worked on: `336,776 flights`. */
  readonly subject: string;
  /** Who did it: `millwright`. */
  readonly variant: string;
  readonly samples: readonly Sample[];
}

/** A figure with what it is held to. */
export interface Finding {
  readonly what: string;
  readonly unit: "times" | "s" | "ms" | "rows/s" | "MB/s" | "MB" | "";
  readonly value: Spread;
  /** The same by processor time, which a busy machine disturbs less; null where it says nothing. */
  readonly cpu: Spread | null;
  /** The most that `value`'s median may be; null where nothing is asked. */
  readonly limit: number | null;
  /** Turns the limit round: the least that it may be. */
  readonly atLeast?: true;
}

export interface BenchReport {
  readonly measurements: readonly Measurement[];
  readonly findings: readonly Finding[];
  /** Versions of what was measured besides Node, DuckDB and Millwright. */
  readonly versions?: Readonly<Record<string, string>>;
}

/** What the command line says of a benchmark's size; each benchmark knows its own defaults. */
export interface BenchOptions {
  readonly rows?: number;
  readonly rounds?: number;
  readonly minutes?: number;
  /** Bytes a second. */
  readonly rate?: number;
  /** As DuckDB writes it: `4 GB`. */
  readonly memory?: string;
}

/** A benchmark: one file each. It compares variants with each other within one run, because figures of different runs are not comparable. */
export interface Bench {
  readonly name: string;
  readonly title: string;
  /** `note` tells how far it has come. */
  run(note: (text: string) => void, options: BenchOptions): Promise<BenchReport>;
}
