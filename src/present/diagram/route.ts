import { heap } from "./heap.ts";
import { each, pointOf, type Lattice } from "./lattice.ts";
import type { Box, Point } from "./vocabulary.ts";

/** A line to be drawn from card to card, by their numbers; lines of one net may lie on each other. */
export interface Wire {
  readonly from: number;
  readonly to: number;
  readonly net: number;
  /** Frames in which it is at home. */
  readonly frames: readonly number[];
}

/** What a way costs, in pitches: a line that is short, straight and crosses nothing costs least. `against`: a line runs where another one is. */
const costs = Object.freeze({
  bend: 4,
  crossing: 7,
  foreignFrame: 0.8,
  closeToCard: 0.5,
  shared: 0.4,
  aside: 0.5,
  door: 4,
  against: 40,
  again: 15,
});

/** By point: the net of the line that runs there from side to side, or up and down; 0 for none. */
interface Traffic {
  readonly across: Uint16Array;
  readonly along: Uint16Array;
}

/** The points of a line, step by step; null while it has none. */
type Way = readonly number[] | null;

/** What one search looks at. */
interface Search {
  readonly lattice: Lattice;
  readonly traffic: Traffic;
  readonly wire: Wire;
  /** Whether other lines of its net are there, which it may share. */
  readonly shares: boolean;
  /** How often lines have been in each other's way at a point; null when it must keep clear of them. */
  readonly quarrels: Uint8Array | null;
}

/**
 * A way for each wire over the lattice: each is found in turn (A*); one that finds none drives those that are in its way from their places, which are then
 * found anew and avoid where they quarrelled. Last, each is taken away and found again as long as that changes something, so that early ones give way to late
 * ones. Two nets cross at right angles or not at all.
 *
 * @returns the points of each wire's line, from card to card; null where there is no way
 */
export function routed(lattice: Lattice, wires: readonly Wire[]): readonly (readonly Point[] | null)[] {
  const ways: Way[] = wires.map(() => null);
  const inOrder = wires.map((_, index) => index).toSorted((one, other) => distance(lattice, wires[one]) - distance(lattice, wires[other]));
  settle(lattice, wires, ways, inOrder);
  const sweeps = ways.includes(null) ? 0 : 3;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let changed = false;
    for (const index of inOrder) {
      const before = ways[index] ?? null;
      if (before === null) continue;
      ways[index] = null;
      const way = search(lattice, wires, ways, index, null) ?? before;
      changed ||= way.length !== before.length || way.some((at, step) => at !== before[step]);
      ways[index] = way;
    }
    if (!changed) break;
  }
  return ways.map((way) => (way === null ? null : cornersOf(lattice, way)));
}

function settle(lattice: Lattice, wires: readonly Wire[], ways: Way[], inOrder: readonly number[]): void {
  const quarrels = new Uint8Array(lattice.blocked.length);
  const waiting = [...inOrder];
  // Some pictures have no room for all lines: then the search ends, and more room is given.
  for (let left = wires.length * 3; left > 0 && waiting.length > 0; left--) {
    const index = waiting.shift() ?? 0;
    const free = search(lattice, wires, ways, index, null);
    const way = free ?? search(lattice, wires, ways, index, quarrels);
    ways[index] = way;
    if (free !== null || way === null) continue;
    for (const other of rivals(lattice, wires, ways, index, quarrels)) {
      ways[other] = null;
      waiting.push(other);
    }
  }
}

function search(lattice: Lattice, wires: readonly Wire[], ways: readonly Way[], index: number, quarrels: Uint8Array | null): Way {
  const wire = wires[index];
  if (wire === undefined) return null;
  const shares = wires.some(({ net }, other) => other !== index && net === wire.net && ways[other] !== null);
  return wayOf({ lattice, traffic: trafficOf(lattice, wires, ways), wire, shares, quarrels });
}

/** The wires of other nets on whose lines a new one runs; where they do is remembered. */
function rivals(lattice: Lattice, wires: readonly Wire[], ways: readonly Way[], index: number, quarrels: Uint8Array): readonly number[] {
  const only = ways.map((way, other) => (other === index ? way : null));
  const mine = trafficOf(lattice, wires, only);
  const net = wires[index]?.net;
  return wires.flatMap((wire, other) => {
    if (wire.net === net || (ways[other] ?? null) === null) return [];
    const its = trafficOf(
      lattice,
      wires,
      ways.map((way, one) => (one === other ? way : null)),
    );
    let met = false;
    for (const at of ways[other] ?? []) {
      if (!((its.across[at] !== 0 && mine.across[at] !== 0) || (its.along[at] !== 0 && mine.along[at] !== 0))) continue;
      met = true;
      quarrels[at] = Math.min(255, (quarrels[at] ?? 0) + 1);
    }
    return met ? [other] : [];
  });
}

