import type { Column } from "../../define/column.ts";
import { columnTypeOf, connect, openDuckDB, quoteLiteral } from "../duckdb/connection.ts";
import { askRows } from "../duckdb/rows.ts";

/** The columns of Parquet files of this machine: those of all files together. Only their ends are read. */
export async function columnsOfFiles(files: readonly string[]): Promise<readonly Column[]> {
  const instance = await openDuckDB();
  const connection = await connect(instance);
  try {
    const rows = await askRows(
      connection,
      `DESCRIBE SELECT * FROM read_parquet([${files.map(quoteLiteral).join(", ")}], union_by_name = true)`,
    );
    return rows.map((row) => ({ name: String(row["column_name"]), type: columnTypeOf(String(row["column_type"])) }));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
