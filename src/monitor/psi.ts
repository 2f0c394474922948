import { sum } from "./bins.ts";
import type { BinnedPair } from "./bins.ts";
import { chiSquaredTail } from "./chi-squared.ts";

const smoothing = 0.5;

/**
 * The population stability index: sum over bins of `(a - e) * ln(a / e)`, where `e` and `a` are the shares of the bin in the reference
 * and in the current rows (N. Siddiqi, Credit Risk Scorecards, 2006; it is the symmetrised Kullback-Leibler divergence). So that an empty
 * bin does not make it infinite, every count is raised by a half: `share = (count + 0.5) / (rows + 0.5 * bins)`, the Jeffreys estimate.
 * Exact for the bins given. Usual reading: below 0.1 stable, above 0.2 or 0.25 shifted.
 */
export function populationStability({ reference, current }: BinnedPair): number {
  const expectedRows = sum(reference) + smoothing * reference.length;
  const actualRows = sum(current) + smoothing * current.length;
  return reference.reduce((total, count, bin) => {
    const expected = (count + smoothing) / expectedRows;
    const actual = ((current[bin] ?? 0) + smoothing) / actualRows;
    return total + (actual - expected) * Math.log(actual / expected);
  }, 0);
}

/**
 * The chance of an index of at least `psi` when nothing has changed: without drift the index is distributed as
 * `chi-squared(bins - 1) * (1/n + 1/m)` (B. Yurdakul, J. Naranjo, Statistical properties of the population stability index, Journal of
 * Risk Model Validation 14(4), 2020). An approximation for many rows; null where there is but one bin, or a side is empty.
 */
export function stabilityTail(psi: number, { reference, current }: BinnedPair): number | null {
  const rows = [sum(reference), sum(current)] as const;
  if (reference.length < 2 || rows[0] === 0 || rows[1] === 0) return null;
  return chiSquaredTail(psi / (1 / rows[0] + 1 / rows[1]), reference.length - 1);
}