function distance(lattice: Lattice, wire: Wire | undefined): number {
  if (wire === undefined) return 0;
  const [from, to] = [lattice.card.indexOf(wire.from), lattice.card.indexOf(wire.to)].map((at) => pointOf(lattice, at));
  return from === undefined || to === undefined ? 0 : Math.abs(from.x - to.x) + Math.abs(from.y - to.y);
}

function trafficOf({ columns, blocked }: Lattice, wires: readonly Wire[], ways: readonly Way[]): Traffic {
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

function wayOf({ lattice, traffic, wire, shares, quarrels }: Search): Way {
  const { columns, blocked, card, way, aside } = lattice;
  const steps = stepsOf(columns);
  // A state is a point and whether it was reached from side to side (0) or up and down (1).
  const best = new Float64Array(blocked.length * 2).fill(Number.POSITIVE_INFINITY);
  const from = new Int32Array(blocked.length * 2).fill(-1);
  const queue = heap();
  const goal = goalOf(lattice, wire.to, shares ? costs.shared : 1);
  const reach = (at: number, turned: number, cost: number, before: number): void => {
    const state = at * 2 + turned;
    if (cost >= (best[state] ?? 0)) return;
    best[state] = cost;
    from[state] = before;
    queue.push(state, cost + goal(at));
  };
  /** What it costs to run at a point in a direction where another net runs already; infinite when that must not be. */
  const against = (at: number, upright: number): number => {
    const there = upright === 1 ? traffic.along[at] : traffic.across[at];
    if (there === 0 || there === wire.net) return 0;
    return quarrels === null ? Number.POSITIVE_INFINITY : costs.against + costs.again * (quarrels[at] ?? 0);
  };
  each(lattice, cardBox(lattice, wire.from), (at) => {
    const out = way[at] ?? 0;
    if (card[at] === wire.from && out !== 0) reach(at, out % 2, against(at, out % 2) + (aside[at] ?? 0) * costs.aside, -2);
  });
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
      const bend = upright === turned ? 0 : costs.bend + against(at, upright);
      // Lines of a net come in by one door.
      const joins = (upright === 1 ? traffic.along[next] : traffic.across[next]) === wire.net;
      const port = entering ? (aside[next] ?? 0) * costs.aside + (shares && !joins ? costs.door : 0) : 0;
      reach(next, upright, so + stepCost(lattice, traffic, wire, next, upright) + bend + against(next, upright) + port, state);
    }
  }
  return null;
}

function stepCost({ frame, close }: Lattice, { across, along }: Traffic, { net, frames }: Wire, at: number, upright: number): number {
  const [same, other] = upright === 1 ? [along[at], across[at]] : [across[at], along[at]];
  if (same === net) return costs.shared;
  const inside = frame[at] ?? 0;
  const crossing = other !== 0 && other !== net ? costs.crossing : 0;
  const foreign = inside !== 0 && !frames.includes(inside) ? costs.foreignFrame : 0;
  return 1 + crossing + foreign + (close[at] === 1 ? costs.closeToCard : 0);
}

/** Never more than what is left to pay: the distance to the card, at the price of a step. */
function goalOf(lattice: Lattice, number: number, step: number): (at: number) => number {
  const { columns, card } = lattice;
  const [first, last] = [card.indexOf(number), card.lastIndexOf(number)];
  const [left, top, right, bottom] = [first % columns, Math.floor(first / columns), last % columns, Math.floor(last / columns)];
  return (at) => {
    const [column, row] = [at % columns, Math.floor(at / columns)];
    return step * (Math.max(left - column, 0, column - right) + Math.max(top - row, 0, row - bottom));
  };
}

/** A card's own box, in pixels. */
function cardBox(lattice: Lattice, number: number): Box {
  const [first, last] = [pointOf(lattice, lattice.card.indexOf(number)), pointOf(lattice, lattice.card.lastIndexOf(number))];
  return { ...first, width: last.x - first.x, height: last.y - first.y };
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
