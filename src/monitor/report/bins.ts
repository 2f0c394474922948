import { sum, type ColumnPair } from "../bins.ts";
import { figure } from "./plot.ts";

export interface PlotBin {
  readonly label: string;
  /** Shares of the rows that have a value. */
  readonly reference: number;
  readonly current: number;
}

const numberBins = 40;
const categories = 20;

/** A column's bins for a plot: a number's in steps of equal width between its 0.5th and 99.5th percentile, and the most frequent categories. */
export function binsOf(pair: ColumnPair): PlotBin[] {
  const totals = { reference: sum(pair.reference) || 1, current: sum(pair.current) || 1 };
  const shares = (bin: number) => ({
    reference: (pair.reference[bin] ?? 0) / totals.reference,
    current: (pair.current[bin] ?? 0) / totals.current,
  });
  if (pair.kind === "number") {
    const filled = pair.reference.flatMap((_, bin) =>
      (pair.reference[bin] ?? 0) + (pair.current[bin] ?? 0) === 0
        ? []
        : [{ label: figure(pair.edges[bin] ?? pair.edges.at(-1)), ...shares(bin) }],
    );
    if (filled.length <= numberBins) return filled;
    return equalWidths(pair.edges, shares, pair.reference.length);
  }
  const named = pair.categories.map((category, bin) => ({
    label: category === "" ? "(missing)" : (category ?? "(others)"),
    ...shares(bin),
  }));
  const sorted = named.toSorted((a, b) => b.reference + b.current - a.reference - a.current);
  const rest = sorted.slice(categories);
  if (rest.length === 0) return sorted;
  const others = rest.reduce(
    (total, bin) => ({ ...total, reference: total.reference + bin.reference, current: total.current + bin.current }),
    { label: `(${rest.length} others)`, reference: 0, current: 0 },
  );
  return [...sorted.slice(0, categories), others];
}

function equalWidths(edges: readonly number[], shares: (bin: number) => Omit<PlotBin, "label">, bins: number): PlotBin[] {
  const [low, high] = [quantile(edges, shares, 0.005), quantile(edges, shares, 0.995)];
  if (low === undefined || high === undefined || !(high > low)) return [];
  const width = (high - low) / numberBins;
  const totals = Array.from({ length: numberBins }, (_, bin) => ({ label: figure(low + (bin + 0.5) * width), reference: 0, current: 0 }));
  for (let bin = 0; bin < bins; bin++) {
    // A fine bin goes whole to where its upper edge lies; those beyond the ends go to the outermost.
    const at = Math.min(numberBins - 1, Math.max(0, Math.ceil(((edges[bin] ?? high) - low) / width) - 1));
    const into = totals[at];
    if (into === undefined) continue;
    const { reference, current } = shares(bin);
    into.reference += reference;
    into.current += current;
  }
  return totals;
}

function quantile(edges: readonly number[], shares: (bin: number) => Omit<PlotBin, "label">, share: number): number | undefined {
  let before = 0;
  for (let bin = 0; bin < edges.length; bin++) {
    const { reference, current } = shares(bin);
    before += (reference + current) / 2;
    if (before >= share) return edges[bin];
  }
  return edges.at(-1);
}
