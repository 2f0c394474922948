import { sum, type BinnedPair } from "./bins.ts";

/**
 * The Jensen-Shannon distance of the bins' shares p and q: `sqrt((KL(p, m) + KL(q, m)) / 2)` with `m = (p + q) / 2` and natural logarithms,
 * between 0 and sqrt(ln 2) = 0.833 (D. Endres, J. Schindelin, IEEE Transactions on Information Theory 49, 2003). Exact for the bins given,
 * as SciPy's `jensenshannon`; finer bins can only raise it. NaN when a side has no rows.
 */
export function jensenShannon({ reference, current }: BinnedPair): number {
  const rows = [sum(reference), sum(current)] as const;
  if (rows[0] === 0 || rows[1] === 0) return Number.NaN;
  const divergence = reference.reduce((total, count, bin) => {
    const p = count / rows[0];
    const q = (current[bin] ?? 0) / rows[1];
    const middle = (p + q) / 2;
    return total + (p > 0 ? p * Math.log(p / middle) : 0) + (q > 0 ? q * Math.log(q / middle) : 0);
  }, 0);
  return Math.sqrt(Math.max(0, divergence) / 2);
}
