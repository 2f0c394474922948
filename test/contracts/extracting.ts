import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Column } from "../../src/define/column.ts";
import type { SourceTableNode } from "../../src/define/node.ts";
import { createStage, type Staged } from "../../src/extract/stage.ts";
import { connect, openDuckDB, quoteLiteral } from "../../src/systems/duckdb/connection.ts";
import type { Extracted, Position, Rejected, Source, Stage } from "../../src/systems/roles.ts";

/** A row as DuckDB's JSON form gives it: big integers and decimals are texts. */
export type Row = Readonly<Record<string, unknown>>;

export interface Extraction extends Extracted {
  readonly rows: readonly Row[];
  readonly rejected: readonly Rejected[];
  readonly staged: Staged;
}

export interface ExtractionOptions {
  readonly columns?: readonly Column[];
  readonly position?: Position | null;
  readonly signal?: AbortSignal;
  /** Read the staged rows back; off for large tables. */
  readonly read?: boolean;
  /** Stands between the source and the stage. */
  readonly through?: (stage: Stage) => Stage;
}

/** Runs one extract of a source into a stage of its own, and reads back what it staged. */
export async function extraction(source: Source, table: SourceTableNode, options: ExtractionOptions = {}): Promise<Extraction> {
  const { position = null, signal = new AbortController().signal, through = (stage) => stage, read = true } = options;
  const columns = options.columns ?? (await source.describe(table));
  const directory = await mkdtemp(join(tmpdir(), "millwright-stage-"));
  const instance = await openDuckDB();
  const connection = await connect(instance);
  const readBack = async (files: readonly string[]): Promise<Row[]> =>
    files.length === 0 || !read
      ? []
      : (await connection.runAndReadAll(`SELECT * FROM read_parquet([${files.map(quoteLiteral).join(", ")}])`)).getRowObjectsJson();
  try {
    const stage = await createStage({ connection, directory, columns, signal });
    const extracted = await source.extract({ table, columns, position, stage: through(stage), progress: { report() {} }, signal });
    const staged = await stage.finish();
    const rows = await readBack(staged.files);
    const rejected = (await readBack(staged.rejectedFiles)).map(({ origin, reason, raw }) => ({
      origin: String(origin),
      reason: String(reason),
      raw: String(raw),
    }));
    return { ...extracted, rows, rejected, staged };
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(directory, { recursive: true, force: true });
  }
}

/** A source table's node with what a test needs of it. */
export function sourceTable(table: string, given: Partial<SourceTableNode> = {}): SourceTableNode {
  return {
    kind: "source",
    name: table,
    table,
    source: "tested",
    key: [],
    layout: null,
    cursor: null,
    pattern: null,
    columns: null,
    origin: { file: "platform.ts", line: 1 },
    ...given,
  };
}
