import { partPrefix, summaryPrefix } from "../note.ts";
import type { JsonObject } from "./json.ts";
import { currentSnapshot, type TableMetadata } from "./model.ts";

/**
 * What a commit does to the list of the parts that stand, which table properties keep: a commit that made a part adds it with the
 * fingerprint of what it was made from; one that concludes, or only rearranges files, leaves all; any other commit may have
 * changed any row, and no part stands any more. So the list is true whoever writes, and as durable as the rows.
 *
 * @param summary of the snapshot that becomes the current one; null when the table goes back to an older one.
 */
export function partUpdates(metadata: TableMetadata, summary: Readonly<Record<string, string>> | null): JsonObject[] {
  const standing = Object.keys(metadata.properties).filter((name) => name.startsWith(partPrefix));
  const part = summary?.[`${summaryPrefix}part`];
  const scheme = summary?.[`${summaryPrefix}parts`];
  const operation = summary?.["operation"];
  if (part === undefined) {
    if (standing.length === 0 || operation === "replace" || (scheme !== undefined && operation === "append")) return [];
    return [{ action: "remove-properties", removals: standing }];
  }
  const own = partPrefix + part;
  // A commit that never came through this catalog took nothing off the list.
  const parent = currentSnapshot(metadata)?.summary;
  const trusted = parent === undefined || parent["operation"] === "replace" || parent[`${summaryPrefix}parts`] === scheme;
  const doubtful = trusted ? [] : standing.filter((name) => name !== own);
  return [
    ...(doubtful.length === 0 ? [] : [{ action: "remove-properties", removals: doubtful }]),
    { action: "set-properties", updates: { [own]: summary?.[`${summaryPrefix}fingerprint`] ?? "" } },
  ];
}
