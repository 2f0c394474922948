import { open } from "node:fs/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { MillwrightError } from "../error.ts";
import { connect, openDuckDB } from "../systems/duckdb/connection.ts";
import type { Rejected } from "../systems/roles.ts";
import { csvRecords, csvScan, type CsvShape } from "./csv.ts";
import { cutRaw } from "./rejected.ts";
import type { ListedFile } from "./file-list.ts";
import { decompressed } from "./lines.ts";

/** Lines that are not empty: as many records as the file has, unless quoted fields hold line ends. */
export async function countLines(path: string, signal: AbortSignal): Promise<number> {
  const handle = await open(path);
  let count = 0;
  let length = 0;
  let returns = 0;
  try {
    for await (const piece of decompressed(handle, path)) {
      signal.throwIfAborted();
      const bytes: Buffer = piece;
      let start = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
        length += end - start;
        if (end > start) returns = bytes[end - 1] === 13 ? 1 : 0;
        if (length > returns) count++;
        start = end + 1;
        length = returns = 0;
      }
      length += bytes.length - start;
      if (bytes.length > start) returns = bytes.at(-1) === 13 ? 1 : 0;
    }
  } finally {
    await handle.close();
  }
  return length > returns ? count + 1 : count;
}

/**
 * What a CSV file holds besides good rows, with its lines. A second reading, which only files with faults need.
 *
 * @param rows what `typedRows` makes of a scan, with the raw texts of the columns as a JSON list in `rejected_raw`, null as ""
 */
export async function csvRejects(
  file: ListedFile,
  shape: CsvShape,
  rows: (scan: string) => string,
  signal: AbortSignal,
): Promise<Rejected[]> {
  const instance = await openDuckDB();
  const connection = await connect(instance);
  try {
    const scan = csvScan(file.path, shape, { errors: "csv_errors", scans: "csv_scans" });
    const misfits = await read(
      connection,
      `SELECT rejected_reason AS reason, rejected_raw AS raw FROM (${rows(scan)}) WHERE rejected_reason IS NOT NULL`,
    );
    signal.throwIfAborted();
    const broken = await read(connection, brokenSql(shape.names.length));
    return [...(await placeBroken(file, broken, signal)), ...(await placeMisfits(file, shape, misfits, signal))];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** One row for each broken record, which DuckDB notes once for every column that it misses. */
function brokenSql(columns: number): string {
  const fields = (found: string): string => `'has ' || ${found}(found) || ' fields instead of ${columns}'`;
  return `SELECT CASE min(error_type) WHEN 'MISSING COLUMNS' THEN ${fields("min")} WHEN 'TOO MANY COLUMNS' THEN ${fields("max")} ELSE string_agg(DISTINCT error_message, '; ') END AS reason,
      any_value(csv_line) AS raw, line_byte_position AS position
    FROM (SELECT *, CAST(nullif(regexp_extract(error_message, 'Found: ([0-9]+)', 1), '') AS INTEGER) AS found FROM csv_errors)
    GROUP BY line_byte_position ORDER BY line_byte_position`;
}

interface Found {
  readonly reason: string;
  readonly raw: string;
  readonly position: number;
}

async function read(connection: DuckDBConnection, sql: string): Promise<Found[]> {
  const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson();
  return rows.map(({ reason, raw, position }) => ({ reason: String(reason), raw: String(raw ?? ""), position: Number(position ?? 0) }));
}

/** Records that DuckDB could not take apart: it says at which byte each begins; the lines before it are counted. */
async function placeBroken(file: ListedFile, broken: readonly Found[], signal: AbortSignal): Promise<Rejected[]> {
  if (broken.length === 0) return [];
  const handle = await open(file.path);
  const rejected: Rejected[] = [];
  let passed = 0;
  let line = 1;
  try {
    for await (const piece of decompressed(handle, file.path)) {
      signal.throwIfAborted();
      const bytes: Buffer = piece;
      let from = 0;
      while (rejected.length < broken.length) {
        const { reason, raw, position } = broken[rejected.length]!;
        // After a carriage return the position may lie on the line end before the record.
        const start = raw.startsWith("\n") ? position + 1 : position;
        if (start > passed + bytes.length) break;
        line += newlines(bytes, from, start - passed);
        from = Math.max(from, start - passed);
        rejected.push({ origin: `${file.name}:${line}`, reason, raw: cutRaw(raw.replace(/^\n/, "").replace(/[\r\n]+$/, "")) });
      }
      line += newlines(bytes, from, bytes.length);
      passed += bytes.length;
    }
  } finally {
    await handle.close();
  }
  if (rejected.length < broken.length)
    throw new MillwrightError({ code: "file-changed", what: `${file.name} changed while it was read`, fix: "run again" });
  return rejected;
}

function newlines(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = bytes.indexOf(10, from); at >= 0 && at < to; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}

/** Records with a field that does not fit: found again by their fields, because DuckDB gives no place for them. */
async function placeMisfits(file: ListedFile, shape: CsvShape, misfits: readonly Found[], signal: AbortSignal): Promise<Rejected[]> {
  if (misfits.length === 0) return [];
  const wanted = new Map<string, Found[]>();
  for (const misfit of misfits) wanted.set(misfit.raw, [...(wanted.get(misfit.raw) ?? []), misfit]);
  const nulls = new Set(shape.dialect.nulls);
  const rejected: Rejected[] = [];
  const handle = await open(file.path);
  try {
    for await (const { line, raw, fields } of csvRecords(handle, file.path, shape.dialect, signal)) {
      const key = JSON.stringify(fields.map((field) => (nulls.has(field) ? "" : field)));
      const found = wanted.get(key)?.shift();
      if (found === undefined) continue;
      rejected.push({ origin: `${file.name}:${line}`, reason: found.reason, raw: cutRaw(raw) });
    }
  } finally {
    await handle.close();
  }
  for (const { reason, raw } of [...wanted.values()].flat()) rejected.push({ origin: file.name, reason, raw: cutRaw(raw) });
  return rejected;
}
