import type { FileHandle } from "node:fs/promises";
import { quoteIdentifier, quoteLiteral } from "../systems/duckdb/connection.ts";
import { literalPath } from "./file-list.ts";
import { readLines } from "./lines.ts";

export interface CsvDialect {
  readonly delimiter: string;
  readonly quote: string;
  /** Whether the first line names the columns; else they are called column0, column1 ... */
  readonly header: boolean;
  /** Texts that mean null in every column. */
  readonly nulls: readonly string[];
}

/** What a CSV file of a dialect holds, in the order of its columns. */
export interface CsvShape {
  readonly dialect: CsvDialect;
  readonly names: readonly string[];
}

export interface CsvRecord {
  /** The number of its first line in the file, from 1. */
  readonly line: number;
  readonly raw: string;
  readonly fields: readonly string[];
}

const delimiters = [",", ";", "\t", "|"];
const noSignal = new AbortController().signal;

/** The delimiter that divides the file's first line into most fields, outside of quotes. */
export async function findDelimiter(handle: FileHandle, name: string, quote: string): Promise<string> {
  for await (const { text } of readLines(handle, name, { unended: true, signal: noSignal })) {
    const line = text.split("\n", 1)[0] ?? "";
    const counts = delimiters.map((delimiter) => splitFields(line, delimiter, quote).length);
    return delimiters[counts.indexOf(Math.max(...counts))] ?? ",";
  }
  return ",";
}

/** Names of a header's fields: an empty one becomes `column2`, a repeated one gets a number. */
export function headerNames(fields: readonly string[], header: boolean): string[] {
  const names: string[] = [];
  for (const [index, field] of fields.entries()) {
    const wanted = header && field.trim() !== "" ? field.trim() : `column${index}`;
    let name = wanted;
    for (let number = 1; names.some((known) => known.toLowerCase() === name.toLowerCase()); number++) name = `${wanted}_${number}`;
    names.push(name);
  }
  return names;
}

/** The file's records with the lines that they stand on; a quoted field may hold line ends. Blank lines are none. */
export async function* csvRecords(
  handle: FileHandle,
  name: string,
  dialect: CsvDialect,
  signal: AbortSignal = noSignal,
): AsyncGenerator<CsvRecord> {
  const { delimiter, quote } = dialect;
  let pending: string[] = [];
  let open = false;
  let number = 0;
  for await (const block of readLines(handle, name, { unended: true, signal })) {
    for (const text of block.text.split("\n")) {
      number++;
      const line = number === 1 && text.startsWith("\ufeff") ? text.slice(1) : text;
      if (quote !== "" && line.includes(quote) && quotes(line, quote) % 2 === 1) open = !open;
      pending.push(line);
      if (open) continue;
      const raw = pending.join("\n").replace(/\r$/, "");
      if (raw !== "") yield { line: number - pending.length + 1, raw, fields: splitFields(raw, delimiter, quote) };
      pending = [];
    }
  }
  const raw = pending.join("\n");
  if (raw !== "") yield { line: number - pending.length + 1, raw, fields: splitFields(raw, delimiter, quote) };
}

function quotes(line: string, quote: string): number {
  let found = 0;
  for (let at = line.indexOf(quote); at >= 0; at = line.indexOf(quote, at + 1)) found++;
  return found;
}

function splitFields(raw: string, delimiter: string, quote: string): string[] {
  if (quote === "" || !raw.includes(quote)) return raw.split(delimiter);
  const fields: string[] = [];
  let at = 0;
  while (at <= raw.length) {
    if (raw.startsWith(quote, at)) {
      let field = "";
      let end = raw.indexOf(quote, at + 1);
      let from = at + 1;
      while (end >= 0 && raw.startsWith(quote, end + 1)) {
        field += raw.slice(from, end + 1);
        from = end + 2;
        end = raw.indexOf(quote, from);
      }
      const closed = end < 0 ? raw.length : end;
      const next = raw.indexOf(delimiter, closed + 1);
      fields.push(field + raw.slice(from, closed) + raw.slice(closed + 1, next < 0 ? raw.length : next));
      if (next < 0) return fields;
      at = next + 1;
    } else {
      const next = raw.indexOf(delimiter, at);
      fields.push(raw.slice(at, next < 0 ? raw.length : next));
      if (next < 0) return fields;
      at = next + 1;
    }
  }
  return fields;
}

/** A DuckDB scan of a CSV file, every column as text. `rejects` is either to pass over what is no record, or the tables that note it. */
export function csvScan(
  path: string,
  { dialect, names }: CsvShape,
  rejects: { readonly errors: string; readonly scans: string } | null,
): string {
  const columns = names.map((name) => `${quoteLiteral(name)}: 'VARCHAR'`).join(", ");
  const options = [
    "auto_detect = false",
    `header = ${dialect.header}`,
    `delim = ${quoteLiteral(dialect.delimiter)}`,
    `quote = ${quoteLiteral(dialect.quote)}`,
    `escape = ${quoteLiteral(dialect.quote)}`,
    `nullstr = [${["", ...dialect.nulls].map(quoteLiteral).join(", ")}]`,
    "allow_quoted_nulls = false",
    "max_line_size = 16777216",
    // Twice a record; DuckDB would take sixteen times as much, twice, and not start within less memory.
    "buffer_size = 33554432",
    `columns = {${columns}}`,
    ...(path.endsWith(".gz") ? ["compression = 'gzip'"] : path.endsWith(".zst") ? ["compression = 'zstd'"] : []),
    ...(rejects === null
      ? ["ignore_errors = true"]
      : ["store_rejects = true", `rejects_table = ${quoteLiteral(rejects.errors)}`, `rejects_scan = ${quoteLiteral(rejects.scans)}`]),
  ];
  return `SELECT * FROM read_csv(${quoteLiteral(literalPath(path))}, ${options.join(", ")})`;
}

/** Texts that programs write for a missing value: null where the column is no text, for there they may be words (NA is Namibia). */
export const missingTexts: readonly string[] = ["", "NA", "N/A", "NULL", "null", "\\N"];

/** The text of a column for `typedRows`: missing values are null unless the column is text. */
export function csvText(name: string, text: boolean): string {
  const column = quoteIdentifier(name);
  return text ? column : `CASE WHEN ${column} NOT IN (${missingTexts.map(quoteLiteral).join(", ")}) THEN ${column} END`;
}
