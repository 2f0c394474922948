import { heap } from "./heap.ts";
import { pointOf, type Lattice } from "./lattice.ts";
import type { Point } from "./vocabulary.ts";

/** A line to be drawn from card to card, by their numbers; lines of one net may lie on each other. */
export interface Wire {
  readonly from: number;
  readonly to: number;
  readonly net: number;
  /** Frames in which it is at home. */
  readonly frames: readonly number[];
}

/** What a way costs, in pitches: a line that is short, straight and crosses nothing costs least. */
const costs = Object.freeze({ bend: 4, crossing: 7, foreignFrame: 0.8, closeToCard: 0.5, shared: 0.5, aside: 0.5 });

/** By point: the net of the line that runs there from side to side, or up and down; 0 for none. */
interface Traffic {
  readonly across: Uint16Array;
  readonly along: Uint16Array;
}

/**
 * A way for each wire over the lattice: each is found in turn (A*), then taken away and found again as long as others have changed, so that early ones give
 * way to late ones. Two nets cross at right angles or not at all.
 *
 * @returns the points of each wire's line, from card to card; null where there is no way
 */
export function routed(lattice: Lattice, wires: readonly Wire[]): readonly (readonly Point[] | null)[] {
  const ways: (readonly number[] | null)[] = wires.map(() => null);
  const inOrder = wires.map((_, index) => index).toSorted((one, other) => distance(lattice, wires[one]) - distance(lattice, wires[other]));
  for (let sweep = 0; sweep < 4; sweep++) {
    let changed = false;
    for (const index of inOrder) {
      const wire = wires[index];
      if (wire === undefined) continue;
      const before = ways[index];
      ways[index] = null;
      const way = wayOf(lattice, trafficOf(lattice, wires, ways), wire);
      changed ||= String(way) !== String(before);
      ways[index] = way;
    }
    if (!changed) break;
  }
  return ways.map((way) => (way === null ? null : cornersOf(lattice, way)));
}

function distance(lattice: Lattice, wire: Wire | undefined): number {
  if (wire === undefined) return 0;
  const [from, to] = [lattice.card.indexOf(wire.from), lattice.card.indexOf(wire.to)].map((at) => pointOf(lattice, at));
  return from === undefined || to === undefined ? 0 : Math.abs(from.x - to.x) + Math.abs(from.y - to.y);
}

function trafficOf({ columns, blocked }: Lattice, wires: readonly Wire[], ways: readonly (readonly number[] | null)[]): Traffic {
  const traffic: Traffic = { across: new Uint16Array(blocked.length), along: new Uint16Array(blocked.length) };
  for (const [index, way] of ways.entries()) {
    const net = wires[index]?.net ?? 0;
    for (const [step, at] of (way ?? []).entries()) {
      const next = way?.[step + 1];
      if (next === undefined) continue;
      const lane = Math.abs(next - at) === columns ? traffic.along : traffic.across;
      lane[at] = lane[next] = net;
    }
  }
  return traffic;
}

/** Up, right, down, left: an index from 1, as `way` of the lattice counts. */
function stepsOf(columns: number): readonly number[] {
  return [0, -columns, 1, columns, -1];
}

function wayOf(lattice: Lattice, traffic: Traffic, wire: Wire): readonly number[] | null {
  const { columns, blocked, card, way, aside } = lattice;
  const steps = stepsOf(columns);
  // A state is a point and whether it was reached from side to side (0) or up and down (1).
  const best = new Float64Array(blocked.length * 2).fill(Number.POSITIVE_INFINITY);
  const from = new Int32Array(blocked.length * 2).fill(-1);
  const queue = heap();
  const goal = goalOf(lattice, wire.to);
  const reach = (at: number, turned: number, cost: number, before: number): void => {
    const state = at * 2 + turned;
    if (cost >= (best[state] ?? 0)) return;
    best[state] = cost;
    from[state] = before;
    queue.push(state, cost + goal(at));
  };
  for (let at = 0; at < blocked.length; at++) {
    const out = way[at] ?? 0;
    if (card[at] === wire.from && out !== 0 && free(traffic, at, out % 2, wire.net)) reach(at, out % 2, (aside[at] ?? 0) * costs.aside, -2);
  }
  while (queue.size() > 0) {
    const state = queue.pop();
    const [at, turned] = [state >> 1, state & 1];
    if (card[at] === wire.to) return traced(from, state);
    const so = best[state] ?? 0;
    for (let direction = 1; direction <= 4; direction++) {
      const upright = direction % 2;
      // From the edge of its own card there is one way only: straight out.
      if (card[at] === wire.from && way[at] !== direction) continue;
      const next = at + (steps[direction] ?? 0);
      const entering = card[next] === wire.to && way[next] === ((direction + 1) % 4) + 1;
      if (blocked[next] === 1 && !entering) continue;
      if (!free(traffic, at, upright, wire.net) || !free(traffic, next, upright, wire.net)) continue;
      const bends = upright !== turned;
      if (bends && !free(traffic, at, turned, wire.net)) continue;
      const cost =
        so + stepCost(lattice, traffic, wire, next, upright) + (bends ? costs.bend : 0) + (entering ? (aside[next] ?? 0) * costs.aside : 0);
      reach(next, upright, cost, state);
    }
  }
  return null;
}

function free({ across, along }: Traffic, at: number, upright: number, net: number): boolean {
  const there = upright === 1 ? along[at] : across[at];
  return there === 0 || there === net;
}

function stepCost({ frame, close }: Lattice, { across, along }: Traffic, { net, frames }: Wire, at: number, upright: number): number {
  const [same, other] = upright === 1 ? [along[at], across[at]] : [across[at], along[at]];
  if (same === net) return costs.shared;
  const inside = frame[at] ?? 0;
  return (
    1 +
    (other !== 0 && other !== net ? costs.crossing : 0) +
    (inside !== 0 && !frames.includes(inside) ? costs.foreignFrame : 0) +
    (close[at] === 1 ? costs.closeToCard : 0)
  );
}

/** Never more than what is left to pay: the distance to the card at the price of a shared line. */
function goalOf(lattice: Lattice, number: number): (at: number) => number {
  const { columns, card } = lattice;
  const [first, last] = [card.indexOf(number), card.lastIndexOf(number)];
  const [left, top, right, bottom] = [first % columns, Math.floor(first / columns), last % columns, Math.floor(last / columns)];
  return (at) => {
    const [column, row] = [at % columns, Math.floor(at / columns)];
    return costs.shared * (Math.max(left - column, 0, column - right) + Math.max(top - row, 0, row - bottom));
  };
}

function traced(from: Int32Array, state: number): readonly number[] {
  const way: number[] = [];
  for (let now = state; now >= 0; now = from[now] ?? -1) way.push(now >> 1);
  return way.toReversed();
}

/** The ends and the bends. */
function cornersOf(lattice: Lattice, way: readonly number[]): readonly Point[] {
  return way
    .filter((at, index) => {
      const [before, after] = [way[index - 1], way[index + 1]];
      return before === undefined || after === undefined || at - before !== after - at;
    })
    .map((at) => pointOf(lattice, at));
}
