/** A place in a file that somebody wrote: the declaration of an asset, or a row of data. */
export interface Origin {
  /** Absolute path, or a file URL's path. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/** The parts of an error that a person can act on. */
export interface Problem {
  /** Stable, kebab-case, e.g. `unknown-column`. */
  readonly code: string;
  /** What is wrong, one sentence without a full stop. */
  readonly what: string;
  /** Where: a declaration's place, or the place in the data (`flights.csv:17`). */
  readonly where?: Origin | string;
  /** What to do about it, one sentence in the imperative. */
  readonly fix?: string;
}

/**
 * An error whose cause is the user's input, data or surroundings; everything else is a defect of ours.
 * The command line prints it without a stack and exits with 2 (input) or 1 (work).
 *
 * @example
 * throw new MillwrightError({ code: "unknown-column", what: "flights has no column 'tailnumber'",
 *   where: { file: "platform.ts", line: 12 }, fix: "use one of: tailnum, origin, dest" });
 */
export class MillwrightError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem, options?: ErrorOptions) {
    super(formatProblem(problem), options);
    this.name = "MillwrightError";
    this.problem = Object.freeze({ ...problem });
  }
}

/** `file:line`, or the text as it is. */
export function formatWhere(where: Origin | string): string {
  return typeof where === "string" ? where : `${where.file}:${where.line}`;
}

/** What is wrong, where, and what to do, on one to three lines. */
export function formatProblem({ what, where, fix }: Problem): string {
  return [what, where === undefined ? null : `  at ${formatWhere(where)}`, fix === undefined ? null : `  to fix: ${fix}`]
    .filter((line) => line !== null)
    .join("\n");
}
