import type { Point, SketchLink } from "./vocabulary.ts";

/** Cards that may change places with each other, and their places. */
export interface Slots {
  readonly ids: readonly string[];
  readonly spots: readonly Point[];
}

/** What a crossing of two straight lines costs: as much as so many pixels of line. */
const crossing = 200;

/** Links by the numbers of their cards. */
interface Graph {
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** Numbers of the links of each card. */
  readonly links: readonly (readonly number[])[];
  /** Of each card, to which others it is linked: cards that are alike may as well stay where they are. */
  readonly neighbours: readonly string[];
  readonly x: number[];
  readonly y: number[];
}

/**
 * Changes places within each set of slots as long as that shortens the links or takes crossings away: a descent from the given order, the same each time.
 *
 * @returns where each id stands, and what the links cost there, in pixels
 */
export function ordered(
  sets: readonly Slots[],
  links: readonly SketchLink[],
): { readonly spots: ReadonlyMap<string, Point>; readonly cost: number } {
  const ids = sets.flatMap((set) => set.ids);
  const numbers = new Map(ids.map((id, index) => [id, index]));
  const spots = sets.flatMap((set) => set.spots);
  const graph = graphOf(numbers, spots, links);
  const ranges = rangesOf(sets);
  for (let round = 0; round < 6; round++) {
    let changed = false;
    for (const [first, last] of ranges) {
      for (let one = first; one < last; one++) {
        for (let other = one + 1; other < last; other++) {
          if (graph.neighbours[one] === graph.neighbours[other]) continue;
          const before = costAt(graph, one, other);
          exchange(graph, one, other);
          if (costAt(graph, one, other) < before - 1e-6) changed = true;
          else exchange(graph, one, other);
        }
      }
    }
    if (!changed) break;
  }
  const at = new Map(ids.map((id, index) => [id, { x: graph.x[index] ?? 0, y: graph.y[index] ?? 0 }]));
  return {
    spots: at,
    cost: costOf(
      graph,
      graph.from.map((_, index) => index),
    ),
  };
}

function graphOf(numbers: ReadonlyMap<string, number>, spots: readonly Point[], links: readonly SketchLink[]): Graph {
  const pairs = links.flatMap((link) => {
    const [from, to] = [numbers.get(link.from), numbers.get(link.to)];
    return from === undefined || to === undefined ? [] : [{ from, to }];
  });
  const own: number[][] = spots.map(() => []);
  for (const [index, { from, to }] of pairs.entries()) {
    own[from]?.push(index);
    if (to !== from) own[to]?.push(index);
  }
  const neighbours = own.map((links, card) =>
    links
      .map((link) => (pairs[link]?.from ?? 0) + (pairs[link]?.to ?? 0) - card)
      .toSorted()
      .join(" "),
  );
  const [from, to] = [pairs.map((pair) => pair.from), pairs.map((pair) => pair.to)];
  return { from, to, links: own, neighbours, x: spots.map(({ x }) => x), y: spots.map(({ y }) => y) };
}

/** First and last number of each set. */
function rangesOf(sets: readonly Slots[]): readonly (readonly [first: number, last: number])[] {
  let at = 0;
  return sets.map(({ ids }) => [at, (at += ids.length)] as const);
}

function exchange({ x, y }: Graph, one: number, other: number): void {
  for (const list of [x, y]) {
    const kept = list[one] ?? 0;
    list[one] = list[other] ?? 0;
    list[other] = kept;
  }
}

/** What the links of two cards cost. */
function costAt(graph: Graph, one: number, other: number): number {
  const [mine, its] = [graph.links[one] ?? [], graph.links[other] ?? []];
  return mine.length + its.length === 0 ? 0 : costOf(graph, its.length === 0 ? mine : [...new Set([...mine, ...its])]);
}

/** Lengths along the two axes of these links, and their crossings with all others. */
function costOf(graph: Graph, some: readonly number[]): number {
  const { from, to, x, y } = graph;
  let cost = 0;
  for (const link of some) {
    const [start, end] = [from[link] ?? 0, to[link] ?? 0];
    cost += Math.abs((x[start] ?? 0) - (x[end] ?? 0)) + Math.abs((y[start] ?? 0) - (y[end] ?? 0));
    for (let other = 0; other < from.length; other++) {
      // Two of these cross each other once only.
      if (other <= link && some.includes(other)) continue;
      const [begin, finish] = [from[other] ?? 0, to[other] ?? 0];
      if (begin === start || begin === end || finish === start || finish === end) continue;
      if (crosses(graph, start, end, begin, finish)) cost += crossing;
    }
  }
  return cost;
}

function crosses(graph: Graph, a: number, b: number, c: number, d: number): boolean {
  return side(graph, a, b, c) !== side(graph, a, b, d) && side(graph, c, d, a) !== side(graph, c, d, b);
}

function side({ x, y }: Graph, a: number, b: number, c: number): boolean {
  const [left, top] = [x[a] ?? 0, y[a] ?? 0];
  return ((x[b] ?? 0) - left) * ((y[c] ?? 0) - top) > ((y[b] ?? 0) - top) * ((x[c] ?? 0) - left);
}
