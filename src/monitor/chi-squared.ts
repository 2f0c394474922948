import { sum, type BinnedPair } from "./bins.ts";
import { poissonDensity } from "./saddle-point.ts";

export interface ChiSquared {
  readonly statistic: number;
  readonly degrees: number;
  readonly pValue: number;
}

/**
 * Pearson's chi-squared test that both sides have the same shares: `sum (o - e)^2 / e` over the two rows of the table of counts, `e` the
 * count expected from the margins (K. Pearson, Philosophical Magazine 50, 1900). With one degree of freedom `|o - e|` is lowered by a
 * half at most (F. Yates, Journal of the Royal Statistical Society Supplement 1, 1934), as SciPy's `chi2_contingency` does. Exact for the
 * bins given; bins that are empty on both sides are left out. Null when a side has no rows or one bin holds all.
 */
export function chiSquared({ reference, current }: BinnedPair): ChiSquared | null {
  const rows = [sum(reference), sum(current)] as const;
  const total = rows[0] + rows[1];
  const bins = reference.map((count, bin) => [count, current[bin] ?? 0] as const).filter(([a, b]) => a + b > 0);
  const degrees = bins.length - 1;
  if (rows[0] === 0 || rows[1] === 0 || degrees < 1) return null;
  let statistic = 0;
  for (const [a, b] of bins) {
    for (const [observed, side] of [
      [a, rows[0]],
      [b, rows[1]],
    ] as const) {
      const expected = ((a + b) * side) / total;
      const distance = Math.abs(observed - expected);
      statistic += (degrees === 1 ? distance - Math.min(0.5, distance) : distance) ** 2 / expected;
    }
  }
  return { statistic, degrees, pValue: chiSquaredTail(statistic, degrees) };
}

/** The chance that chi-squared with so many degrees of freedom exceeds `x`: the upper incomplete gamma function Q(degrees / 2, x / 2), to about 1e-13. */
export function chiSquaredTail(x: number, degrees: number): number {
  if (!(x > 0)) return 1;
  const a = degrees / 2;
  const half = x / 2;
  return half < a + 1 ? Math.max(0, 1 - lowerSeries(a, half)) : upperFraction(a, half);
}

/** P(a, x) by its power series (Abramowitz and Stegun 6.5.29). */
function lowerSeries(a: number, x: number): number {
  let term = 1;
  let total = 1;
  for (let n = 1; n < 100_000 && term > total * 1e-17; n++) {
    term *= x / (a + n);
    total += term;
  }
  return total * poissonDensity(a, x);
}

/** Q(a, x) by Legendre's continued fraction, evaluated by Lentz's method (Abramowitz and Stegun 6.5.31). */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let n = 1; n < 100_000; n++) {
    const factor = -n * (n - a);
    b += 2;
    d = 1 / (factor * d + b);
    c = b + factor / c;
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  // x^a e^-x / Γ(a), from the density at a, which divides by Γ(a + 1).
  return Math.min(1, h * a * poissonDensity(a, x));
}
