import type { DuckDBConnection } from "@duckdb/node-api";
import type { Layout, PartitionField } from "../../define/node.ts";
import type { Laid } from "../../lake/keep-layout.ts";
import { quoteIdentifier, quoteLiteral } from "./connection.ts";
import { askRows } from "./rows.ts";

/**
 * `ORDER BY` for an insert: DuckDB writes rows as they come, and knows no sort order of Iceberg. Rows of one partition come together: otherwise
 * it would begin files for a partition again and again (measured: five per day over three years). Buckets are few enough to be open side by side.
 */
export function insertOrder(layout: Layout | null | undefined): string {
  if (layout == null) return "";
  const keys = [
    ...layout.partition.flatMap(clusterKey),
    ...layout.sort.map(({ column, descending }) => `${quoteIdentifier(column)} ${descending ? "DESC" : "ASC"} NULLS LAST`),
  ];
  return keys.length === 0 ? "" : ` ORDER BY ${keys.join(", ")}`;
}

function clusterKey({ column, transform }: PartitionField): string[] {
  const name = quoteIdentifier(column);
  switch (transform) {
    case "bucket":
      return [];
    case "identity":
    case "truncate":
      // What is equal when it is truncated is neighbouring before.
      return [name];
    default:
      return [`date_trunc('${transform}', ${name})`];
  }
}

/**
 * Whether DuckDB 1.5.5 can delete rows of a table: not where files of several partition specs are live (it fails, or leaves a table that it
 * cannot read any more), and not where two of its specs, live or not, have a field in common.
 */
export async function canDelete(connection: DuckDBConnection, { specs, spec, sharedFields, manifestList }: Laid): Promise<boolean> {
  if (sharedFields) return false;
  if (specs < 2 || manifestList === null) return true;
  const [other] = await askRows(
    connection,
    `SELECT 1 AS other FROM read_avro(${quoteLiteral(manifestList)}) WHERE partition_spec_id <> ${spec} LIMIT 1`,
  );
  return other === undefined;
}
