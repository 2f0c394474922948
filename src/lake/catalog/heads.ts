import { existsSync, readFileSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Column } from "../../define/column.ts";
import { MillwrightError } from "../../error.ts";
import { readHeadSchema } from "./column.ts";
import { databaseFile } from "./database.ts";
import { readHeadSummary } from "./head-summary.ts";
import { localPath } from "../storage/address.ts";
import { isObject, parseJson, printJson } from "./json.ts";
import { readMetadata } from "./metadata.ts";
import { sameId, type Snapshot as StoredSnapshot, type TableMetadata } from "./model.ts";

/** A table of the lake as it stands now. */
export interface Head {
  readonly table: string;
  /** The current snapshot's id in decimal (it may exceed 2^53); null for a table without snapshots. */
  readonly snapshot: string | null;
  /** When the current snapshot was committed, in milliseconds since 1970; of a table without one, its last change. */
  readonly timestamp: number;
  /** The current snapshot's summary, with our annotations `millwright.*`. */
  readonly summary: Readonly<Record<string, string>>;
  /** How its files are laid out, in words; null when nothing is said of it. */
  readonly layout: string | null;
  /** The parts that stand, of a table that is made in parts: name to the fingerprint of what it was made from. */
  readonly parts: Readonly<Record<string, string>>;
  /** The current columns; `iceberg` is Iceberg's own name of the type, or JSON for a nested one. */
  readonly schema: readonly (Column & { readonly id: number; readonly iceberg: string })[];
  readonly metadataLocation: string;
}

/** One snapshot of a table's history. */
export interface Snapshot {
  readonly id: string;
  readonly parent: string | null;
  readonly timestamp: number;
  readonly sequence: number;
  readonly operation: string | null;
  readonly summary: Readonly<Record<string, string>>;
  /** True when the table's branch `main` points at it. */
  readonly current: boolean;
}

type Row = Readonly<Record<string, unknown>>;

const columns = "name, snapshot, timestamp, summary, schema, metadata_location";

/** The heads of one namespace, read again and again from one open database. */
export interface HeadReader {
  /** All tables. */
  all(): ReadonlyMap<string, Head>;
  /** One table as it stands now; null when there is none of that name. */
  one(table: string): Head | null;
  close(): void;
}

/**
 * Reads the tables of a namespace from the catalog's database without any server. The database is opened when it first is there.
 * Levels of a nested namespace are joined by U+001F.
 */
export function openHeads(directory: string, namespace: string): HeadReader {
  const file = databaseFile(directory);
  let open: { readonly database: DatabaseSync; readonly all: StatementSync; readonly one: StatementSync } | null = null;
  const statements = () => {
    if (open !== null || !existsSync(file)) return open;
    const database = new DatabaseSync(file, { readOnly: true, timeout: 20_000 });
    // A database that a catalog is only now creating has no tables yet.
    if (database.prepare("select 1 from sqlite_schema where name = 'relations'").get() === undefined) {
      database.close();
      return null;
    }
    open = {
      database,
      all: database.prepare(`select ${columns} from relations where namespace = ? and kind = 'table'`),
      one: database.prepare(`select ${columns} from relations where namespace = ? and name = ? and kind = 'table'`),
    };
    return open;
  };
  return {
    all: () => new Map((statements()?.all.all(namespace) ?? []).map((row) => [String(row["name"]), headOf(row)])),
    one(table) {
      const row = statements()?.one.get(namespace, table);
      return row === undefined ? null : headOf(row);
    },
    close() {
      open?.database.close();
      open = null;
    },
  };
}

/** All tables of a namespace, read once; a missing `directory`, which holds catalog.sqlite, gives an empty map. */
export function readHeads(directory: string, namespace: string): ReadonlyMap<string, Head> {
  const heads = openHeads(directory, namespace);
  try {
    return heads.all();
  } finally {
    heads.close();
  }
}

/** One table, read once; null when there is none of that name. */
export function readHead(directory: string, namespace: string, table: string): Head | null {
  const heads = openHeads(directory, namespace);
  try {
    return heads.one(table);
  } finally {
    heads.close();
  }
}

/**
 * Every snapshot that a table still has, oldest first, read from its metadata file without any server.
 *
 * @throws MillwrightError `unknown-table` when there is no table of that name.
 */
export function readHistory(directory: string, namespace: string, table: string): readonly Snapshot[] {
  const head = readHead(directory, namespace, table);
  if (head === null)
    throw new MillwrightError({
      code: "unknown-table",
      what: `the lake has no table '${table}' in '${namespace}'`,
      where: databaseFile(directory),
    });
  const path = localPath(head.metadataLocation);
  if (path === undefined)
    throw new MillwrightError({
      code: "metadata-elsewhere",
      what: `the metadata of '${table}' is not on a local disk`,
      where: head.metadataLocation,
    });
  return snapshotsOf(readMetadata(readFileSync(path)));
}

/** As `readHistory`, wherever the metadata file lies: the running catalog is asked, which has the credentials for it. */
export async function askHistory(
  catalog: { readonly url: string; readonly token: string },
  namespace: string,
  table: string,
): Promise<readonly Snapshot[]> {
  const path = [namespace, table].map(encodeURIComponent).join("/tables/");
  const response = await fetch(`${catalog.url}/v1/namespaces/${path}`, { headers: { authorization: `Bearer ${catalog.token}` } });
  const text = await response.text();
  const body = response.ok ? parseJson(text) : null;
  if (!isObject(body))
    throw new MillwrightError({
      code: "history-unreadable",
      what: `the catalog does not tell the history of '${table}': ${text.slice(0, 500)}`,
    });
  return snapshotsOf(readMetadata(Buffer.from(printJson(body["metadata"] ?? null))));
}

function snapshotsOf(metadata: TableMetadata): readonly Snapshot[] {
  return metadata.snapshots.map((snapshot) => historyOf(snapshot, sameId(snapshot["snapshot-id"], metadata["current-snapshot-id"])));
}

function historyOf(snapshot: StoredSnapshot, current: boolean): Snapshot {
  const parent = snapshot["parent-snapshot-id"] ?? null;
  return {
    id: String(snapshot["snapshot-id"]),
    parent: parent === null ? null : String(parent),
    timestamp: snapshot["timestamp-ms"],
    sequence: snapshot["sequence-number"] ?? 0,
    operation: snapshot.summary?.["operation"] ?? null,
    summary: snapshot.summary ?? {},
    current,
  };
}

function headOf(row: Row): Head {
  const snapshot = row["snapshot"];
  const { summary, layout, parts } = readHeadSummary(String(row["summary"]));
  return {
    table: String(row["name"]),
    snapshot: typeof snapshot === "string" ? snapshot : null,
    timestamp: Number(row["timestamp"]),
    summary,
    layout,
    parts,
    schema: readHeadSchema(String(row["schema"])),
    metadataLocation: String(row["metadata_location"]),
  };
}
