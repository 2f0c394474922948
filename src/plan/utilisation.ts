import { accelerators } from "./catalogue/accelerators.ts";
import { trainingRuns, type TrainingRun } from "./catalogue/training-runs.ts";
import { trainingThroughput } from "./catalogue/training-throughput.ts";

/** A family of accelerators that behave alike in training; null for one of which no training was published. */
export type Generation = TrainingRun["generation"] | null;

/** What share of the peak a training uses, from hours that were published. */
export interface UtilisationFit {
  /** @param parameters active ones */
  of(generation: Generation, parameters: number): number;
}

/** As many runs' weight as the common value has against a generation's own. */
const trust = 2;
/** The same for the slope of Hopper. */
const slopeTrust = 3;
/** Where the slope begins to count. */
const middle = 30e9;

/** The dense 16-bit peak of a generation, in operations a second. */
const peaks: Readonly<Record<TrainingRun["generation"], number>> = {
  A100: peakOf("A100 SXM4 80GB"),
  H100: peakOf("H100 SXM5 80GB"),
  V100: peakOf("V100 SXM2 32GB"),
};

function peakOf(name: string): number {
  return (accelerators.find((accelerator) => accelerator.name === name)?.peak.fp16 ?? Number.NaN) * 1e12;
}

/** Operations that a training needs: six for each active parameter and token (Kaplan et al. 2020, arXiv 2001.08361, section 2.1). */
export function trainingOperations(parameters: number, tokens: number): number {
  return 6 * parameters * tokens;
}

/** The share of the peak that a published run used. */
export function utilisationOf(run: TrainingRun): number {
  return trainingOperations(run.parameters, run.tokens) / (run.hours * 3600 * peaks[run.generation]);
}

/**
 * Fits the share of the peak: a common value, what a generation differs from it, and for Hopper a slope over the model's size,
 * whose small models keep the faster chip less busy. Ridge regression of the logarithms, so that few runs move little.
 */
export function fitUtilisation(runs: readonly TrainingRun[]): UtilisationFit {
  const common = median(runs.map((run) => Math.log(utilisationOf(run))));
  const fits = new Map<Generation, { readonly offset: number; readonly slope: number }>();
  for (const generation of ["A100", "H100", "V100"] as const) {
    const own = runs.filter((run) => run.generation === generation);
    const points = own.map((run) => ({
      x: generation === "H100" ? Math.log(run.parameters / middle) : 0,
      y: Math.log(utilisationOf(run)) - common,
    }));
    fits.set(generation, ridge(points));
  }
  return {
    of(generation, parameters) {
      const { offset, slope } = fits.get(generation) ?? { offset: 0, slope: 0 };
      return Math.exp(common + offset + slope * Math.log(parameters / middle));
    },
  };
}

/** Least squares of y = offset + slope x, both drawn towards 0. */
function ridge(points: readonly { readonly x: number; readonly y: number }[]): { readonly offset: number; readonly slope: number } {
  const sum = (of: (point: { readonly x: number; readonly y: number }) => number) => points.reduce((total, point) => total + of(point), 0);
  const [a, b, c] = [points.length + trust, sum(({ x }) => x), sum(({ x }) => x * x) + slopeTrust];
  const [d, e] = [sum(({ y }) => y), sum(({ x, y }) => x * y)];
  const determinant = a * c - b * b;
  return { offset: (d * c - e * b) / determinant, slope: (a * e - b * d) / determinant };
}

/** The fit on every published run. */
export const utilisation: UtilisationFit = fitUtilisation(trainingRuns);

/** Below this size a tuned layout's share of the peak does not depend on the model. */
const wideEnough = 40e9;

/** The share of the peak that a tuned layout reaches while it computes, without restarts and waiting: from tables of rates. */
export function tunedUtilisation(generation: Generation, parameters: number): number {
  const rows = trainingThroughput.map((row) => ({
    ...row,
    x: Math.log(Math.max(1, row.parameters / wideEnough)),
    y: Math.log(row.utilisation),
  }));
  const flat = rows.filter(({ x, generation: own }) => x === 0 && own === "A100");
  const base = flat.reduce((total, { y }) => total + y, 0) / flat.length;
  const steep = rows.filter(({ x, generation: own }) => x > 0 && own === "A100");
  const slope = steep.reduce((total, { x, y }) => total + x * (y - base), 0) / steep.reduce((total, { x }) => total + x * x, 0);
  const own = rows.filter((row) => row.generation === generation);
  const offset = own.reduce((total, { x, y }) => total + y - base - slope * x, 0) / Math.max(1, own.length);
  return Math.exp(base + offset + slope * Math.log(Math.max(1, parameters / wideEnough)));
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[half] ?? Number.NaN) : ((sorted[half - 1] ?? Number.NaN) + (sorted[half] ?? Number.NaN)) / 2;
}
