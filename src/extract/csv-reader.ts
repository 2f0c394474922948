import { open } from "node:fs/promises";
import type { Column, ColumnType } from "../define/column.ts";
import { MillwrightError } from "../error.ts";
import { quoteIdentifier, quoteLiteral } from "../systems/duckdb/connection.ts";
import { countLines, csvRejects } from "./csv-rejects.ts";
import { csvRecords, csvScan, csvText, findDelimiter, headerNames, missingTexts, type CsvShape } from "./csv.ts";
import type { ListedFile } from "./file-list.ts";
import type { FileReader, FileReaderOptions } from "./file-readers.ts";
import { commonType, count, kindOfText } from "./infer.ts";
import { typedRows } from "./typed-sql.ts";

const sampledRecords = 50_000;

/**
 * CSV by DuckDB's parallel reader, every field as text, which our own SQL turns into types. Only where fewer rows come out than
 * lines went in is the file looked at a second time for what was rejected.
 */
export const csvReader: FileReader = {
  async describe(files, options) {
    const columns = new Map<string, Map<ColumnType, number>>();
    for (const file of files) await look(file, options, columns);
    return [...columns].map(([name, kinds]): Column => ({ name, type: commonType(kinds) }));
  },

  async stage(request, file, options) {
    const { columns, stage, signal } = request;
    const shape = await shapeOf(file, options);
    if (shape === null) return;
    const texts = new Map(
      columns.filter(({ name }) => shape.names.includes(name)).map(({ name, type }) => [name, csvText(name, type === "text")]),
    );
    const raw = `to_json([${shape.names.map((name) => `coalesce(${quoteIdentifier(name)}, '')`).join(", ")}])::VARCHAR`;
    const rows = (scan: string): string =>
      typedRows(columns, { from: scan, texts, origin: quoteLiteral(file.name), raw, reason: "CAST(NULL AS VARCHAR)" });
    const list = columns.map(({ name }) => quoteIdentifier(name)).join(", ");
    const good = await stage.query(`SELECT ${list} FROM (${rows(csvScan(file.path, shape, null))}) WHERE rejected_reason IS NULL`);
    const lines = await countLines(file.path, signal);
    if (good < lines - (shape.dialect.header ? 1 : 0)) await stage.reject(await csvRejects(file, shape, rows, signal));
  },
};

/** The file's dialect and column names; null for a file without a line. */
async function shapeOf(file: ListedFile, options: FileReaderOptions): Promise<CsvShape | null> {
  const handle = await open(file.path);
  try {
    const delimiter = options.delimiter ?? (await findDelimiter(handle, file.path, options.quote));
    const dialect = { delimiter, quote: options.quote, header: options.header, nulls: options.nulls };
    for await (const { fields } of csvRecords(handle, file.path, dialect)) return { dialect, names: headerNames(fields, options.header) };
    return null;
  } finally {
    await handle.close();
  }
}

async function look(file: ListedFile, options: FileReaderOptions, columns: Map<string, Map<ColumnType, number>>): Promise<void> {
  const shape = await shapeOf(file, options);
  if (shape === null)
    throw new MillwrightError({
      code: "nothing-to-describe",
      what: `${file.name} is empty`,
      fix: "declare the table's columns, or put a header into the file",
    });
  const nulls = new Set([...missingTexts, ...options.nulls]);
  const kinds = shape.names.map((name) => {
    const known = columns.get(name) ?? new Map<ColumnType, number>();
    columns.set(name, known);
    return known;
  });
  const handle = await open(file.path);
  try {
    let left = sampledRecords + (options.header ? 1 : 0);
    let header = options.header;
    for await (const { fields } of csvRecords(handle, file.path, shape.dialect)) {
      if (left-- <= 0) break;
      if (header || fields.length !== kinds.length) {
        header = false;
        continue;
      }
      for (let index = 0; index < fields.length; index++) {
        const field = fields[index]!;
        if (!nulls.has(field)) count(kinds[index]!, kindOfText(field));
      }
    }
  } finally {
    await handle.close();
  }
}
