import { summaryPrefix } from "../note.ts";
import { currentSnapshot, findSnapshot, type TableMetadata } from "./model.ts";

/** In the summary that the database keeps of a head: earlier snapshots with the very same rows, newest first, separated by commas. */
const rearrangedKey = `${summaryPrefix}rearranged`;

/**
 * The current snapshot's summary as the database keeps it. A snapshot of operation `replace` (a compaction, files that move to another
 * storage) rearranges files and changes no row: the notes of the commit that made the rows hold on, and the snapshots that
 * it rearranged are named. True of any program's compaction, since the operation is Iceberg's own word.
 */
export function headSummary(metadata: TableMetadata): Readonly<Record<string, string>> {
  const current = currentSnapshot(metadata);
  if (current?.summary?.["operation"] !== "replace") return current?.summary ?? {};
  const rearranged: string[] = [];
  let snapshot: typeof current | undefined = current;
  while (snapshot?.summary?.["operation"] === "replace" && snapshot["parent-snapshot-id"] != null) {
    rearranged.push(String(snapshot["parent-snapshot-id"]));
    snapshot = findSnapshot(metadata, snapshot["parent-snapshot-id"]);
  }
  const notes = Object.entries(snapshot?.summary ?? {}).filter(([key]) => key.startsWith(summaryPrefix));
  return { ...Object.fromEntries(notes), ...current.summary, [rearrangedKey]: rearranged.join(",") };
}

/** True when a table's head holds the same rows as one of its snapshots: it is that one, or has only rearranged its files since. */
export function holdsRowsOf(
  head: { readonly snapshot: string | null; readonly summary: Readonly<Record<string, string>> } | undefined,
  snapshot: string | null | undefined,
): boolean {
  if (head === undefined || head.snapshot === null || snapshot == null) return head?.snapshot === snapshot;
  return head.snapshot === snapshot || (head.summary[rearrangedKey] ?? "").split(",").includes(snapshot);
}
