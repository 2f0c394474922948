import type { Maintained } from "./maintained.ts";
import { alike, commitReplacement, notRewritable, readContent } from "./replace.ts";

/** So many manifests that could be one are let be: readers open each, and each commit of an engine adds one. */
const few = 20;
/** A manifest of more files than this is left as it is: about 2 MB, a quarter of what Iceberg's own writers aim at. */
const large = 5000;

/**
 * Puts a table's small manifests together, which no row and no file notices: whoever opens the table reads each manifest, so that a table of many small commits
 * grows slower with each of them.
 *
 * @returns how many there were and are; null when nothing was to be done.
 */
export async function mergeManifests(maintained: Maintained): Promise<{ readonly before: number; readonly after: number } | null> {
  const content = await readContent(maintained);
  if (content === null || notRewritable(content) !== null) return null;
  const groups = [...(await alike(content.listing.manifests, maintained.reader)).values()]
    .map((group) => group.filter(({ file }) => file.entries.length <= large))
    .filter((group) => group.length >= few);
  if (groups.length === 0) return null;
  const merged = new Set(groups.flat().map(({ listed }) => listed.path));
  const committed = await commitReplacement(maintained, {
    removed: [],
    added: [],
    knownDeletes: new Set(),
    merged,
    summary: { "millwright.maintenance": "manifests" },
  });
  const before = content.listing.manifests.length;
  return committed === null ? null : { before, after: before - merged.size + groups.length };
}
