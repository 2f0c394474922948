import { frame, margin, papers, pitch, snapped, type Spacing } from "./measure.ts";
import { framesOf, layersOf, type CardSize, type Laid, type Lay } from "./frame.ts";
import { ordered, type Slots } from "./order.ts";
import type { Box, DiagramForm, Sketch, SketchGroup } from "./vocabulary.ts";

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

type Bands = readonly (readonly Laid[])[];

/**
 * Groups in bands, cards in rows: of the arrangements and widths that are possible, the one whose letters come out largest on the paper and whose links are
 * shortest.
 *
 * @param top pixels that the heading takes
 */
export function place(sketch: Sketch, card: CardSize, form: DiagramForm, spacing: Spacing, top: number): Placed {
  const room = papers[form];
  const lay = framesOf(sketch, card, spacing);
  const tried = new Set<string>();
  let best: Settled | null = null;
  for (const arrangement of sketch.arrangements) {
    for (let width = 480; width <= 3000; width += 48) {
      const bands = bandsWithin(sketch, lay, arrangement, width, spacing);
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
function bandsWithin(sketch: Sketch, lay: Lay, arrangement: readonly (readonly string[])[], width: number, spacing: Spacing): Bands {
  const bands: Laid[][] = [];
  for (const ids of arrangement) {
    let band: Laid[] = [];
    for (const id of ids) {
      const group = sketch.groups.find((one) => one.id === id);
      if (group === undefined) continue;
      const narrow = lay(group, leastColumns(sketch, group));
      if (band.length > 0 && bandWidth([...band, narrow], spacing) > width) {
        bands.push(band);
        band = [];
      }
      band.push(narrow);
    }
    if (band.length > 0) bands.push(band);
  }
  return bands.map((band) => widened(lay, band, width, spacing));
}

/** Tables of one depth stand beside each other, up to three: more of them only where there is room. */
function leastColumns({ nodes, links }: Sketch, group: SketchGroup): number {
  if (group.order === "grid") return 1;
  const ids = nodes.filter((node) => node.group === group.id).map(({ id }) => id);
  return Math.min(3, Math.max(1, ...layersOf(ids, links).map((layer) => layer.length)));
}

function widened(lay: Lay, band: readonly Laid[], width: number, spacing: Spacing): readonly Laid[] {
  let now = band;
  for (;;) {
    const tallest = now.reduce((one, other) => (other.height > one.height ? other : one));
    let next: readonly Laid[] | null = null;
    for (let columns = tallest.columns + 1; columns <= tallest.columns + 3; columns++) {
      const wider = lay(tallest.group, columns);
      if (wider.height >= tallest.height) continue;
      next = now.map((one) => (one === tallest ? wider : one));
      break;
    }
    if (next === null || bandWidth(next, spacing) > width) return now;
    now = next;
  }
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
