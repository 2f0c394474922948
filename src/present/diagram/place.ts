import { frame, margin, papers, pitch, sizes, snapped, type Spacing } from "./measure.ts";
import { ordered, type Slots } from "./order.ts";
import { textWidth } from "./text.ts";
import type { Box, DiagramForm, Sketch, SketchGroup } from "./vocabulary.ts";

/** The size of every card of a picture. */
export interface CardSize {
  readonly width: number;
  readonly height: number;
}

/** Where frames and cards stand; cards on the lattice. */
export interface Placed {
  readonly width: number;
  readonly height: number;
  readonly groups: ReadonlyMap<string, Box>;
  readonly nodes: ReadonlyMap<string, Box>;
}

/** A way to stand, and how good it is: more is better. */
interface Settled {
  readonly placed: Placed;
  readonly score: number;
}

interface Laid {
  readonly group: SketchGroup;
  /** Ids row by row; at most `columns` in each. */
  readonly rows: readonly (readonly string[])[];
  readonly columns: number;
  readonly rowGap: number;
  readonly columnGap: number;
  readonly width: number;
  readonly height: number;
}

type Bands = readonly (readonly Laid[])[];

/**
 * Groups in bands, cards in rows: of the arrangements and widths that are possible, the one whose letters come out largest on the paper and whose links are
 * shortest.
 *
 * @param top pixels that the heading takes
 */
export function place(sketch: Sketch, card: CardSize, form: DiagramForm, spacing: Spacing, top: number): Placed {
  const room = papers[form];
  const tried = new Set<string>();
  let best: Settled | null = null;
  for (const arrangement of sketch.arrangements) {
    for (let width = 480; width <= 3000; width += 48) {
      const bands = bandsWithin(sketch, arrangement, width, card, spacing);
      const shape = JSON.stringify(bands.map((band) => band.map(({ group, rows }) => [group.id, rows.length])));
      if (tried.has(shape)) continue;
      tried.add(shape);
      const [wide, high] = extent(bands, spacing);
      // Beyond what is comfortable to read, larger letters are no gain.
      const scale = Math.min(room.width / wide, room.height / (high + top), 0.62) - (wide > room.widest ? 1 : 0);
      // What no order of the cards could make up for need not be ordered.
      if (best !== null && scale < best.score) continue;
      const { placed, cost } = settled(sketch, bands, card, spacing, top);
      const score =
        scale -
        cost / Math.max(1, sketch.links.length) / 6000 -
        (wide * high) / 2e7 -
        Math.max(0, high / wide - 1.3) / 20 -
        bands.length / 200;
      if (best === null || score > best.score + 1e-9) best = { placed, score };
    }
  }
  return best?.placed ?? { width: 2 * margin, height: top + 2 * margin, groups: new Map(), nodes: new Map() };
}

/** Bands of at most this width where that is possible: long bands are broken, tall groups get more columns as long as there is room. */
function bandsWithin(sketch: Sketch, arrangement: readonly (readonly string[])[], width: number, card: CardSize, spacing: Spacing): Bands {
  const bands: Laid[][] = [];
  for (const ids of arrangement) {
    let band: Laid[] = [];
    for (const id of ids) {
      const group = sketch.groups.find((one) => one.id === id);
      if (group === undefined) continue;
      const narrow = laid(sketch, group, 1, card, spacing);
      if (band.length > 0 && bandWidth([...band, narrow], spacing) > width) {
        bands.push(band);
        band = [];
      }
      band.push(narrow);
    }
    if (band.length > 0) bands.push(band);
  }
  return bands.map((band) => widened(sketch, band, width, card, spacing));
}

function widened(sketch: Sketch, band: readonly Laid[], width: number, card: CardSize, spacing: Spacing): readonly Laid[] {
  let now = band;
  for (;;) {
    const tallest = now.reduce((one, other) => (other.height > one.height ? other : one));
    let next: readonly Laid[] | null = null;
    for (let columns = tallest.columns + 1; columns <= tallest.columns + 3; columns++) {
      const wider = laid(sketch, tallest.group, columns, card, spacing);
      if (wider.height >= tallest.height) continue;
      next = now.map((one) => (one === tallest ? wider : one));
      break;
    }
    if (next === null || bandWidth(next, spacing) > width) return now;
    now = next;
  }
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
function layersOf(ids: readonly string[], links: readonly { readonly from: string; readonly to: string }[]): string[][] {
  const depths = new Map<string, number>(ids.map((id) => [id, 0]));
  // As many rounds as there are nodes reach the end of every way; in a circle, they end it.
  for (let round = 0; round < ids.length; round++) {
    let changed = false;
    for (const { from, to } of links) {
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

function bandWidth(band: readonly Laid[], spacing: Spacing): number {
  return band.reduce((sum, { width }) => sum + width, 0) + (band.length - 1) * (spacing.gutter - 2 * frame.side) + 2 * margin;
}

function extent(bands: Bands, spacing: Spacing): readonly [width: number, height: number] {
  const heights = bands.map((band) => Math.max(...band.map(({ height }) => height)));
  return [
    Math.max(0, ...bands.map((band) => bandWidth(band, spacing))),
    heights.reduce((sum, one) => sum + one + spacing.band, 2 * margin),
  ];
}

/** Frames of a band are as tall as the tallest, and all bands equally wide; the cards stand in the middle of theirs. */
function settled(
  sketch: Sketch,
  bands: Bands,
  card: CardSize,
  spacing: Spacing,
  top: number,
): { readonly placed: Placed; readonly cost: number } {
  const [width] = extent(bands, spacing);
  const groups = new Map<string, Box>();
  const sets: Slots[] = [];
  let y = snapped(top + margin) + pitch / 2;
  for (const band of bands) {
    const height = Math.max(...band.map((one) => one.height));
    const spare = Math.floor((width - bandWidth(band, spacing)) / band.length / pitch) * pitch;
    let x = margin;
    for (const [index, one] of band.entries()) {
      // What the division leaves over goes to the last.
      const own = index === band.length - 1 ? width - margin - x : one.width + spare;
      groups.set(one.group.id, { x, y, width: own, height });
      sets.push(...slotsOf(one, { x, y, width: own, height }, card));
      x += own + spacing.gutter - 2 * frame.side;
    }
    y += height + spacing.band;
  }
  const { spots, cost } = ordered(sets, sketch.links);
  const nodes = new Map([...spots].map(([id, spot]) => [id, { ...spot, ...card }]));
  return { placed: { width, height: y - spacing.band + margin, groups, nodes }, cost };
}

function slotsOf(one: Laid, box: Box, card: CardSize): Slots[] {
  const spare = Math.floor((box.height - one.height) / 2 / pitch) * pitch;
  const rows = one.rows.map((ids, row): Slots => {
    const wide = ids.length * card.width + (ids.length - 1) * one.columnGap;
    const left = box.x + frame.side + Math.floor((box.width - 2 * frame.side - wide) / 2 / pitch) * pitch;
    const top = box.y + frame.top + spare + row * (card.height + one.rowGap);
    return { ids, spots: ids.map((_, column) => ({ x: left + column * (card.width + one.columnGap), y: top })) };
  });
  // Cards of a grid may change places with all others in it, those of a layer within their row.
  if (one.group.order === "layers") return rows;
  return [{ ids: rows.flatMap(({ ids }) => ids), spots: rows.flatMap(({ spots }) => spots) }];
}
