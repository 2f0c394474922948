/** Distinct values, or equal shares of a sample, that a column's bins are made of. */
const fineEdges = 4095;

const double = new Float64Array(1);
const bits = new BigInt64Array(double.buffer);

/** The greatest double below a finite one. */
export function nextBelow(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  double[0] = value;
  bits[0]! += value > 0 ? -1n : 1n;
  return double[0];
}

/** Counts values into bins, a chunk at a time, in one pass. */
export interface Counter {
  readonly counts: Uint32Array;
  readonly missing: () => number;
  readonly least: () => number;
  readonly most: () => number;
  /** NaN is a missing value. */
  add(values: Float64Array): void;
}

/**
 * Rising, distinct edges at equal shares of a sample, which is put in order: every distinct value where they are few. A value that holds a
 * bin's share of the sample has a bin for itself alone, from the next smaller double to it, so that whole numbers and peaks are counted
 * exactly. Any edges give right counts; those of a good sample keep the largest bin small.
 */
export function edgesOf(sample: Float64Array): Float64Array {
  sample.sort();
  const finite = sample.filter((value) => Number.isFinite(value));
  const distinct = finite.filter((value, index) => index === 0 || value !== finite[index - 1]);
  const edges: number[] = [];
  const add = (value: number): void => {
    if (value > (edges.at(-1) ?? Number.NEGATIVE_INFINITY)) edges.push(value);
  };
  if (distinct.length <= fineEdges) {
    for (const value of distinct) {
      add(nextBelow(value));
      add(value);
    }
    return Float64Array.from(edges);
  }
  const quantile = (edge: number) => finite[Math.floor((edge * finite.length) / (fineEdges + 1))] ?? Number.NaN;
  for (let edge = 1; edge <= fineEdges; edge++) {
    const value = quantile(edge);
    if (edge < fineEdges && quantile(edge + 1) === value) add(nextBelow(value));
    add(value);
  }
  return Float64Array.from(edges);
}

const cells = 1 << 14;
const fewEdges = 8;

/**
 * Bin i takes `(edges[i-1], edges[i]]`. A grid of equal cells between the first and the last edge says which edges a value can lie between;
 * the search goes on among those. It costs about 13 ns a value where the edges are spread, and 30 ns where they are crowded
 * (grids of 2^12 to 2^16 cells and searches by halves alone took 16 to 23 ns).
 */
export function createCounter(edges: Float64Array): Counter {
  const counts = new Uint32Array(edges.length + 1);
  const low = edges[0] ?? Number.POSITIVE_INFINITY;
  const high = edges.at(-1) ?? Number.POSITIVE_INFINITY;
  const scale = high > low && Number.isFinite(high - low) ? (cells - 1) / (high - low) : 0;
  // first[c] edges lie in cells below c: a value of cell c has bin first[c] to first[c + 1], for a cell never falls as values rise.
  const first = new Uint16Array(cells + 1);
  for (const edge of edges) first[(((edge - low) * scale) | 0) + 1]! += 1;
  for (let cell = 1; cell <= cells; cell++) first[cell]! += first[cell - 1]!;
  let missing = 0;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  return {
    counts,
    missing: () => missing,
    least: () => least,
    most: () => most,
    add(values) {
      for (let row = 0; row < values.length; row++) {
        const value = values[row]!;
        if (value < least) least = value;
        if (value > most) most = value;
        let bin = 0;
        if (value > high) bin = edges.length;
        else if (value > low) {
          const cell = ((value - low) * scale) | 0;
          bin = first[cell]!;
          let end = first[cell + 1]!;
          while (end - bin > fewEdges) {
            const middle = (bin + end) >>> 1;
            if (value <= edges[middle]!) end = middle;
            else bin = middle + 1;
          }
          while (value > edges[bin]!) bin++;
        } else if (value !== value) {
          missing++;
          continue;
        }
        counts[bin]!++;
      }
    },
  };
}
