/** What is known of a quantity at one point, and how sure it is. */
export interface Predicted {
  readonly mean: number;
  readonly deviation: number;
}

/**
 * Kriging (regression by a Gaussian process; Rasmussen and Williams 2006, algorithm 2.1): foretells a value at a new point from values at
 * known ones, near to them where it is alike, and falls back to 0 where nothing is.
 *
 * @param covariance of two points
 * @param noise variance of a value that was measured twice
 */
export function kriging<Point>(
  points: readonly Point[],
  values: readonly number[],
  covariance: (a: Point, b: Point) => number,
  noise: number,
): (point: Point) => Predicted {
  const lower = cholesky(points.map((a, row) => points.map((b, column) => covariance(a, b) + (row === column ? noise : 0))));
  const weights = backward(lower, forward(lower, values));
  return (point) => {
    const near = points.map((other) => covariance(point, other));
    const explained = forward(lower, near);
    return {
      mean: dot(near, weights),
      deviation: Math.sqrt(Math.max(noise, covariance(point, point) + noise - dot(explained, explained))),
    };
  };
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

/** The lower triangle whose square is the matrix. */
function cholesky(matrix: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const lower: number[][] = [];
  for (const [row, values] of matrix.entries()) {
    const own: number[] = [];
    lower.push(own);
    for (let column = 0; column <= row; column++) {
      const other = lower[column] ?? [];
      const rest = (values[column] ?? 0) - dot(own.slice(0, column), other);
      own.push(column === row ? Math.sqrt(rest) : rest / (other[column] ?? Number.NaN));
    }
  }
  return lower;
}

function forward(lower: readonly (readonly number[])[], values: readonly number[]): readonly number[] {
  const solved: number[] = [];
  for (const [row, own] of lower.entries()) solved.push(((values[row] ?? 0) - dot(solved, own)) / (own[row] ?? Number.NaN));
  return solved;
}

function backward(lower: readonly (readonly number[])[], values: readonly number[]): readonly number[] {
  const solved: number[] = values.map(() => 0);
  for (let row = values.length - 1; row >= 0; row--) {
    const rest = lower.slice(row + 1).reduce((sum, own, offset) => sum + (own[row] ?? 0) * (solved[row + 1 + offset] ?? 0), 0);
    solved[row] = ((values[row] ?? 0) - rest) / (lower[row]?.[row] ?? Number.NaN);
  }
  return solved;
}
