import type { Column } from "../define/column.ts";
import { MillwrightError } from "../error.ts";
import type { ExtractRequest } from "../systems/roles.ts";
import { csvReader } from "./csv-reader.ts";
import type { ListedFile } from "./file-list.ts";
import { jsonReader } from "./json-reader.ts";
import { parquetReader } from "./parquet-reader.ts";

export type FileFormat = "csv" | "json" | "parquet";

export interface FileReaderOptions {
  /** Null: by the file's name. */
  readonly format: FileFormat | null;
  /** Null: found in the file. */
  readonly delimiter: string | null;
  readonly quote: string;
  readonly header: boolean;
  readonly nulls: readonly string[];
}

/** How files of one format are read. */
export interface FileReader {
  /** The columns that any of the files has, with types found in their data. */
  describe(files: readonly ListedFile[], options: FileReaderOptions): Promise<Column[]>;
  /** Stages a file's rows; columns that it lacks are null. */
  stage(request: ExtractRequest, file: ListedFile, options: FileReaderOptions): Promise<void>;
}

export const fileReaders: Readonly<Record<FileFormat, FileReader>> = Object.freeze({
  csv: csvReader,
  json: jsonReader,
  parquet: parquetReader,
});

const formats: Readonly<Record<string, FileFormat>> = {
  csv: "csv",
  tsv: "csv",
  txt: "csv",
  jsonl: "json",
  ndjson: "json",
  json: "json",
  parquet: "parquet",
};

/** The format that the options or the file's name say. */
export function formatOf({ name }: ListedFile, { format }: FileReaderOptions): FileFormat {
  const extension = /\.([a-z0-9]+)(?:\.gz|\.zst)?$/i.exec(name)?.[1]?.toLowerCase() ?? "";
  const found = format ?? formats[extension];
  if (found === undefined)
    throw new MillwrightError({
      code: "unknown-format",
      what: `files: the name ${name} does not say its format`,
      fix: "set the table's format to csv, json or parquet",
    });
  return found;
}
