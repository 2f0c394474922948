const halfLogTwoPi = 0.9189385332046727;
const logTwoPi = 2 * halfLogTwoPi;

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** ln Γ(x) for x > 0, to about 1e-14 (C. Lanczos, A precision approximation of the gamma function, SIAM B 1, 1964; g = 7). */
export function logGamma(x: number): number {
  const y = x - 1;
  const t = y + 7.5;
  const series = lanczos.reduce((total, coefficient, index) => total + (index === 0 ? coefficient : coefficient / (y + index)), 0);
  return halfLogTwoPi + (y + 0.5) * Math.log(t) - t + Math.log(series);
}

/** What Stirling's formula leaves of ln n!: `ln n! - ln(sqrt(2 pi n) (n/e)^n)`, for n > 0. */
export function stirlingError(n: number): number {
  if (n < 15) return logGamma(n + 1) - (n + 0.5) * Math.log(n) + n - halfLogTwoPi;
  const square = n * n;
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / n;
}

/** `x ln(x / mean) + mean - x` without cancellation where both are near. */
export function deviance(x: number, mean: number): number {
  if (x === 0) return mean;
  if (Math.abs(x - mean) >= 0.1 * (x + mean)) return x * Math.log(x / mean) + mean - x;
  const ratio = (x - mean) / (x + mean);
  let total = (x - mean) * ratio;
  let power = 2 * x * ratio;
  for (let odd = 3; odd < 1000; odd += 2) {
    power *= ratio * ratio;
    const next = total + power / odd;
    if (next === total) break;
    total = next;
  }
  return total;
}

/** `x^a e^-x / Γ(a + 1)`, to about 1e-14 (C. Loader, Fast and accurate computation of binomial probabilities, 2000). */
export function poissonDensity(a: number, x: number): number {
  if (x === 0) return a === 0 ? 1 : 0;
  if (a === 0) return Math.exp(-x);
  return Math.exp(-stirlingError(a) - deviance(a, x)) / Math.sqrt(2 * Math.PI * a);
}

/** The chance of `k` of `n` at probability `p`, to about 1e-14 (Loader, as above). `rest` is `1 - p`. */
export function binomialDensity(k: number, n: number, p: number, rest: number): number {
  if (k === 0) return Math.exp(n * Math.log(rest));
  if (k === n) return Math.exp(n * Math.log(p));
  const exponent =
    stirlingError(n) - stirlingError(k) - stirlingError(n - k) - deviance(k, n * p) - deviance(n - k, n * rest) - logTwoPi / 2;
  return Math.exp(exponent) * Math.sqrt(n / (k * (n - k)));
}
