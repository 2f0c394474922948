import type { BindingNode, SourceTableNode } from "../define/node.ts";
import type { SecretReference } from "../define/option.ts";
import { MillwrightError } from "../error.ts";
import { fingerprintOf, listFiles, markUnended, noFiles, type ListedFile } from "../extract/file-list.ts";
import { inferColumns } from "../extract/infer.ts";
import { jsonFormat } from "../extract/json-format.ts";
import { sampleJson } from "../extract/json-reader.ts";
import { isCompressed, readLines } from "../extract/lines.ts";
import { markOf, marksOf, positionOf, resume } from "../extract/log-files.ts";
import { logFormat } from "../extract/log-format.ts";
import { numberOr, objectOr, optionError, textOption } from "../extract/options.ts";
import { unknownTable } from "../extract/schema.ts";
import { lineStager } from "../extract/stage-lines.ts";
import { binding } from "./binding.ts";
import type { ConnectContext, Extracted, ExtractRequest, Options, Source, System } from "./roles.ts";

export interface LogsOptions {
  /** The files of every table that `tables` does not name: a glob from the platform file's folder. Names ending in .gz or .zst are decompressed. */
  readonly path?: string | SecretReference;
  /** Files by table. */
  readonly tables?: Readonly<Record<string, { readonly path: string | SecretReference }>>;
  /** A last line without line end counts as still being written until the file is unchanged for so many milliseconds. @default 60000 */
  readonly settled?: number;
}

/**
 * Log files, one line a row. How a line is read stands in the table's `pattern`: an own one
 * (`{time:timestamp} {airport} {message...}`), `combined`, `syslog` or `json`.
 *
 * Files may grow and rotate (renamed, compressed, or copied and truncated) while they are read. Lines that do not fit
 * go to the quarantine with file:line; empty lines are no rows; equal lines are equal rows, kept.
 *
 * @example
 * environment({ gates: logs({ path: "gates/*.log.gz" }) })
 */
export function logs(options: LogsOptions): BindingNode {
  return binding("logs", options);
}

export const system: System = {
  name: "logs",
  title: "Log files",
  peers: [],
  roles: { source: connect },
};

/** Lines of the first and of the last file that `json` takes its columns from. */
const sampledLines = 5000;

async function connect(options: Options, { directory }: ConnectContext): Promise<Source> {
  const settled = numberOr("logs", options, "settled", 60_000);
  const tables = objectOr("logs", options, "tables");
  const pathOf = (table: SourceTableNode): string => {
    if (table.table in tables) return textOption("logs", objectOr("logs", tables, table.table), "path");
    if (options["path"] === undefined)
      throw Object.keys(tables).length > 0 ? unknownTable(table, Object.keys(tables)) : optionError("logs", "path", "a text");
    return textOption("logs", options, "path");
  };
  const filesOf = async (table: SourceTableNode, needed = true): Promise<ListedFile[]> => {
    const files = await markUnended(await listFiles(directory, pathOf(table)), settled);
    if (files.length === 0 && needed) throw noFiles("logs", directory, pathOf(table), table.origin);
    return files;
  };
  return {
    async describe(table) {
      if (patternOf(table) === "json") {
        const listed = await filesOf(table);
        const ends = new Set([listed[0], listed.at(-1)].filter((file) => file !== undefined));
        const objects = await Promise.all([...ends].map((file) => sampleJson(file.path, sampledLines)));
        return inferColumns(objects.flat(), { numbers: "double", whole: table.key });
      }
      pathOf(table);
      return [...logFormat(patternOf(table), table.origin).columns];
    },
    async fingerprint(table) {
      return fingerprintOf(await filesOf(table));
    },
    async extract(request) {
      return extract(request, await filesOf(request.table, request.position === null), settled);
    },
    async close() {},
  };
}

function patternOf(table: SourceTableNode): string {
  if (table.pattern !== null) return table.pattern;
  throw new MillwrightError({
    code: "no-pattern",
    what: `the table ${table.name} is read from logs and declares no pattern`,
    where: table.origin,
    fix: "declare pattern: '{time:timestamp} {level} {message...}', or combined, syslog or json",
  });
}

async function extract(request: ExtractRequest, files: readonly ListedFile[], settled: number): Promise<Extracted> {
  const { table, columns, signal, stage } = request;
  const format = patternOf(table) === "json" ? jsonFormat(columns) : logFormat(patternOf(table), table.origin);
  const stager = lineStager(request, format);
  const { kept: marks, logs: opened } = await resume(files, marksOf(request.position));
  for await (const log of opened) {
    const { file, handle, from } = log;
    let { offset, lines } = from;
    try {
      // A compressed file is written once, so its last line is whole.
      const unended = isCompressed(file.name) || Date.now() - file.modified.getTime() >= settled;
      for await (const block of readLines(handle, file.name, { from, unended, signal })) {
        await stager.add(block, file.name, file.modified);
        offset = block.end;
        lines = block.first + block.count - 1;
      }
    } catch (error) {
      if (!(error instanceof MillwrightError) || error.problem.code !== "file-damaged") throw error;
      await stage.reject([{ origin: `${file.name}:${lines + 1}`, reason: error.problem.what, raw: "" }]);
    } finally {
      marks.set(file.name, await markOf(log, offset, lines));
      await handle.close();
    }
  }
  await stager.finish();
  return { position: positionOf(marks), contains: request.position === null ? "all" : "changes" };
}
