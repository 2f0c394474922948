import { coarseBins, sum, testBins, type ColumnPair, type Sides } from "./bins.ts";
import { chiSquared, type ChiSquared } from "./chi-squared.ts";
import { jensenShannon } from "./jensen-shannon.ts";
import { kolmogorovSmirnov, type KolmogorovSmirnov } from "./kolmogorov-smirnov.ts";
import { populationStability, stabilityTail } from "./psi.ts";
import { wasserstein, type Wasserstein } from "./wasserstein.ts";

/** Everything that is said of one column; what does not fit its type, or has no values, is null. */
export interface ColumnFigures {
  /** Population stability index, and the chance of it without drift. */
  readonly psi: number;
  readonly psiPValue: number | null;
  /** Jensen-Shannon distance over the same bins, 0 to 0.833. */
  readonly jensenShannon: number;
  /** Of numbers. */
  readonly kolmogorovSmirnov: KolmogorovSmirnov | null;
  /** Of numbers, in their own unit. */
  readonly wasserstein: Wasserstein | null;
  /** Of categories. */
  readonly chiSquared: ChiSquared | null;
  /** Of the test that fits the type: Kolmogorov-Smirnov of numbers, chi-squared of categories; not yet corrected for many columns. */
  readonly pValue: number | null;
  readonly quality: Quality;
}

/** Shares of rows, 0 to 1. */
export interface Quality {
  readonly missing: Sides;
  /** Current rows of categories that the reference has not; null of numbers, and where the reference does not tell all of its categories. */
  readonly unseen: number | null;
  /** Current rows outside the reference's least and greatest value; null of categories. */
  readonly outOfRange: number | null;
}

/** Figures that were found without bins, in place of those from bins. */
export type ExactFigures = Partial<Pick<ColumnFigures, "kolmogorovSmirnov" | "wasserstein" | "chiSquared">>;

/** The figures of a column from its bins; both the watch of an endpoint and the comparison of tables take them from here. */
export function figuresOf(pair: ColumnPair, exact: ExactFigures = {}): ColumnFigures {
  const coarse = coarseBins(pair);
  const psi = populationStability(coarse);
  const tested =
    pair.kind === "number"
      ? {
          kolmogorovSmirnov: exact.kolmogorovSmirnov ?? kolmogorovSmirnov(pair, pair.edges),
          wasserstein: exact.wasserstein ?? (pair.range === null ? null : wasserstein(pair, { edges: pair.edges, ...pair.range })),
          chiSquared: null,
        }
      : { kolmogorovSmirnov: null, wasserstein: null, chiSquared: exact.chiSquared ?? chiSquared(testBins(pair)) };
  return {
    psi,
    psiPValue: stabilityTail(psi, coarse),
    jensenShannon: jensenShannon(coarse),
    ...tested,
    pValue: (tested.kolmogorovSmirnov ?? tested.chiSquared)?.pValue ?? null,
    quality: qualityOf(pair),
  };
}

function qualityOf(pair: ColumnPair): Quality {
  // The categories' counts hold the missing ones already.
  const number = pair.kind === "number";
  const share = (rows: number, of: number) => (of === 0 ? 0 : rows / of);
  const rows = {
    reference: sum(pair.reference) + (number ? pair.missing.reference : 0),
    current: sum(pair.current) + (number ? pair.missing.current : 0),
  };
  return {
    missing: { reference: share(pair.missing.reference, rows.reference), current: share(pair.missing.current, rows.current) },
    unseen: number || pair.unseen === null ? null : share(pair.unseen, rows.current),
    outOfRange: number ? share(pair.outside, rows.current) : null,
  };
}
