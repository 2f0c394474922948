import { MillwrightError } from "../error.ts";

/** A bound as people write it: `">= 0.70"`. */
export type Bound = `${">=" | "<="} ${number}`;

/** `">= 0.7"` to `{ atLeast: 0.7 }`. @throws MillwrightError `bad-bound` */
export function parseBound(text: Bound): { readonly atLeast: number } | { readonly atMost: number } {
  const match = /^(>=|<=)\s*(-?\d+(?:\.\d+)?)$/.exec(text.trim());
  if (!match) throw new MillwrightError({ code: "bad-bound", what: `'${text}' is not a bound`, fix: "write it as '>= 0.70' or '<= 0.5'" });
  const value = Number(match[2]);
  return match[1] === ">=" ? { atLeast: value } : { atMost: value };
}

/** A limit of drift: `"psi > 0.2"` raises an event when a feature's population stability index passes 0.2. */
export type DriftLimit = `psi > ${number}`;

/** `"psi > 0.2"` to `{ psi: 0.2 }`. @throws MillwrightError `bad-drift-limit` */
export function parseDriftLimit(text: DriftLimit): { readonly psi: number } {
  const match = /^psi\s*>\s*(\d+(?:\.\d+)?)$/.exec(text.trim());
  if (!match)
    throw new MillwrightError({ code: "bad-drift-limit", what: `'${text}' is not a limit of drift`, fix: "write it as 'psi > 0.2'" });
  return { psi: Number(match[1]) };
}
