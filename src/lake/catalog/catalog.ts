import { join, resolve } from "node:path";
import type { Storage } from "../../systems/roles.ts";
import { folderStorage, openStorages, type Storages } from "../storage/storages.ts";
import { printHeadSchema } from "./column.ts";
import { openDatabase, type Database, type Relation } from "./database.ts";
import { printHeadSummary } from "./head-summary.ts";
import { alreadyExists, noSuchNamespace, noSuchTable, noSuchView, type CatalogError } from "./error.ts";
import { currentSchema } from "./metadata.ts";
import { openMetadataFiles, type Loaded, type MetadataFiles } from "./metadata-files.ts";
import { currentSnapshot, type TableMetadata, type ViewMetadata } from "./model.ts";

/** One open catalog. Several processes may have the same one open. */
export interface Catalog {
  readonly database: Database;
  readonly files: MetadataFiles;
  /** The address below which new tables are placed. */
  readonly warehouse: string;
  /** Where tables' files may lie. */
  readonly storages: Storages;
  /** Runs work on named things one after the other; work on other things goes on meanwhile. */
  exclusively<T>(names: readonly string[], work: () => Promise<T>): Promise<T>;
  close(): void;
}

/** The name of a table, view or namespace: levels, then the name. */
export interface Identifier {
  readonly namespace: readonly string[];
  readonly name: string;
}

/**
 * Opens the catalog in `directory`: its state is catalog.sqlite.
 *
 * @param given where tables' files lie, new ones in the first; by default the directory's folder lake.
 * @param locations further folders in which clients may place or register tables.
 */
export async function openCatalog(directory: string, given: readonly Storage[] = [], locations: readonly string[] = []): Promise<Catalog> {
  const all = given.length > 0 ? given : [folderStorage(join(directory, "lake"))];
  const warehouse = all[0]?.location ?? "";
  const storages = openStorages([...all, ...locations.map((location) => folderStorage(resolve(location)))]);
  await storages.createFolders([warehouse]);
  const database = openDatabase(directory);
  return { database, files: openMetadataFiles(storages), warehouse, storages, exclusively: createLocks(), close: () => database.close() };
}

function createLocks(): Catalog["exclusively"] {
  const tails = new Map<string, Promise<void>>();
  const acquire = async (name: string): Promise<() => void> => {
    const before = tails.get(name);
    let release = (): void => {};
    const held = new Promise<void>((done) => (release = done));
    const tail = (before ?? Promise.resolve()).then(() => held);
    tails.set(name, tail);
    await before;
    return () => {
      if (tails.get(name) === tail) tails.delete(name);
      release();
    };
  };
  return async (names, work) => {
    const releases: (() => void)[] = [];
    try {
      // One order for all, or two commits could wait for each other.
      for (const name of [...new Set(names)].sort()) releases.push(await acquire(name));
      return await work();
    } finally {
      for (const release of releases) release();
    }
  };
}

/** A namespace's levels as one text, the key in the database. */
export function namespaceKey(levels: readonly string[]): string {
  return levels.join("\u001f");
}

/** `ns.sub.table`, for messages. */
export function displayName(identifier: Identifier): string {
  return [...identifier.namespace, identifier.name].join(".");
}

export function requireNamespace(catalog: Catalog, namespace: readonly string[]): void {
  if (catalog.database.namespaces.find(namespaceKey(namespace)) === null) throw noSuchNamespace(namespace.join("."));
}

/** The row of a table or view. @throws CatalogError NoSuchTableException or NoSuchViewException. */
export function requireRelation(catalog: Catalog, identifier: Identifier, kind: Relation["kind"]): Relation {
  const relation = catalog.database.relations.find(namespaceKey(identifier.namespace), identifier.name);
  if (relation?.kind === kind) return relation;
  throw kind === "table" ? noSuchTable(displayName(identifier)) : noSuchView(displayName(identifier));
}

/** The error for a name that a table or view has already, in the words that clients look for. */
export function existsAlready(identifier: Identifier, existing: Relation, wanted: Relation["kind"]): CatalogError {
  const title = existing.kind === "view" ? "View" : "Table";
  return alreadyExists(`${title} ${existing.kind === wanted ? "" : "with same name "}already exists: ${displayName(identifier)}`);
}

/** Refuses a name that is taken. */
export function refuseExisting(catalog: Catalog, identifier: Identifier, wanted: Relation["kind"]): void {
  const existing = catalog.database.relations.find(namespaceKey(identifier.namespace), identifier.name);
  if (existing) throw existsAlready(identifier, existing, wanted);
}

/** What the database keeps of a table. */
export function tableRelation({ location, metadata }: Loaded<TableMetadata>): Relation {
  const snapshot = currentSnapshot(metadata);
  return {
    kind: "table",
    metadataLocation: location,
    snapshot: snapshot ? String(snapshot["snapshot-id"]) : null,
    timestamp: snapshot?.["timestamp-ms"] ?? metadata["last-updated-ms"],
    summary: printHeadSummary(metadata),
    schema: printHeadSchema(currentSchema(metadata)),
  };
}

/** What the database keeps of a view. */
export function viewRelation({ location, metadata }: Loaded<ViewMetadata>): Relation {
  const version = metadata.versions.find((item) => item["version-id"] === metadata["current-version-id"]);
  const schema = metadata.schemas.find((item) => item["schema-id"] === version?.["schema-id"]);
  return {
    kind: "view",
    metadataLocation: location,
    snapshot: null,
    timestamp: version?.["timestamp-ms"] ?? 0,
    summary: "{}",
    schema: printHeadSchema(schema),
  };
}
