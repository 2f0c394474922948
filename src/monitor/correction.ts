/** How p-values of many columns are corrected: by the false discovery rate, or by the chance of any false alarm at all. */
export type Correction = "benjamini-hochberg" | "bonferroni" | "none";

/**
 * P-values corrected for their number m; compare each with the level. Nulls, of columns without a test, are left out of m.
 *
 * - `benjamini-hochberg`: `min over j >= i of p(j) m / j` in rising order. At most the level's share of the columns told are false on
 *   average, and where nothing drifts the chance of any alarm is at most the level, for independent or positively dependent columns
 *   (Y. Benjamini, Y. Hochberg, Journal of the Royal Statistical Society B 57, 1995).
 * - `bonferroni`: `p m`: the chance of any false alarm is at most the level whatever the dependence (O. Dunn, JASA 56, 1961).
 */
export function correct(pValues: readonly (number | null)[], correction: Correction): (number | null)[] {
  const present = pValues.flatMap((p, index) => (p === null ? [] : [{ p, index }])).toSorted((a, b) => b.p - a.p);
  const corrected: (number | null)[] = pValues.map(() => null);
  const count = present.length;
  let least = 1;
  present.forEach(({ p, index }, position) => {
    if (correction === "benjamini-hochberg") least = Math.min(least, (p * count) / (count - position));
    corrected[index] = correction === "none" ? p : correction === "bonferroni" ? Math.min(1, p * count) : least;
  });
  return corrected;
}
