import { readdir } from "node:fs/promises";
import { resolve } from "node:path";
import type { Column } from "../define/column.ts";
import type { BindingNode, SourceTableNode } from "../define/node.ts";
import type { SecretReference } from "../define/option.ts";
import { MillwrightError } from "../error.ts";
import { fileReaders, formatOf, type FileFormat, type FileReaderOptions } from "../extract/file-readers.ts";
import { fingerprintOf, listFiles, noFiles, type ListedFile } from "../extract/file-list.ts";
import { booleanOr, objectOr, optionError, textOption, textOr, textsOr } from "../extract/options.ts";
import { requireColumns, unknownTable } from "../extract/schema.ts";
import { binding } from "./binding.ts";
import type { ConnectContext, Extracted, ExtractRequest, Options, Source, System } from "./roles.ts";

export interface FilesTable {
  /** A glob from the directory: `sales/*.csv.gz`. */
  readonly path: string;
  /** @default by the name: .csv, .tsv, .txt; .jsonl, .ndjson, .json; .parquet; each also with .gz or .zst */
  readonly format?: FileFormat;
  /** CSV. @default the one of , ; tab | that divides the first line into most fields */
  readonly delimiter?: string;
  /** CSV. @default `"` */
  readonly quote?: string;
  /** CSV: the first line names the columns. @default true */
  readonly header?: boolean;
  /** CSV: texts that are null in every column, beside the empty one. In columns that are no text, NA, N/A, NULL, null and \N always are. */
  readonly nulls?: readonly string[];
  /**
   * Files arrive, are read once, and may then be taken away: their rows stay. Else a removed file takes its rows with it, and all others are read again.
   * @default false
   */
  readonly archived?: boolean;
}

export interface FilesOptions {
  /** From the platform file's folder. */
  readonly directory: string | SecretReference;
  /** @default every table is the file of its name: `flights` is flights.csv, flights.jsonl or flights.parquet, compressed or not */
  readonly tables?: Readonly<Record<string, FilesTable>>;
}

/**
 * CSV, JSON lines and Parquet files of a folder.
 *
 * Types that nobody declared are found by looking at the data (of CSV and JSON lines: the first 50,000 records of the first and the last file);
 * records that do not fit go to the quarantine with file:line, reason and raw text.
 *
 * @example
 * files({ directory: "data", tables: { sales: { path: "sales-*.csv.gz" } } })
 */
export function files(options: FilesOptions): BindingNode {
  return binding("files", options);
}

export const system: System = {
  name: "files",
  title: "Files",
  peers: [],
  roles: { source: connect },
};

const extensions = ["csv", "tsv", "jsonl", "ndjson", "json", "parquet"];

async function connect(options: Options, context: ConnectContext): Promise<Source> {
  const directory = resolve(context.directory, textOption("files", options, "directory"));
  const tables = objectOr("files", options, "tables");
  const named = options["tables"] !== undefined;
  const tableOf = (table: SourceTableNode): { path: string; archived: boolean; reader: FileReaderOptions } => {
    if (named && !(table.table in tables)) throw unknownTable(table, Object.keys(tables));
    const given = named ? objectOr("files", tables, table.table) : {};
    return {
      path: named
        ? textOption("files", given, "path")
        : `${table.table}.{${extensions.flatMap((name) => [name, `${name}.gz`, `${name}.zst`]).join(",")}}`,
      archived: booleanOr("files", given, "archived", false),
      reader: {
        format: formatOption(given),
        delimiter: given["delimiter"] === undefined ? null : textOption("files", given, "delimiter"),
        quote: textOr("files", given, "quote", '"'),
        header: booleanOr("files", given, "header", true),
        nulls: textsOr("files", given, "nulls", []),
      },
    };
  };
  const filesOf = async (table: SourceTableNode, begun: boolean): Promise<ListedFile[]> => {
    const { path, archived } = tableOf(table);
    const listed = await listFiles(directory, path);
    if (listed.length > 0 || (archived && begun)) return listed;
    throw named ? noFiles("files", directory, path, table.origin) : unknownTable(table, await tableNames(directory));
  };
  return {
    async describe(table) {
      return describe(await filesOf(table, true), tableOf(table).reader);
    },
    async fingerprint(table) {
      return fingerprintOf(await filesOf(table, true));
    },
    async extract(request) {
      return extract(request, await filesOf(request.table, request.position !== null), tableOf(request.table));
    },
    async close() {},
  };
}

function formatOption(given: Options): FileFormat | null {
  const format = given["format"];
  if (format === undefined) return null;
  if (format === "csv" || format === "json" || format === "parquet") return format;
  throw optionError("files", "format", "csv, json or parquet");
}

async function tableNames(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    throw new MillwrightError(
      {
        code: "source-missing",
        what: `files cannot read the folder ${directory}: ${error.code ?? error.message}`,
        fix: "check the option directory; it starts at the platform file's folder",
      },
      { cause: error },
    );
  });
  const pattern = new RegExp(`^(.+)\\.(?:${extensions.join("|")})(?:\\.gz|\\.zst)?$`);
  return [...new Set(names.flatMap((name) => pattern.exec(name)?.[1] ?? []))].toSorted();
}

/** The columns of the first and the last file: what either has, in the first one's order. */
async function describe(listed: readonly ListedFile[], options: FileReaderOptions): Promise<Column[]> {
  const first = listed[0];
  const last = listed.at(-1);
  if (first === undefined || last === undefined) return [];
  const reader = fileReaders[formatOf(first, options)];
  return reader.describe(first === last ? [first] : [first, last], options);
}

async function extract(
  request: ExtractRequest,
  listed: readonly ListedFile[],
  { archived, reader }: { readonly archived: boolean; readonly reader: FileReaderOptions },
): Promise<Extracted> {
  const { table, columns, position, progress, signal } = request;
  requireColumns(
    table,
    columns.map(({ name }) => name),
  );
  const seen = new Map(Object.entries(position ?? {}));
  const marks = new Map(listed.map(({ name, mark }) => [name, mark]));
  const grown = position !== null && [...seen].every(([name, mark]) => (marks.has(name) ? marks.get(name) === mark : archived));
  const wanted = grown ? listed.filter(({ name }) => !seen.has(name)) : listed;
  const bytes = wanted.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  for (const file of wanted) {
    signal.throwIfAborted();
    await fileReaders[formatOf(file, reader)].stage(request, file, reader);
    done += file.size;
    progress.report({ done, total: bytes, unit: "bytes" });
  }
  return { position: Object.fromEntries(marks), contains: grown ? "changes" : "all" };
}
