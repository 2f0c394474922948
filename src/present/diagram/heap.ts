/** Numbers by cost, cheapest first; of two that cost the same, the one that came first, so that the same input gives the same way. */
export interface Heap {
  readonly size: () => number;
  readonly push: (item: number, cost: number) => void;
  readonly pop: () => number;
}

export function heap(): Heap {
  const items: number[] = [];
  const costs: number[] = [];
  const turns: number[] = [];
  let turn = 0;
  const before = (one: number, other: number): boolean => {
    const difference = (costs[one] ?? 0) - (costs[other] ?? 0);
    return difference === 0 ? (turns[one] ?? 0) < (turns[other] ?? 0) : difference < 0;
  };
  const swap = (one: number, other: number): void => {
    for (const list of [items, costs, turns]) {
      const kept = list[one] ?? 0;
      list[one] = list[other] ?? 0;
      list[other] = kept;
    }
  };
  return {
    size: () => items.length,
    push(item, cost) {
      items.push(item);
      costs.push(cost);
      turns.push(turn++);
      for (let at = items.length - 1; at > 0;) {
        const above = (at - 1) >> 1;
        if (!before(at, above)) break;
        swap(at, above);
        at = above;
      }
    },
    pop() {
      const first = items[0] ?? -1;
      swap(0, items.length - 1);
      items.pop();
      costs.pop();
      turns.pop();
      for (let at = 0; ;) {
        const left = 2 * at + 1;
        if (left >= items.length) break;
        const least = left + 1 < items.length && before(left + 1, left) ? left + 1 : left;
        if (!before(least, at)) break;
        swap(at, least);
        at = least;
      }
      return first;
    },
  };
}
