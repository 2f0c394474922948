import { MillwrightError } from "../error.ts";

/** A bound as people write it: `">= 0.70"`. */
export type Bound = `${">=" | "<="} ${number}`;

/** `">= 0.7"` to `{ atLeast: 0.7 }`. @throws MillwrightError `bad-bound` */
export function parseBound(text: string): { readonly atLeast: number } | { readonly atMost: number } {
  const match = /^(>=|<=)\s*(-?\d+(?:\.\d+)?)$/.exec(text.trim());
  if (!match) throw new MillwrightError({ code: "bad-bound", what: `'${text}' is not a bound`, fix: "write it as '>= 0.70' or '<= 0.5'" });
  const value = Number(match[2]);
  return match[1] === ">=" ? { atLeast: value } : { atMost: value };
}

/**
 * A limit of drift: `"psi > 0.2"` raises an event when a column's population stability index passes 0.2; likewise `ks`, the
 * Kolmogorov-Smirnov statistic, and `js`, the Jensen-Shannon distance. `"p < 0.01"` judges by the test that fits the column's type.
 */
export type DriftLimit = `${"psi" | "ks" | "js"} > ${number}` | `p < ${number}`;

export interface DriftRule {
  readonly figure: "psi" | "ks" | "js" | "p";
  readonly limit: number;
}

/** `"psi > 0.2"` to `{ figure: "psi", limit: 0.2 }`. @throws MillwrightError `bad-drift-limit` */
export function parseDriftLimit(text: DriftLimit): DriftRule {
  const match = /^(?:(psi|ks|js)\s*>|(p)\s*<)\s*(\d+(?:\.\d+)?(?:e-?\d+)?)$/.exec(text.trim());
  const figure = match?.[1] ?? match?.[2];
  if (figure !== "psi" && figure !== "ks" && figure !== "js" && figure !== "p")
    throw new MillwrightError({
      code: "bad-drift-limit",
      what: `'${text}' is not a limit of drift`,
      fix: "write it as 'psi > 0.2', 'ks > 0.1', 'js > 0.1' or 'p < 0.01'",
    });
  return { figure, limit: Number(match?.[3]) };
}

/** As people write it. */
export function driftRuleText({ figure, limit }: DriftRule): string {
  return figure === "p" ? `p < ${limit}` : `${figure} > ${limit}`;
}
