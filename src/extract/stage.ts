import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import type { Column } from "../define/column.ts";
import { duckdbTypeOf, loadExtensions, quoteIdentifier, quoteLiteral } from "../systems/duckdb/connection.ts";
import type { Rejected, Stage, Value } from "../systems/roles.ts";
import { converterOf } from "./convert.ts";
import { cutRaw, misfit, rawRow } from "./rejected.ts";

/** What an extract left in its folder. */
export interface Staged {
  readonly rows: number;
  /** Parquet files with the table's columns, in the order of reading. */
  readonly files: readonly string[];
  readonly rejected: number;
  /** Parquet files with the columns origin, reason, raw. */
  readonly rejectedFiles: readonly string[];
}

export interface StageOptions {
  /** The embedded engine; used by nobody else until `finish`. */
  readonly connection: DuckDBConnection;
  /** Where the Parquet files go; made when it does not exist. */
  readonly directory: string;
  readonly columns: readonly Column[];
  /** Interrupts the statement that runs and makes every later call throw. */
  readonly signal: AbortSignal;
}

const chunkRows = 2048;
/** Two of DuckDB's row groups, so that two threads can write them. */
const fileRows = 245_760;
const fileBytes = 64 * 1024 * 1024;
const rejectedColumns: readonly Column[] = ["origin", "reason", "raw"].map((name) => ({ name, type: "text" }));

let stages = 0;

/**
 * Collects what a source reads as Parquet files of bounded size, so that memory stays bounded whatever the table's size.
 * Rows that do not fit the columns' types are put aside with origin and reason.
 */
export async function createStage(options: StageOptions): Promise<Stage & { finish(): Promise<Staged> }> {
  const { connection, directory, columns, signal } = options;
  signal.throwIfAborted();
  await mkdir(directory, { recursive: true });
  const number = ++stages;
  const good = await createWriter(connection, directory, "rows", `stage_rows_${number}`, columns);
  const bad = await createWriter(connection, directory, "rejected", `stage_rejected_${number}`, rejectedColumns);
  const library = await import("@duckdb/node-api");
  const converters = columns.map((column) => converterOf(column.type, library));
  const interrupt = (): void => connection.interrupt();
  signal.addEventListener("abort", interrupt, { once: true });
  let seen = 0;

  const reject = async (rejected: readonly Rejected[]): Promise<void> => {
    for (const { origin, reason, raw } of rejected) {
      const text = cutRaw(raw);
      bad.add([origin, reason, text], text.length);
      if (bad.full()) await bad.flush();
    }
  };

  const rows = async (batch: readonly (readonly Value[])[], origin?: (index: number) => string): Promise<void> => {
    const rejected: Rejected[] = [];
    for (let index = 0; index < batch.length; index++) {
      const row = batch[index]!;
      if (row.length !== columns.length) throw new Error(`a row of ${row.length} values was staged for ${columns.length} columns`);
      const converted: DuckDBValue[] = [];
      let bytes = 0;
      let column = 0;
      for (; column < row.length; column++) {
        const value = row[column]!;
        if (value === null) {
          converted.push(null);
          continue;
        }
        const fitted = converters[column]!(value);
        if (fitted === undefined) break;
        if (typeof fitted === "string") bytes += fitted.length;
        else if (value instanceof Uint8Array) bytes += value.length;
        converted.push(fitted);
      }
      if (column < row.length) {
        rejected.push({
          origin: origin?.(index) ?? `row ${seen + index + 1}`,
          reason: misfit(columns[column]!, row[column]!),
          raw: rawRow(columns, row),
        });
        continue;
      }
      good.add(converted, bytes);
      if (good.full()) await good.flush();
    }
    seen += batch.length;
    await reject(rejected);
  };

  const query: Stage["query"] = async (sql, { extensions = [], before = [], parameters = [], rejects = false } = {}) => {
    if (extensions.length > 0) await loadExtensions(connection, extensions);
    for (const statement of before) await connection.run(statement);
    await good.flush();
    if (!rejects) return good.copy(sql, parameters);
    const table = quoteIdentifier(`stage_query_${number}`);
    try {
      await connection.run(`CREATE OR REPLACE TEMP TABLE ${table} AS ${sql}`, [...parameters]);
      await bad.flush();
      await bad.copy(
        `SELECT rejected_origin AS origin, rejected_reason AS reason, left(rejected_raw, 65536) AS raw FROM ${table} WHERE rejected_reason IS NOT NULL`,
      );
      return await good.copy(
        `SELECT ${columns.map(({ name }) => quoteIdentifier(name)).join(", ")} FROM ${table} WHERE rejected_reason IS NULL`,
      );
    } finally {
      await connection.run(`DROP TABLE IF EXISTS ${table}`);
    }
  };

  const finish = async (): Promise<Staged> => {
    await good.close();
    await bad.close();
    signal.removeEventListener("abort", interrupt);
    return { rows: good.rows(), files: good.files, rejected: bad.rows(), rejectedFiles: bad.files };
  };

  // An interrupted statement fails in its own words; the signal's reason is what the caller gave.
  const guarded =
    <Arguments extends readonly unknown[], Result>(work: (...given: Arguments) => Promise<Result>) =>
    async (...given: Arguments): Promise<Result> => {
      signal.throwIfAborted();
      try {
        return await work(...given);
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      }
    };
  return { rows: guarded(rows), query: guarded(query), reject: guarded(reject), finish: guarded(finish) };
}

