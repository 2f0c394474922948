import type { FigureErrors } from "./realised.ts";
import type { WindowPerformance } from "./performance.ts";

/** A figure of performance that misses its bound by more than chance explains. */
export interface MissedBound {
  readonly figure: keyof FigureErrors;
  readonly value: number;
  /** Its standard error. */
  readonly error: number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export type Bounds = Readonly<Record<string, { readonly atLeast?: number; readonly atMost?: number }>>;

/** Fewer rows give no verdict. */
export const leastRows = 200;

/** So many standard errors are exceeded by chance less than once in a thousand: one side of the normal distribution. */
const errors = 3.09;

const figures = ["auc", "logLoss", "brier", "accuracy"] as const satisfies readonly (keyof FigureErrors)[];

/** Whether a window misses bounds of performance: by its labels, where at least 200 have come, else by what is to be expected of it. */
export interface PerformanceVerdict {
  readonly by: "labels" | "estimate";
  readonly rows: number;
  readonly missed: readonly MissedBound[];
}

/** Null where the window has too few rows for a verdict. */
export function judgePerformance(
  { rows, labelled, realised, estimated }: Pick<WindowPerformance, "rows" | "labelled" | "realised" | "estimated">,
  bounds: Bounds,
): PerformanceVerdict | null {
  if (realised !== null && labelled >= leastRows) return { by: "labels", rows: labelled, missed: missedBounds(realised, bounds) };
  if (estimated !== null && rows >= leastRows) return { by: "estimate", rows, missed: missedBounds(estimated, bounds) };
  return null;
}

function missedBounds(
  values: { readonly errors: FigureErrors } & { readonly [figure in keyof FigureErrors]: number | null },
  bounds: Bounds,
): readonly MissedBound[] {
  return figures.flatMap((figure): MissedBound[] => {
    const [value, error, bound] = [values[figure], values.errors[figure], bounds[figure]];
    if (value === null || error === null || bound === undefined) return [];
    const low = value + errors * error < (bound.atLeast ?? Number.NEGATIVE_INFINITY);
    const high = value - errors * error > (bound.atMost ?? Number.POSITIVE_INFINITY);
    return low || high ? [{ figure, value, error, ...bound }] : [];
  });
}

/** `auc 0.612 (wanted at least 0.7, standard error 0.012)`. */
export function describeMissed({ figure, value, error, atLeast, atMost }: MissedBound): string {
  const bound = [atLeast === undefined ? null : `at least ${atLeast}`, atMost === undefined ? null : `at most ${atMost}`];
  return `${figure} ${value.toFixed(3)} (wanted ${bound.filter((one) => one !== null).join(" and ")}, standard error ${error.toFixed(3)})`;
}
