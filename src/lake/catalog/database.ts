import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";

/** A table or view as the catalog keeps it: where its metadata is, and what is asked most often of it. */
export interface Relation {
  readonly kind: "table" | "view";
  readonly metadataLocation: string;
  /** Current snapshot's id in decimal; null for a view and for a table without snapshots. */
  readonly snapshot: string | null;
  /** Milliseconds since 1970: the current snapshot's, or else of the last change. */
  readonly timestamp: number;
  /** JSON: the current snapshot's summary. */
  readonly summary: string;
  /** JSON: a list of name, type and id of the current columns. */
  readonly schema: string;
}

/** Keeps one catalog: namespaces and what is in them. Levels of a namespace are joined by U+001F. */
export interface Database {
  readonly namespaces: NamespaceTable;
  readonly relations: RelationTable;
  /** Runs `work` with the database to itself; what it throws undoes it. Work that waits at the same time shares one sync to disk. */
  transact<T>(work: () => T): Promise<T>;
  close(): void;
}

export interface NamespaceTable {
  find(name: string): string | null;
  /** Direct children, in order, after `after`. */
  list(parent: string, after: string, limit: number): string[];
  insert(name: string, properties: string): void;
  update(name: string, properties: string): void;
  remove(name: string): boolean;
  isEmpty(name: string): boolean;
}

export interface RelationTable {
  find(namespace: string, name: string): Relation | null;
  list(namespace: string, kind: Relation["kind"], after: string, limit: number): string[];
  insert(namespace: string, name: string, relation: Relation): void;
  /** False when the relation's metadata is no longer at `expected`: the compare of compare-and-swap. */
  swap(namespace: string, name: string, expected: string, relation: Relation): boolean;
  rename(namespace: string, name: string, toNamespace: string, toName: string): void;
  remove(namespace: string, name: string): void;
  /** True when some relation's metadata lies below the location. */
  usesLocation(location: string): boolean;
}

/** The file that holds a catalog's state. */
export function databaseFile(directory: string): string {
  return join(directory, "catalog.sqlite");
}

const schemaVersion = 1;

const tables = `
create table if not exists namespaces (name text primary key, properties text not null) without rowid, strict;
create table if not exists relations (
  namespace text not null, name text not null, kind text not null, metadata_location text not null,
  snapshot text, timestamp integer not null, summary text not null, schema text not null,
  primary key (namespace, name)
) without rowid, strict;
pragma user_version = ${schemaVersion};
`;

/** Opens the catalog below a folder and creates it when it is not there. Several processes may hold it at once. */
export function openDatabase(directory: string): Database {
  mkdirSync(directory, { recursive: true });
  const connection = new DatabaseSync(databaseFile(directory), { timeout: 20_000 });
  connection.exec("pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;");
  const version = Number(connection.prepare("pragma user_version").get()?.["user_version"] ?? 0);
  if (version > schemaVersion) throw new Error(`${databaseFile(directory)} was written by a newer version (${version}) of the catalog`);
  if (version < schemaVersion) connection.exec(`begin immediate; ${tables} commit;`);
  return {
    namespaces: namespaceTable(connection),
    relations: relationTable(connection),
    transact: groupCommit(connection),
    close: () => connection.close(),
  };
}

function groupCommit(connection: DatabaseSync): Database["transact"] {
  interface Waiting {
    readonly run: () => () => void;
    readonly fail: (error: unknown) => void;
  }
  let waiting: Waiting[] = [];
  const drain = (): void => {
    const batch = waiting;
    waiting = [];
    const settle: (() => void)[] = [];
    try {
      connection.exec("begin immediate");
      for (const { run, fail } of batch) {
        connection.exec("savepoint one");
        try {
          settle.push(run());
          connection.exec("release one");
        } catch (error) {
          connection.exec("rollback to one; release one");
          settle.push(() => fail(error));
        }
      }
      connection.exec("commit");
    } catch (error) {
      if (connection.isTransaction) connection.exec("rollback");
      for (const { fail } of batch) fail(error);
      return;
    }
    for (const finish of settle) finish();
  };
  return (work) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(drain);
      waiting.push({
        run: () => {
          const result = work();
          return () => resolve(result);
        },
        fail: reject,
      });
    });
}

