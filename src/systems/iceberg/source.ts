import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Column } from "../../define/column.ts";
import type { SourceTableNode } from "../../define/node.ts";
import { requireColumns, unknownTable } from "../../extract/schema.ts";
import { tableRelation } from "../../lake/catalog/catalog.ts";
import { readHeadSchema } from "../../lake/catalog/column.ts";
import type { Loaded } from "../../lake/catalog/metadata-files.ts";
import { currentSnapshot, findSnapshot, type Snapshot, type TableMetadata } from "../../lake/catalog/model.ts";
import { listTables, loadOutside } from "../../lake/catalog/outside/mirror.ts";
import { openOutside, type Outside } from "../../lake/catalog/outside/outside.ts";
import { startCatalog, type RunningCatalog } from "../../lake/catalog/start.ts";
import { duckdbTypeOf, quoteIdentifier, quoteLiteral } from "../duckdb/connection.ts";
import type { ConnectContext, Extracted, ExtractRequest, Lake, Options, OutsideCatalog, Source } from "../roles.ts";

export interface IcebergSourceOptions {
  readonly outside: OutsideCatalog;
  readonly namespace: readonly string[];
  /** A lake's binding with its secrets resolved; empty for none. */
  readonly storage: Options;
  readonly context: ConnectContext;
}

/**
 * Tables of a catalog that others run. One extract is one snapshot. Where others have only appended since the last one, the files that
 * came with it are read, otherwise the whole table. DuckDB reads through a gateway of our own that lets no change pass.
 */
export function icebergSource({ outside: options, namespace, storage, context }: IcebergSourceOptions): Source {
  let opening: Promise<Outside> | null = null;
  const outside = (): Promise<Outside> => (opening ??= openOutside(options));
  const load = async (table: SourceTableNode): Promise<Loaded<TableMetadata>> => {
    const loaded = await loadOutside(await outside(), { namespace, name: table.table });
    if (loaded === null) throw unknownTable(table, await listTables(await outside(), namespace));
    return loaded;
  };
  return {
    describe: async (table) => columnsOf(await load(table)).map(({ name, type }) => ({ name, type })),
    async fingerprint(table) {
      const { metadata } = await load(table);
      return `${metadata["table-uuid"]} ${String(metadata["current-snapshot-id"])} ${metadata["current-schema-id"]}`;
    },
    async extract(request) {
      const loaded = await load(request.table);
      const lake = await lakeOf(storage, context);
      const directory = await mkdtemp(join(tmpdir(), "millwright-iceberg-"));
      try {
        const catalog = await startCatalog({ directory, outside: options, storages: lake?.storages ?? [], readOnly: true });
        try {
          return await extract(request, loaded, namespace, attaching(catalog, lake));
        } finally {
          await catalog.stop();
        }
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
    async close() {},
  };
}

async function lakeOf(storage: Options, context: ConnectContext): Promise<Lake | null> {
  if (storage["system"] === undefined) return null;
  const { systems } = await import("../index.ts");
  const { optionError, objectOr, textOption } = await import("../../extract/options.ts");
  const system = await systems[textOption("iceberg", storage, "system")]?.();
  if (system?.roles.lake === undefined) throw optionError("iceberg", "storage", "a system that can be a lake, such as s3({ ... })");
  return system.roles.lake(objectOr("iceberg", storage, "options"), context);
}

interface Attaching {
  readonly extensions: readonly string[];
  readonly statements: readonly string[];
}

/** What DuckDB needs to see the catalog as `outside`; the token is of a gateway that ends with the extract. */
function attaching({ url, token }: RunningCatalog, lake: Lake | null): Attaching {
  const { extensions, statements } = lake?.duckdb ?? { extensions: [], statements: [] };
  return {
    extensions: ["iceberg", ...extensions],
    statements: [
      ...statements,
      `CREATE OR REPLACE SECRET outside_catalog (TYPE ICEBERG, TOKEN ${quoteLiteral(token)})`,
      `ATTACH '' AS outside (TYPE ICEBERG, ENDPOINT ${quoteLiteral(url)}, SECRET outside_catalog, READ_ONLY)`,
    ],
  };
}

type IcebergColumn = Column & { readonly iceberg: string };

function columnsOf(loaded: Loaded<TableMetadata>): readonly IcebergColumn[] {
  return readHeadSchema(tableRelation(loaded).schema);
}

async function extract(
  request: ExtractRequest,
  loaded: Loaded<TableMetadata>,
  namespace: readonly string[],
  { extensions, statements }: Attaching,
): Promise<Extracted> {
  const { table, columns, stage, progress } = request;
  const { metadata } = loaded;
  const present = columnsOf(loaded);
  requireColumns(
    table,
    present.map(({ name }) => name),
  );
  const snapshot = currentSnapshot(metadata);
  const position = { table: metadata["table-uuid"], snapshot: snapshot === undefined ? null : String(snapshot["snapshot-id"]) };
  if (snapshot === undefined) return { position, contains: "all" };
  const last = lastRead(request, metadata, snapshot);
  if (last === snapshot) return { position, contains: "changes" };
  const name = ["outside", namespace.join("."), table.table].map(quoteIdentifier).join(".");
  const files = (id: Snapshot): string =>
    `SELECT file_path FROM iceberg_metadata(${name}, snapshot_from_id => ${String(id["snapshot-id"])}) WHERE content = 'EXISTING' AND status <> 'DELETED'`;
  const appended =
    last === null ? [] : [`SET VARIABLE appended = (SELECT list(file_path) FROM (${files(snapshot)} EXCEPT ${files(last)}))`];
  const list = columns.map((column) => selected(column, present)).join(", ");
  const rows = await stage.query(
    `SELECT ${list} FROM ${name} AT (VERSION => ${String(snapshot["snapshot-id"])})${last === null ? "" : " WHERE list_contains(getvariable('appended'), filename)"}`,
    { extensions, before: [...statements, ...appended] },
  );
  progress.report({ done: rows, total: rows, unit: "rows" });
  return { position, contains: last === null ? "all" : "changes" };
}

function selected({ name, type }: Column, present: readonly IcebergColumn[]): string {
  const column = present.find((each) => each.name === name);
  const wanted = duckdbTypeOf(type);
  if (column === undefined) return `CAST(NULL AS ${wanted}) AS ${quoteIdentifier(name)}`;
  // A struct, list or map becomes its JSON text.
  const value = column.iceberg.startsWith("{") ? `to_json(${quoteIdentifier(name)})` : quoteIdentifier(name);
  return `CAST(${value} AS ${wanted}) AS ${quoteIdentifier(name)}`;
}

/** The snapshot that the last extract read, when the table has only grown since; null when all must be read again. */
function lastRead({ position }: ExtractRequest, metadata: TableMetadata, now: Snapshot): Snapshot | null {
  if (position === null || position["table"] !== metadata["table-uuid"]) return null;
  let snapshot: Snapshot | undefined = now;
  while (snapshot !== undefined && String(snapshot["snapshot-id"]) !== position["snapshot"]) {
    if (snapshot.summary?.["operation"] !== "append") return null;
    snapshot = findSnapshot(metadata, snapshot["parent-snapshot-id"]);
  }
  return snapshot ?? null;
}
