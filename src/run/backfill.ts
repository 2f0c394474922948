import type { Definition } from "../define/node.ts";
import { MillwrightError } from "../error.ts";

/** Parts that are to be made anew: those of these tables that a stretch of time touches. */
export interface Backfill {
  readonly assets: readonly string[];
  /** ISO 8601 in UTC; null for an open end. */
  readonly from: string | null;
  /** Excluded. */
  readonly to: string | null;
}

/**
 * What `--from` and `--to` ask for; null when neither is given. A date is its midnight in UTC.
 *
 * @throws MillwrightError `bad-range` for what is no time, or no stretch of it; `no-parts` when a table is named that is not made in parts, or none is.
 */
export function backfillOf(
  definition: Definition,
  assets: readonly string[],
  given: { readonly from?: string | undefined; readonly to?: string | undefined },
): Backfill | null {
  const [from, to] = [instantOf(given.from, "--from"), instantOf(given.to, "--to")];
  if (from === null && to === null) return null;
  if (from !== null && to !== null && from >= to)
    throw new MillwrightError({
      code: "bad-range",
      what: `nothing lies between ${given.from} and ${given.to}`,
      fix: "give an earlier --from or a later --to",
    });
  const inParts = definition.assets.flatMap((asset) => (asset.kind === "table" && asset.parts !== null ? [asset.name] : []));
  const others = assets.filter((name) => !inParts.includes(name));
  if (assets.length === 0 || others.length > 0)
    throw new MillwrightError({
      code: "no-parts",
      what:
        assets.length === 0
          ? "--from and --to need the name of a table that is made in parts"
          : `${others.join(", ")} is not made in parts, so nothing of it can be made by a range`,
      where: definition.origin,
      fix: inParts.length === 0 ? 'say .parts({ by: "day", column: ... }) of a table' : `name one of: ${inParts.join(", ")}`,
    });
  return { assets, from, to };
}

function instantOf(text: string | undefined, option: string): string | null {
  if (text === undefined) return null;
  const time = /^\d{4}-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?Z)?)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new MillwrightError({
      code: "bad-range",
      what: `${option} takes a date or a time in UTC, not '${text}'`,
      fix: "write it as 2013-03-01 or 2013-03-01T06:00:00Z",
    });
  return new Date(time).toISOString();
}
