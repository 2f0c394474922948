import type { DiagramRoute, Point } from "./vocabulary.ts";

/** A route without the piece that another route of its net draws already; `ends`: its arrow is its own. */
export interface DrawnRoute extends Pick<DiagramRoute, "kind" | "points"> {
  readonly ends: boolean;
  /** Where it meets the other. */
  readonly meets: Point | null;
}

/** Routes of a net lie on each other for a piece: that piece is drawn once, so that dashes stay dashes. */
export function unshared(routes: readonly DiagramRoute[]): readonly DrawnRoute[] {
  const drawn = new Map<string, DiagramRoute[]>();
  return routes.map((route) => {
    const earlier = drawn.get(route.net) ?? [];
    drawn.set(route.net, [...earlier, route]);
    let points = route.points;
    let ends = true;
    for (const other of earlier) {
      if (other.to === route.to) {
        const shorter = withoutEnd(route.points, other.points);
        if (shorter.length < points.length || lengthOf(shorter) < lengthOf(points)) [points, ends] = [shorter, false];
      } else if (other.from === route.from) {
        const shorter = withoutEnd(route.points.toReversed(), other.points.toReversed()).toReversed();
        if (lengthOf(shorter) < lengthOf(points)) points = shorter;
      }
    }
    const meets = points === route.points ? null : ((ends ? points[0] : points.at(-1)) ?? null);
    return { kind: route.kind, points, ends, meets: points.length < 2 ? null : meets };
  });
}

/** The line up to where the rest of it is the other's rest too; the whole line when the two end apart. */
function withoutEnd(points: readonly Point[], other: readonly Point[]): readonly Point[] {
  const mine = points.toReversed();
  const its = other.toReversed();
  if (!same(mine[0], its[0])) return points;
  for (let index = 1; ; index++) {
    const [here, there] = [mine[index], its[index]];
    if (here === undefined || there === undefined) return points.slice(0, mine.length - index + 1);
    if (same(here, there)) continue;
    const corner = mine[index - 1];
    if (corner === undefined) return points;
    // The two go on from the same corner: in the same direction, the nearer of the two ends is where they part.
    const part = sameDirection(corner, here, there) ? nearer(corner, here, there) : corner;
    const kept = points.slice(0, mine.length - index);
    return same(kept.at(-1), part) ? kept : [...kept, part];
  }
}

function same(one: Point | undefined, other: Point | undefined): boolean {
  return one !== undefined && other !== undefined && one.x === other.x && one.y === other.y;
}

function sameDirection(from: Point, one: Point, other: Point): boolean {
  return Math.sign(one.x - from.x) === Math.sign(other.x - from.x) && Math.sign(one.y - from.y) === Math.sign(other.y - from.y);
}

function nearer(from: Point, one: Point, other: Point): Point {
  return lengthOf([from, one]) <= lengthOf([from, other]) ? one : other;
}

function lengthOf(points: readonly Point[]): number {
  return points.reduce((sum, point, index) => {
    const before = points[index - 1];
    return before === undefined ? 0 : sum + Math.abs(point.x - before.x) + Math.abs(point.y - before.y);
  }, 0);
}
