import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { ColumnType } from "../../define/column.ts";

export interface DuckDBOptions {
  /** Database file; in memory when absent. */
  readonly file?: string;
  readonly readOnly?: boolean;
  /** As DuckDB writes it: `4GB`. Default: DuckDB's own, four fifths of the machine's memory. */
  readonly memoryLimit?: string;
  readonly threads?: number;
  /** Where what does not fit into memory goes. Default: DuckDB's own, beside the database file, or `.tmp` of the working directory. */
  readonly temporaryDirectory?: string;
}

/**
 * Opens an embedded DuckDB. Times are UTC whatever the machine's zone; the library is loaded on first use.
 * A file opened for writing is locked for other processes: close it as soon as the work is done.
 */
export async function openDuckDB(options: DuckDBOptions = {}): Promise<DuckDBInstance> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const config: Record<string, string> = {};
  if (options.readOnly) config["access_mode"] = "READ_ONLY";
  if (options.memoryLimit !== undefined) config["memory_limit"] = options.memoryLimit;
  if (options.threads !== undefined) config["threads"] = String(options.threads);
  if (options.temporaryDirectory !== undefined) config["temp_directory"] = options.temporaryDirectory;
  return DuckDBInstance.create(options.file ?? ":memory:", config);
}

/** A connection of its own; close it with `closeSync()`. */
export async function connect(instance: DuckDBInstance): Promise<DuckDBConnection> {
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  return connection;
}

export { loadExtensions } from "./extensions.ts";

/** `"name"`, safe inside SQL. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `'text'`, safe inside SQL; for places where DuckDB takes no bound parameter (ATTACH, COPY, file names). */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** DuckDB's name of a column type. */
export function duckdbTypeOf(type: ColumnType): string {
  switch (type) {
    case "boolean":
      return "BOOLEAN";
    case "integer":
      return "INTEGER";
    case "bigint":
      return "BIGINT";
    case "double":
      return "DOUBLE";
    case "text":
      return "VARCHAR";
    case "date":
      return "DATE";
    case "timestamp":
      return "TIMESTAMP";
    case "binary":
      return "BLOB";
    default:
      return type.toUpperCase();
  }
}

/** Our type for one of DuckDB's; what we do not have becomes the next wider type, or text. */
export function columnTypeOf(duckdbType: string): ColumnType {
  const type = duckdbType.toUpperCase();
  const decimal = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(type);
  if (decimal) return `decimal(${Number(decimal[1])},${Number(decimal[2])})`;
  if (type.startsWith("TIMESTAMP")) return "timestamp";
  switch (type) {
    case "BOOLEAN":
      return "boolean";
    case "TINYINT":
    case "SMALLINT":
    case "UTINYINT":
    case "USMALLINT":
    case "INTEGER":
      return "integer";
    case "UINTEGER":
    case "BIGINT":
      return "bigint";
    case "UBIGINT":
    case "HUGEINT":
    case "UHUGEINT":
      return "decimal(38,0)";
    case "FLOAT":
    case "DOUBLE":
      return "double";
    case "DATE":
      return "date";
    case "BLOB":
      return "binary";
    default:
      return "text";
  }
}
