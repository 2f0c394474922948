/**
 * Fills a MySQL with the example's operational database:
 *
 *     OPS_DATABASE_URL=mysql://user:password@host:3306/database npm run load-mysql [-- --rows N]
 *
 * Each table is filled aside and then takes the place of the former one at once, so that it may be repeated, and readers see either the
 * whole former table or the whole new one. `--rows N` (or MILLWRIGHT_SAMPLE=N) takes the first N flights only. Times are UTC.
 */
import { parseArgs } from "node:util";
import { createConnection, type Connection } from "mysql2/promise";
import { sampleSize } from "./helpers/options.ts";
import { opsRows, opsTables, type OpsColumn, type OpsTableDefinition, type OpsValue } from "./helpers/tables.ts";

/** Fills the database with all four tables and gives the number of rows of each. */
export async function loadMySQL(options: { readonly url: string; readonly rows?: number }): Promise<Record<string, number>> {
  const connection = await createConnection({ uri: options.url, timezone: "Z", charset: "utf8mb4" });
  try {
    await connection.query("set time_zone = '+00:00'");
    const counts: Record<string, number> = {};
    for (const table of opsTables) counts[table.name] = await loadTable(connection, table, options.rows);
    return counts;
  } finally {
    await connection.end();
  }
}

/** Rows of one INSERT: large enough to be fast, and far below the server's largest packet (64 MB unless it is set otherwise). */
const batchRows = 2_000;

async function loadTable(connection: Connection, table: OpsTableDefinition, limit: number | undefined): Promise<number> {
  const aside = `${table.name}__loading`;
  const former = `${table.name}__former`;
  await connection.query("drop table if exists ??, ??", [aside, former]);
  const columns = table.columns.map(
    (column) => `\`${column.name}\` ${mysqlType(column)}${column.name === table.key ? " not null primary key" : ""}`,
  );
  await connection.query(`create table \`${aside}\` (${columns.join(", ")}) character set utf8mb4`);
  const timestamps = table.columns.flatMap(({ type }, index) => (type === "timestamp" ? [index] : []));
  let count = 0;
  let batch: OpsValue[][] = [];
  const write = async (): Promise<void> => {
    if (batch.length > 0) await connection.query("insert into ?? values ?", [aside, batch]);
    count += batch.length;
    batch = [];
  };
  await connection.beginTransaction();
  for (const row of opsRows(table, limit)) {
    // A DATETIME of MySQL takes no zone; the column's zone is UTC by agreement.
    for (const index of timestamps) row[index] = String(row[index]).replace("T", " ").replace("Z", "");
    batch.push(row);
    if (batch.length === batchRows) await write();
  }
  await write();
  await connection.commit();
  if (table.cursor !== null)
    await connection.query("alter table ?? add index ?? (??, ??)", [aside, `${table.name}_${table.cursor}`, table.cursor, table.key]);
  const [existing] = await connection.query("show tables like ?", [table.name]);
  if (Array.isArray(existing) && existing.length > 0) {
    await connection.query("rename table ?? to ??, ?? to ??", [table.name, former, aside, table.name]);
    await connection.query("drop table ??", [former]);
  } else {
    await connection.query("rename table ?? to ??", [aside, table.name]);
  }
  return count;
}

function mysqlType({ type, length }: OpsColumn): string {
  switch (type) {
    case "bigint":
      return "BIGINT";
    case "integer":
      return "INT";
    case "double":
      return "DOUBLE";
    case "text":
      return `VARCHAR(${length})`;
    case "timestamp":
      return "DATETIME";
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { rows: { type: "string" } } });
  const rows = sampleSize(values.rows);
  const url = process.env["OPS_DATABASE_URL"];
  if (url === undefined || url === "") {
    console.error("OPS_DATABASE_URL is not set\n  to fix: set it to mysql://user:password@host:3306/database");
    process.exit(2);
  }
  const started = performance.now();
  try {
    const counts = await loadMySQL({ url, ...(rows === undefined ? {} : { rows }) });
    const list = Object.entries(counts).map(([name, count]) => `${name} ${count.toLocaleString("en-US")}`);
    console.log(`${list.join(", ")} rows in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  } catch (error) {
    console.error(
      `the database that OPS_DATABASE_URL names could not be filled: ${error instanceof Error ? error.message : String(error)}`,
    );
    process.exitCode = 1;
  }
}
