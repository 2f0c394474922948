import type { DuckDBConnection } from "@duckdb/node-api";
import type { Snapshot } from "../../lake/catalog/heads.ts";
import { localPath } from "../../lake/storage/address.ts";
import type { Appended } from "../roles.ts";
import { quoteLiteral } from "./connection.ts";
import { askRows } from "./rows.ts";

/**
 * The rows that a table's snapshots after `from` have added, up to its newest one `to`; null when they have done anything
 * else than add rows, or when that cannot be told. Iceberg keeps of every data file which snapshot added it.
 *
 * @param history every snapshot of the table
 * @param target the table, attached
 */
export async function appendedRows(
  connection: DuckDBConnection,
  {
    history,
    target,
    from,
    to,
  }: { readonly history: readonly Snapshot[]; readonly target: string; readonly from: string; readonly to: string },
): Promise<Appended | null> {
  const added = snapshotsBetween(history, from, to);
  const start = history.find(({ id }) => id === from);
  if (added === null || start === undefined || !history.some(({ id, current }) => current && id === to)) return null;
  if (!added.every(onlyAdds)) return null;
  // Who puts files or manifests together adds no row.
  const rearranged = added.flatMap(({ operation, sequence }) => (operation === "replace" ? [sequence] : []));
  const rows = added.reduce((sum, { operation, summary }) => sum + (operation === "append" ? countOf(summary, "added-records") : 0), 0);
  if (rows === 0) return { relation: `(SELECT * FROM ${target} LIMIT 0)`, rows, files: null };
  const files = await askRows(
    connection,
    `SELECT file_path AS path, record_count AS n FROM iceberg_metadata(${target})
     WHERE manifest_content = 'DATA' AND status = 'ADDED' AND manifest_sequence_number > ${start.sequence}${
       rearranged.length === 0 ? "" : ` AND manifest_sequence_number NOT IN (${rearranged.join(", ")})`
     }`,
  );
  // Who put manifests together has hidden which snapshot added a file.
  if (files.reduce((sum, { n }) => sum + Number(n), 0) !== rows) return null;
  const relation = `read_parquet([${files.map(({ path }) => quoteLiteral(String(path))).join(", ")}], union_by_name = true)`;
  return (await shapeOf(connection, relation)) === (await shapeOf(connection, target))
    ? { relation, rows, files: localFiles(files.map(({ path }) => String(path))) }
    : null;
}

function localFiles(locations: readonly string[]): readonly string[] | null {
  const paths = locations.map(localPath);
  return paths.every((path) => path !== undefined) ? paths : null;
}

/** Whether a snapshot leaves the rows that were there as they are: it adds some, or rearranges files. */
export function onlyAdds({ operation, summary }: Snapshot): boolean {
  return operation === "replace" || (operation === "append" && countOf(summary, "added-delete-files") === 0);
}

/** Those after `from` up to `to`; null when the one does not lead to the other. */
export function snapshotsBetween(history: readonly Snapshot[], from: string, to: string): readonly Snapshot[] | null {
  const byId = new Map(history.map((snapshot) => [snapshot.id, snapshot]));
  const between: Snapshot[] = [];
  for (let id: string | null = to; id !== from;) {
    const snapshot: Snapshot | undefined = id === null ? undefined : byId.get(id);
    if (snapshot === undefined) return null;
    between.push(snapshot);
    id = snapshot.parent;
  }
  return between;
}

function countOf(summary: Readonly<Record<string, string>>, name: string): number {
  return Number(summary[name] ?? 0);
}

/** Names and types of the columns: a file that was written before a column was added or widened is not as the table. */
async function shapeOf(connection: DuckDBConnection, relation: string): Promise<string> {
  const columns = await askRows(connection, `DESCRIBE SELECT * FROM ${relation}`);
  return JSON.stringify(columns.map((column) => [column["column_name"], column["column_type"]]).toSorted());
}
