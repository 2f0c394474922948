import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** The files of the data set, without `.csv.gz`. */
export type FileName = "flights" | "planes" | "airports" | "airlines" | "weather";

export interface CsvFile {
  readonly columns: readonly string[];
  /** Fields as text in the order of `columns`; an empty text is a missing value. */
  readonly rows: readonly (readonly string[])[];
}

/** Where a file of the data set lies. */
export function dataFile(name: FileName): URL {
  return new URL(`../data/${name}.csv.gz`, import.meta.url);
}

/**
 * Reads one file of the data set, at most the first `limit` rows. The files hold no quotes (data/README.md), so that
 * splitting at commas is exact; a line with another number of fields than the header is an error.
 */
export function readCsv(name: FileName, limit: number = Number.POSITIVE_INFINITY): CsvFile {
  const text = gunzipSync(readFileSync(dataFile(name))).toString("utf8");
  const header = text.slice(0, text.indexOf("\n"));
  const columns = header.split(",");
  const rows: string[][] = [];
  let start = header.length + 1;
  while (start < text.length && rows.length < limit) {
    let end = text.indexOf("\n", start);
    if (end === -1) end = text.length;
    const fields = text.slice(start, end).split(",");
    if (fields.length !== columns.length)
      throw new Error(`${name}.csv.gz:${rows.length + 2} has ${fields.length} fields, not ${columns.length}`);
    rows.push(fields);
    start = end + 1;
  }
  return { columns, rows };
}
