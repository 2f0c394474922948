import type { Snapshot } from "../../lake/catalog/heads.ts";
import { onlyAdds, snapshotsBetween } from "../duckdb/appended.ts";
import type { Appended } from "../roles.ts";

/**
 * The rows that a table's snapshots after `from` have added, up to `to`, by Iceberg's own incremental reading; null when one of them has
 * done anything else than add rows, or when that cannot be told.
 *
 * @param target the table's full name in Spark's SQL
 */
export function appendedRows(
  history: readonly Snapshot[],
  { target, from, to }: { readonly target: string; readonly from: string; readonly to: string },
): Appended | null {
  const added = snapshotsBetween(history, from, to);
  if (added === null || !added.every(onlyAdds)) return null;
  const rows = added.reduce((sum, { operation, summary }) => sum + (operation === "append" ? Number(summary["added-records"] ?? 0) : 0), 0);
  const range = `WITH ('start-snapshot-id' = '${BigInt(from)}', 'end-snapshot-id' = '${BigInt(to)}')`;
  return { relation: rows === 0 ? `(SELECT * FROM ${target} LIMIT 0)` : `(SELECT * FROM ${target} ${range})`, rows, files: null };
}
