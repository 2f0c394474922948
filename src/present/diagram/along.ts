import type { Box, Point } from "./vocabulary.ts";

/** Where the middle of a box lies along a line: the share of the line before its nearest point (0 to 1), and how far off that point it is. */
export function along(points: readonly Point[], box: Box): { readonly share: number; readonly off: Point } {
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  let [before, best] = [0, { distance: Number.POSITIVE_INFINITY, at: 0, off: { x: 0, y: 0 } }];
  for (const [index, end] of points.entries()) {
    const start = points[index - 1];
    if (start === undefined) continue;
    const [left, right] = [Math.min(start.x, end.x), Math.max(start.x, end.x)];
    const [top, bottom] = [Math.min(start.y, end.y), Math.max(start.y, end.y)];
    const nearest = { x: Math.min(Math.max(middle.x, left), right), y: Math.min(Math.max(middle.y, top), bottom) };
    const off = { x: middle.x - nearest.x, y: middle.y - nearest.y };
    const distance = Math.abs(off.x) + Math.abs(off.y);
    if (distance < best.distance) best = { distance, at: before + Math.abs(nearest.x - start.x) + Math.abs(nearest.y - start.y), off };
    before += Math.abs(end.x - start.x) + Math.abs(end.y - start.y);
  }
  return { share: before === 0 ? 0.5 : best.at / before, off: best.off };
}

/** Where a point of a card's edge lies on it: 0 to 1 from its left and its top. */
export function portOf(point: Point | undefined, card: Box): Point {
  if (point === undefined) return { x: 0.5, y: 0.5 };
  return { x: (point.x - card.x) / card.width, y: (point.y - card.y) / card.height };
}
