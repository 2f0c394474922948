/**
 * The names most like a misspelt one, best first: those within an edit distance of a third of its length (at least 2),
 * and those that contain it or lie in it. Case does not count.
 *
 * @example
 * nearestNames("tailnumber", ["tailnum", "origin"]) // ["tailnum"]
 */
export function nearestNames(name: string, names: readonly string[], most: number = 3): readonly string[] {
  const wanted = name.toLowerCase();
  const limit = Math.max(2, Math.floor(wanted.length / 3));
  return names
    .map((candidate) => ({ candidate, distance: closeness(wanted, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .toSorted((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** What to do about an unknown name: the nearest ones first, then all, shortened when there are many. */
export function useOneOf(name: string, names: readonly string[]): string {
  const near = nearestNames(name, names);
  if (near.length > 0) return `did you mean ${near.map((candidate) => `'${candidate}'`).join(" or ")}?`;
  if (names.length === 0) return "there is none to choose from";
  return `use one of: ${names.slice(0, 20).join(", ")}${names.length > 20 ? `, and ${names.length - 20} more` : ""}`;
}

function closeness(a: string, b: string): number {
  const inside = a.length >= 3 && b.length >= 3 && (a.includes(b) || b.includes(a));
  return inside ? Math.min(1, editDistance(a, b)) : editDistance(a, b);
}

/** The fewest insertions, deletions, replacements and swaps of neighbours between two words (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      current.push(Math.min(replaced, swapped, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
