import { sum } from "./bins.ts";
import type { BinnedPair } from "./bins.ts";

const smoothing = 0.5;

/**
 * The population stability index of a window against training: sum over bins of `(a - e) * ln(a / e)`, where `e` and
 * `a` are the shares of the bin in training and in the window (N. Siddiqi, Credit Risk Scorecards, 2006; it is the
 * symmetrised Kullback-Leibler divergence). So that an empty bin does not make it infinite, every count is raised by
 * a half: `share = (count + 0.5) / (rows + 0.5 * bins)`, the Jeffreys estimate. Usual reading: below 0.1 stable, above 0.2 or 0.25 shifted.
 */
export function populationStability({ training, window }: BinnedPair): number {
  const expectedRows = sum(training) + smoothing * training.length;
  const actualRows = sum(window) + smoothing * window.length;
  return training.reduce((total, count, bin) => {
    const expected = (count + smoothing) / expectedRows;
    const actual = ((window[bin] ?? 0) + smoothing) / actualRows;
    return total + (actual - expected) * Math.log(actual / expected);
  }, 0);
}

// The standard normal's 0.999 quantile.
const normalQuantile = 3.0902;

/**
 * The index that chance alone exceeds about once in a thousand when nothing has changed: without drift the index is
 * distributed as `chi-squared(bins - 1) * (1/n + 1/m)` (B. Yurdakul, J. Naranjo, Statistical properties of the
 * population stability index, Journal of Risk Model Validation 14(4), 2020). The quantile of chi-squared is
 * Wilson and Hilferty's approximation, at most 3 % above the exact one.
 */
export function stabilityNoise({ training, window }: BinnedPair): number {
  const degrees = training.length - 1;
  if (degrees < 1) return 0;
  const spread = 2 / (9 * degrees);
  const quantile = degrees * (1 - spread + normalQuantile * Math.sqrt(spread)) ** 3;
  return quantile * (1 / sum(training) + 1 / sum(window));
}
