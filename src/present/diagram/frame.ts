import { frame, pitch, sizes, snapped, type Spacing } from "./measure.ts";
import { textWidth } from "./text.ts";
import type { Sketch, SketchGroup } from "./vocabulary.ts";

/** The size of every card of a picture. */
export interface CardSize {
  readonly width: number;
  readonly height: number;
}

/** A frame with its cards in rows, before it has a place. */
export interface Laid {
  readonly group: SketchGroup;
  /** Ids row by row; at most `columns` in each. */
  readonly rows: readonly (readonly string[])[];
  readonly columns: number;
  readonly rowGap: number;
  readonly columnGap: number;
  readonly width: number;
  readonly height: number;
}

/** How a group looks in at most so many columns. */
export type Lay = (group: SketchGroup, columns: number) => Laid;

/** The frames of a sketch; each is laid out once for each number of columns. */
export function framesOf(sketch: Sketch, card: CardSize, spacing: Spacing): Lay {
  const known = new Map<string, Laid>();
  return (group, columns) => {
    const key = `${columns} ${group.id}`;
    const found = known.get(key) ?? laid(sketch, group, columns, card, spacing);
    known.set(key, found);
    return found;
  };
}

function laid(sketch: Sketch, group: SketchGroup, columns: number, card: CardSize, spacing: Spacing): Laid {
  const ids = sketch.nodes.filter((node) => node.group === group.id).map(({ id }) => id);
  const own = new Set(ids);
  const inside = sketch.links.filter(({ from, to }) => own.has(from) && own.has(to));
  const rows = group.order === "layers" ? layersOf(ids, inside).flatMap((layer) => chunked(layer, columns)) : chunked(ids, columns);
  const used = Math.max(1, ...rows.map((row) => row.length));
  // Lines between rows and columns need tracks to run on: the more links, the more of them.
  const tracks = pitch * Math.floor(inside.length / Math.max(1, rows.length) / 2);
  const rowGap = inside.length > 0 ? spacing.row + tracks : spacing.plain;
  const columnGap = inside.some(({ label }) => label !== null)
    ? spacing.labelled
    : inside.length > 0
      ? spacing.column + tracks
      : spacing.plain;
  const title = snapped(textWidth(group.title, sizes.group, true));
  const width = Math.max(title, used * card.width + (used - 1) * columnGap) + 2 * frame.side;
  const height = frame.top + rows.length * card.height + Math.max(0, rows.length - 1) * rowGap + frame.side;
  return { group, rows, columns, rowGap, columnGap, width, height };
}

/** Rows of the same length as far as possible: 7 in at most 4 columns are 4 and 3, 9 are 3, 3 and 3. */
function chunked(ids: readonly string[], columns: number): string[][] {
  const rows = Math.ceil(ids.length / columns);
  const length = Math.ceil(ids.length / Math.max(1, rows));
  return Array.from({ length: rows }, (_, row) => ids.slice(row * length, (row + 1) * length));
}

/** Nodes by the longest way that leads to them from within. */
export function layersOf(ids: readonly string[], links: readonly { readonly from: string; readonly to: string }[]): string[][] {
  const depths = new Map<string, number>(ids.map((id) => [id, 0]));
  // As many rounds as there are nodes reach the end of every way; in a circle, they end it.
  for (let round = 0; round < ids.length; round++) {
    let changed = false;
    for (const { from, to } of links) {
      if (!depths.has(from) || !depths.has(to)) continue;
      const depth = Math.min((depths.get(from) ?? 0) + 1, ids.length - 1);
      if (depth > (depths.get(to) ?? 0)) {
        depths.set(to, depth);
        changed = true;
      }
    }
    if (!changed) break;
  }
  const layers: string[][] = [];
  for (const [id, depth] of depths) (layers[depth] ??= []).push(id);
  return layers.filter((layer) => layer !== undefined);
}
