import { binomialDensity } from "./saddle-point.ts";

/**
 * The chance that Kolmogorov's two-sided statistic of `n` values is at least `d`. By the way that R. Simard and P. L'Ecuyer recommend
 * (Computing the two-sided Kolmogorov-Smirnov distribution, Journal of Statistical Software 39(11), 2011), with the bounds that SciPy uses:
 * twice Smirnov's one-sided sum where the tail is small, the matrix of Marsaglia, Tsang and Wang (JSS 8(18), 2003), else Pelz and Good's
 * expansion (JRSS B 38, 1976). Equal to SciPy's `kstwo.sf` to 1e-9 up to 100,000 values; beyond, the expansion is used throughout, which is
 * within 4e-8 of SciPy's and nearer the truth: there twice the one-sided tail counts `2 exp(-8 n d^2)` too much.
 */
export function kolmogorovTail(d: number, n: number): number {
  if (n <= 0) return Number.NaN;
  const t = n * d;
  if (d >= 1) return 0;
  if (t <= 0.5) return 1;
  const square = t * d;
  if (square >= 370) return 0;
  if (n > 100_000) return square >= 18 ? 2 * Math.exp(-((6 * t + 1) ** 2) / (18 * n)) : bounded(1 - expansion(d, n));
  const tail = n <= 140 ? square > 4 : square >= 2.2;
  if (tail || d >= 0.5) return bounded(2 * smirnov(d, n));
  return bounded(1 - (n <= 140 || n * d ** 1.5 <= 1.4 ? matrixPower(d, n) : expansion(d, n)));
}

/** Smirnov's exact one-sided tail: `sum over j of C(n, j) (d + j/n)^(j-1) (1 - d - j/n)^(n-j) d`. */
function smirnov(d: number, n: number): number {
  let total = 0;
  for (let j = 0; j <= n * (1 - d); j++) {
    const p = d + j / n;
    const rest = 1 - p;
    if (rest > 0) total += (binomialDensity(j, n, p, rest) * d) / p;
  }
  return total;
}

/** Marsaglia, Tsang and Wang: an entry of the n-th power of a matrix of 2 k - 1 rows, with powers of ten kept apart. */
function matrixPower(d: number, n: number): number {
  const k = Math.floor(n * d) + 1;
  const size = 2 * k - 1;
  const h = k - n * d;
  const factorials = [1];
  for (let i = 1; i <= size; i++) factorials.push((factorials[i - 1] ?? 1) * i);
  const start = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      if (i - j + 1 < 0) continue;
      let value = 1;
      if (j === 0) value -= h ** (i + 1);
      if (i === size - 1) value -= h ** (size - j);
      if (i === size - 1 && j === 0) value += 2 * h - 1 > 0 ? (2 * h - 1) ** size : 0;
      start[i * size + j] = value / (factorials[i - j + 1] ?? Number.POSITIVE_INFINITY);
    }
  let { matrix, exponent } = power({ matrix: start, exponent: 0 }, n, size, (k - 1) * size + k - 1);
  let value = matrix[(k - 1) * size + k - 1] ?? 0;
  for (let i = 1; i <= n; i++) {
    value = (value * i) / n;
    if (value < 1e-140) {
      value *= 1e140;
      exponent -= 140;
    }
  }
  return value * 10 ** exponent;
}

interface Scaled {
  readonly matrix: Float64Array;
  readonly exponent: number;
}

function power(base: Scaled, n: number, size: number, watched: number): Scaled {
  if (n === 1) return base;
  const half = power(base, Math.floor(n / 2), size, watched);
  let matrix = multiply(half.matrix, half.matrix, size);
  let exponent = 2 * half.exponent;
  if (n % 2 === 1) {
    matrix = multiply(base.matrix, matrix, size);
    exponent += base.exponent;
  }
  if ((matrix[watched] ?? 0) > 1e140) {
    matrix = matrix.map((value) => value * 1e-140);
    exponent += 140;
  }
  return { matrix, exponent };
}

function multiply(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const product = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let k = 0; k < size; k++) {
      const factor = a[i * size + k] ?? 0;
      if (factor === 0) continue;
      for (let j = 0; j < size; j++) product[i * size + j] = (product[i * size + j] ?? 0) + factor * (b[k * size + j] ?? 0);
    }
  return product;
}

/**
 * Pelz and Good's expansion of the distribution function in powers of `1 / sqrt(n)` up to the third. The last sum of the third is divided by
 * 216: with 108 the result would be 2e-7 away from the exact distribution at n = 1000.
 */
function expansion(d: number, n: number): number {
  const z = Math.sqrt(n) * d;
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  const pi2 = Math.PI ** 2;
  const terms = 20;
  let [k0, k1, k2, k3] = [0, 0, 0, 0];
  // The sums over all whole k are symmetric: half-integers k + 1/2 come in pairs.
  for (let k = 0; k < terms; k++) {
    const u = (k + 0.5) ** 2 * pi2;
    const weight = 2 * Math.exp(-u / (2 * z2));
    k0 += weight;
    k1 += weight * (u - z2);
    k2 += weight * (6 * z6 + 2 * z4 + u * (2 * z4 - 5 * z2) + u * u * (1 - 2 * z2));
    k3 += weight * (-30 * z6 - 90 * z6 * z2 + u * (135 * z4 - 96 * z6) + u * u * (-60 * z2 + 212 * z4) + u * u * u * (5 - 30 * z2));
  }
  let [e2, e3] = [0, 0];
  for (let k = 1; k < terms; k++) {
    const u = k * k * pi2;
    const weight = 2 * Math.exp(-u / (2 * z2));
    e2 += weight * u;
    e3 += weight * (-u * u + 3 * u * z2);
  }
  const root = Math.sqrt(Math.PI / 2);
  const order0 = (root * k0) / z;
  const order1 = (root * k1) / (6 * z4);
  const order2 = root * (k2 / (72 * z6 * z) - e2 / (36 * z2 * z));
  const order3 = root * (k3 / (6480 * z6 * z4) + e3 / (216 * z6));
  return order0 + order1 / Math.sqrt(n) + order2 / n + order3 / n ** 1.5;
}

/**
 * The exact chance that two samples of `n` and `m` values of one continuous distribution have a statistic of at least `statistic`, by
 * counting lattice paths (J. Hodges, The significance probability of the Smirnov two-sample test, Arkiv för Matematik 3, 1958). It takes
 * `n * m` steps; equal to SciPy's `ks_2samp(method="exact")` to 1e-12.
 */
export function smirnovTail(statistic: number, n: number, m: number): number {
  // Distances are multiples of 1 / (n m): half of one below the statistic separates it from the next smaller distance.
  const bound = (Math.round(statistic * n * m) - 0.5) / (n * m);
  // The share of paths to (i, j) that have left the band, and not of those that stayed: a small chance keeps its digits.
  const left = new Float64Array(m + 1);
  for (let j = 0; j <= m; j++) left[j] = j / m > bound ? 1 : 0;
  for (let i = 1; i <= n; i++) {
    const share = i / n;
    if (share > bound) left[0] = 1;
    for (let j = 1; j <= m; j++) {
      const away = Math.abs(share - j / m) > bound;
      left[j] = away ? 1 : ((left[j] ?? 0) * i + (left[j - 1] ?? 0) * j) / (i + j);
    }
  }
  return bounded(left[m] ?? Number.NaN);
}

function bounded(value: number): number {
  return Math.min(1, Math.max(0, value));
}