function namespaceTable(connection: DatabaseSync): NamespaceTable {
  const find = connection.prepare("select properties from namespaces where name = ?");
  const list = connection.prepare(
    "select name from namespaces where substr(name, 1, length(?1)) = ?1 and instr(substr(name, length(?1) + 1), char(31)) = 0 and name > ?2 order by name limit ?3",
  );
  const insert = connection.prepare("insert into namespaces values (?, ?)");
  const update = connection.prepare("update namespaces set properties = ? where name = ?");
  const remove = connection.prepare("delete from namespaces where name = ?");
  const used = connection.prepare(
    "select exists (select 1 from relations where namespace = ?1) or exists (select 1 from namespaces where substr(name, 1, length(?1) + 1) = ?1 || char(31)) as used",
  );
  return {
    find: (name) => textOf(find.get(name)?.["properties"]),
    list: (parent, after, limit) => names(list, parent === "" ? "" : `${parent}\u001f`, after, limit),
    insert: (name, properties) => void insert.run(name, properties),
    update: (name, properties) => void update.run(properties, name),
    remove: (name) => remove.run(name).changes === 1,
    isEmpty: (name) => used.get(name)?.["used"] === 0,
  };
}

function relationTable(connection: DatabaseSync): RelationTable {
  const columns = "kind, metadata_location, snapshot, timestamp, summary, schema";
  const find = connection.prepare(`select ${columns} from relations where namespace = ? and name = ?`);
  const list = connection.prepare("select name from relations where namespace = ? and kind = ? and name > ? order by name limit ?");
  const insert = connection.prepare(`insert into relations (namespace, name, ${columns}) values (?, ?, ?, ?, ?, ?, ?, ?)`);
  const swap = connection.prepare(
    "update relations set metadata_location = ?, snapshot = ?, timestamp = ?, summary = ?, schema = ? where namespace = ? and name = ? and metadata_location = ?",
  );
  const rename = connection.prepare("update relations set namespace = ?, name = ? where namespace = ? and name = ?");
  const remove = connection.prepare("delete from relations where namespace = ? and name = ?");
  const uses = connection.prepare("select exists (select 1 from relations where substr(metadata_location, 1, length(?1)) = ?1) as used");
  return {
    find: (namespace, name) => {
      const row = find.get(namespace, name);
      if (row === undefined) return null;
      return {
        kind: row["kind"] === "view" ? "view" : "table",
        metadataLocation: String(row["metadata_location"]),
        snapshot: textOf(row["snapshot"]),
        timestamp: Number(row["timestamp"]),
        summary: String(row["summary"]),
        schema: String(row["schema"]),
      };
    },
    list: (namespace, kind, after, limit) => names(list, namespace, kind, after, limit),
    insert: (namespace, name, { kind, metadataLocation, snapshot, timestamp, summary, schema }) =>
      void insert.run(namespace, name, kind, metadataLocation, snapshot, timestamp, summary, schema),
    swap: (namespace, name, expected, { metadataLocation, snapshot, timestamp, summary, schema }) =>
      swap.run(metadataLocation, snapshot, timestamp, summary, schema, namespace, name, expected).changes === 1,
    rename: (namespace, name, toNamespace, toName) => void rename.run(toNamespace, toName, namespace, name),
    remove: (namespace, name) => void remove.run(namespace, name),
    usesLocation: (location) => uses.get(location)?.["used"] === 1,
  };
}

function names(statement: StatementSync, ...parameters: (string | number)[]): string[] {
  return statement.all(...parameters).map((row) => String(row["name"]));
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
