import type { SketchLink } from "./vocabulary.ts";

/** Where a card would stand, by its number. */
interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Which cards may change places with each other, and where they stand. */
export interface Slots {
  readonly ids: readonly string[];
  readonly spots: readonly Spot[];
}

/**
 * Changes places within each set of slots as long as that shortens the links or takes crossings away: a descent from the given order, the same each time.
 *
 * @returns where each id stands, and what the links cost there, in pixels
 */
export function ordered(
  sets: readonly Slots[],
  links: readonly SketchLink[],
): { readonly spots: ReadonlyMap<string, Spot>; readonly cost: number } {
  const at = new Map(sets.flatMap(({ ids, spots }) => ids.map((id, index) => [id, spots[index] ?? { x: 0, y: 0 }] as const)));
  const drawn = links.filter(({ from, to }) => at.has(from) && at.has(to));
  let cost = costOf(at, drawn);
  for (let round = 0; round < 6; round++) {
    const before = cost;
    for (const { ids } of sets) {
      for (let one = 0; one < ids.length; one++) {
        for (let other = one + 1; other < ids.length; other++) {
          exchange(at, ids[one], ids[other]);
          const after = costOf(at, drawn);
          if (after < cost - 1e-6) cost = after;
          else exchange(at, ids[one], ids[other]);
        }
      }
    }
    if (cost >= before - 1e-6) break;
  }
  return { spots: at, cost };
}

function exchange(at: Map<string, Spot>, one: string | undefined, other: string | undefined): void {
  if (one === undefined || other === undefined) return;
  const [first, second] = [at.get(one), at.get(other)];
  if (first === undefined || second === undefined) return;
  at.set(one, second);
  at.set(other, first);
}

/** Lengths along the two axes, and for each crossing of the straight lines as much as a line of 200 pixels. */
function costOf(at: ReadonlyMap<string, Spot>, links: readonly SketchLink[]): number {
  const lines = links.flatMap(({ from, to }) => {
    const [start, end] = [at.get(from), at.get(to)];
    return start === undefined || end === undefined ? [] : [{ from, to, start, end }];
  });
  let cost = 0;
  for (const [index, { from, to, start, end }] of lines.entries()) {
    cost += Math.abs(start.x - end.x) + Math.abs(start.y - end.y);
    for (const other of lines.slice(index + 1)) {
      if (other.from === from || other.to === to || other.from === to || other.to === from) continue;
      if (crosses(start, end, other.start, other.end)) cost += 200;
    }
  }
  return cost;
}

function crosses(a: Spot, b: Spot, c: Spot, d: Spot): boolean {
  return side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b);
}

function side(a: Spot, b: Spot, c: Spot): boolean {
  return (b.x - a.x) * (c.y - a.y) > (b.y - a.y) * (c.x - a.x);
}
