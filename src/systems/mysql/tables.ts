import type { Connection, RowDataPacket } from "mysql2";
import type { SourceTableNode } from "../../define/node.ts";
import { mysqlColumns, type MysqlColumn } from "../../extract/mysql-types.ts";
import { unknownTable } from "../../extract/schema.ts";
import type { Position } from "../roles.ts";

export async function ask(connection: Connection, sql: string, parameters: string[] = []): Promise<RowDataPacket[]> {
  const [rows] = await connection.promise().query<RowDataPacket[]>(sql, parameters);
  return rows;
}

/** The columns of a table; an error that lists the tables there are, when it is none. */
export async function columnsOf(connection: Connection, table: SourceTableNode): Promise<MysqlColumn[]> {
  const rows = await ask(
    connection,
    "SELECT COLUMN_NAME AS name, DATA_TYPE AS kind, COLUMN_TYPE AS declared, NUMERIC_PRECISION AS digits, NUMERIC_SCALE AS scale FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION",
    [table.table],
  );
  if (rows.length > 0) return mysqlColumns(rows);
  const tables = await ask(
    connection,
    "SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME",
  );
  throw unknownTable(
    table,
    tables.map(({ name }) => String(name)),
  );
}

/** The condition for rows that are new since a position; empty for all rows. Without a key a row that is read again could not be told from a new one. */
export function whereSince(table: SourceTableNode, position: Position | null): string {
  return position === null || table.key.length === 0 ? "" : since(table, position);
}

/** The condition for rows at or after the last cursor. Those without one are read every time: nothing says when they changed. */
function since(table: SourceTableNode, position: Position): string {
  const { cursor, last, number } = position;
  if (table.cursor === null || cursor !== table.cursor || typeof last !== "string") return "";
  // As a bound text a number would be compared as a float; as a literal it is exact.
  const literal =
    number === 1 && /^-?[0-9.]+(e[+-]?[0-9]+)?$/i.test(last) ? last : `'${last.replaceAll("'", "''").replaceAll("\\", "\\\\")}'`;
  return ` WHERE ${quoted(table.cursor)} >= ${literal} OR ${quoted(table.cursor)} IS NULL`;
}

/** Where a reading that begins now stops. */
export async function lastOf(connection: Connection, table: SourceTableNode, present: readonly MysqlColumn[]): Promise<Position> {
  const column = present.find(({ name }) => name === table.cursor);
  if (column === undefined) return {};
  const [row] = await ask(connection, `SELECT CAST(max(${quoted(column.name)}) AS CHAR) AS last FROM ${quoted(table.table)}`);
  const last: unknown = row?.["last"];
  if (typeof last !== "string") return {};
  return { cursor: column.name, last, number: ["date", "timestamp", "text", "binary"].includes(column.type) ? 0 : 1 };
}

export function quoted(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}
