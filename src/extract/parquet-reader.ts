import type { DuckDBConnection } from "@duckdb/node-api";
import type { Column } from "../define/column.ts";
import { MillwrightError } from "../error.ts";
import { columnTypeOf, connect, duckdbTypeOf, openDuckDB, quoteIdentifier, quoteLiteral } from "../systems/duckdb/connection.ts";
import { literalPath, type ListedFile } from "./file-list.ts";
import type { FileReader } from "./file-readers.ts";
import { typedRows } from "./typed-sql.ts";

/** Parquet by DuckDB's own reader. Lists, structs and maps become their JSON text, times of other zones UTC. */
export const parquetReader: FileReader = {
  async describe(files) {
    const columns = new Map<string, Column>();
    for (const file of files) {
      for (const { name, native } of await nativeColumns(file))
        if (!columns.has(name)) columns.set(name, { name, type: columnTypeOf(native) });
    }
    return [...columns.values()];
  },

  async stage({ columns, stage }, file) {
    const native = new Map((await nativeColumns(file)).map(({ name, native: type }) => [name, type]));
    const scan = `SELECT * FROM read_parquet(${quoteLiteral(literalPath(file.path))}, file_row_number = true)`;
    const asAgreed = columns.every(({ name, type }) => !native.has(name) || columnTypeOf(native.get(name) ?? "") === type);
    if (asAgreed) {
      const list = columns.map(
        ({ name, type }) =>
          `CAST(${native.has(name) ? plain(name, native.get(name) ?? "") : "NULL"} AS ${duckdbTypeOf(type)}) AS ${quoteIdentifier(name)}`,
      );
      await stage.query(`SELECT ${list.join(", ")} FROM (${scan})`);
      return;
    }
    const texts = new Map([...native].map(([name, type]) => [name, `CAST(${plain(name, type)} AS VARCHAR)`]));
    const raw = `to_json({${[...texts].map(([name, text]) => `${quoteLiteral(name)}: ${text}`).join(", ")}})::VARCHAR`;
    await stage.query(
      typedRows(columns, {
        from: scan,
        texts,
        origin: `${quoteLiteral(`${file.name} row `)} || (file_row_number + 1)`,
        raw,
        reason: "CAST(NULL AS VARCHAR)",
      }),
      { rejects: true },
    );
  },
};

/** A column as one of our types, where DuckDB's is another. */
function plain(name: string, native: string): string {
  const column = quoteIdentifier(name);
  if (/\[|^STRUCT|^MAP|^UNION/.test(native)) return `CAST(to_json(${column}) AS VARCHAR)`;
  if (native === "TIMESTAMP WITH TIME ZONE") return `${column} AT TIME ZONE 'UTC'`;
  return column;
}

async function nativeColumns(file: ListedFile): Promise<{ name: string; native: string }[]> {
  const instance = await openDuckDB();
  let connection: DuckDBConnection | null = null;
  try {
    connection = await connect(instance);
    const rows = (
      await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${quoteLiteral(literalPath(file.path))})`)
    ).getRowObjectsJson();
    return rows.map(({ column_name, column_type }) => ({ name: String(column_name), native: String(column_type) }));
  } catch (error) {
    throw new MillwrightError(
      {
        code: "file-damaged",
        what: `${file.name} cannot be read as Parquet: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`,
        fix: "restore the file, or move it away",
      },
      { cause: error },
    );
  } finally {
    connection?.closeSync();
    instance.closeSync();
  }
}