interface Writer {
  readonly files: string[];
  rows(): number;
  add(row: readonly DuckDBValue[], bytes: number): void;
  full(): boolean;
  flush(): Promise<void>;
  copy(sql: string, parameters?: readonly (string | number | null)[]): Promise<number>;
  close(): Promise<void>;
}

/** Appends rows chunk by chunk to a temporary table, which is emptied into a Parquet file whenever it is full. */
async function createWriter(
  connection: DuckDBConnection,
  directory: string,
  prefix: string,
  name: string,
  columns: readonly Column[],
): Promise<Writer> {
  const { DuckDBDataChunk } = await import("@duckdb/node-api");
  const table = quoteIdentifier(name);
  const definition = columns.map((column) => `${quoteIdentifier(column.name)} ${duckdbTypeOf(column.type)}`).join(", ");
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${table} (${definition})`);
  let appender = await connection.createAppender(name, "main", "temp");
  const types = columns.map((_, index) => appender.columnType(index));
  const buffers: DuckDBValue[][] = columns.map(() => []);
  const files: string[] = [];
  let waiting = 0;
  let appended = 0;
  let bytes = 0;
  let written = 0;

  const appendChunk = (): void => {
    if (waiting === 0) return;
    const chunk = DuckDBDataChunk.create(types, waiting);
    chunk.setColumns(buffers);
    appender.appendDataChunk(chunk);
    for (const buffer of buffers) buffer.length = 0;
    appended += waiting;
    waiting = 0;
  };

  const copy: Writer["copy"] = async (sql, parameters = []) => {
    const file = join(directory, `${prefix}-${String(files.length + 1).padStart(5, "0")}.parquet`);
    const result = await connection.run(`COPY (${sql}) TO ${quoteLiteral(file)} (FORMAT parquet)`, [...parameters]);
    const count = result.rowsChanged;
    if (count > 0) files.push(file);
    written += count;
    return count;
  };

  const flush = async (): Promise<void> => {
    appendChunk();
    if (appended === 0) return;
    appender.closeSync();
    await copy(`SELECT * FROM ${table}`);
    await connection.run(`CREATE OR REPLACE TEMP TABLE ${table} (${definition})`);
    appender = await connection.createAppender(name, "main", "temp");
    appended = 0;
    bytes = 0;
  };

  return {
    files,
    rows: () => written,
    add(row, size) {
      for (let column = 0; column < row.length; column++) buffers[column]!.push(row[column]!);
      bytes += size;
      if (++waiting === chunkRows) appendChunk();
    },
    full: () => appended >= fileRows || bytes >= fileBytes,
    flush,
    copy,
    async close() {
      await flush();
      appender.closeSync();
      await connection.run(`DROP TABLE IF EXISTS ${table}`);
    },
  };
}
