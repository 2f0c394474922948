import { beganKey, expectsKey, summaryPrefix } from "../note.ts";
import { commitFailed } from "./error.ts";
import type { JsonObject } from "./json.ts";
import { currentSnapshot, type Snapshot, type TableMetadata } from "./model.ts";
import { readSnapshot } from "./snapshot-update.ts";

/** Whether an update adds a snapshot whose engine has written a note into its summary by itself. */
export function isOwnNote(update: JsonObject): boolean {
  const { summary = {} } = readSnapshot(update["snapshot"]);
  return expectsKey in summary || beganKey in summary;
}

/**
 * Holds a commit to the snapshot that its engine expects. The client's own requirements do not: an append that was overtaken is put on top
 * of what came, which for rows that were read together with a position would be twice the same rows.
 *
 * @throws CatalogError CommitFailedException when the table stands at another snapshot.
 */
export function requireExpected(base: TableMetadata, { summary = {} }: Snapshot): void {
  const expected = summary[expectsKey];
  if (expected === undefined) return;
  const current = currentSnapshot(base)?.["snapshot-id"];
  const now = current === undefined ? "none" : String(current);
  if (now !== expected)
    throw commitFailed(`Requirement failed: the commit expects the snapshot ${expected}, and the table stands at ${now}`);
}

/** What an engine could not know when it wrote the note: the rows that the table has now, and how long it all took. */
export function completedNote({ summary = {} }: Snapshot, totals: Readonly<Record<string, string>>, now: number): Record<string, string> {
  const began = summary[beganKey];
  if (began === undefined) return {};
  const count = (key: string) => Number(totals[key] ?? summary[key] ?? 0);
  const deleted = totals["total-delete-files"] === "0" ? 0 : count("total-position-deletes");
  return {
    [`${summaryPrefix}rows`]: String(Math.max(0, count("total-records") - deleted)),
    [`${summaryPrefix}seconds`]: String(Math.max(0, now - Number(began)) / 1000),
  };
}
