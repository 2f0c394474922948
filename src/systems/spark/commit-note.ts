import type { Head } from "../../lake/catalog/heads.ts";
import { beganKey, commitKey, expectsKey, summaryPrefix } from "../../lake/note.ts";
import type { TableWrite } from "../roles.ts";

/** Iceberg's Spark runtime puts settings of a session that begin so into the summary of every snapshot that the session commits. */
const setting = "spark.sql.iceberg.snapshot-property.";

/** In a quarantine's summary: the table's snapshot when the commit was made, which the table's own commit was then to follow. */
export const beforeKey: string = `${summaryPrefix}before`;

export interface CommitWords {
  /** An id of this very commit. */
  readonly commit: string;
  /** The snapshot that the table must still have; null for none. */
  readonly expects: string | null;
  readonly quarantined: number;
  /** Only in a quarantine's commit. */
  readonly before?: string | null;
}

/**
 * The settings of a session that make a commit's note. The number of rows and the seconds are not known yet: the catalog completes
 * the note by them when it commits.
 */
export function commitSettings(write: TableWrite, { commit, expects, quarantined, before }: CommitWords): Readonly<Record<string, string>> {
  const words: Record<string, string> = {
    [commitKey]: commit,
    [expectsKey]: expects ?? "none",
    [beganKey]: String(Math.round(performance.timeOrigin + write.began)),
    [`${summaryPrefix}quarantined`]: String(quarantined),
    ...(before === undefined ? {} : { [beforeKey]: before ?? "none" }),
  };
  for (const [name, value] of Object.entries(write.note)) {
    if (value !== null && value !== undefined) words[summaryPrefix + name] = typeof value === "string" ? value : JSON.stringify(value);
  }
  return Object.fromEntries(Object.entries(words).map(([name, value]) => [setting + name, value]));
}

/** The id of the commit that made a head; null when another engine made it. */
export function commitOf(head: Head | null): string | null {
  return head?.summary[commitKey] ?? null;
}
