import { crashPoint } from "../../run/crash.ts";
import { annotate } from "./annotation.ts";
import {
  displayName,
  existsAlready,
  namespaceKey,
  requireNamespace,
  tableRelation,
  viewRelation,
  type Catalog,
  type Identifier,
} from "./catalog.ts";
import { emptyMetadata, formatVersionOf } from "./create.ts";
import type { Relation } from "./database.ts";
import { badRequest, commitFailed, noSuchTable, noSuchView } from "./error.ts";
import type { JsonObject } from "./json.ts";
import { checkLocation, newLocation } from "./location.ts";
import { removeLeftovers, type Loaded } from "./metadata-files.ts";
import { findSnapshot, type TableMetadata, type ViewMetadata } from "./model.ts";
import { checkTable, checkView, requiresCreate } from "./requirement.ts";
import { readInteger, readText, readTexts } from "./shape.ts";
import { readSnapshot } from "./snapshot-update.ts";
import { applyUpdates } from "./update.ts";
import { applyViewUpdates } from "./view.ts";

/** What a client asks to change of one table or view. */
export interface Change {
  readonly identifier: Identifier;
  readonly requirements: readonly JsonObject[];
  readonly updates: readonly JsonObject[];
}

/** A change that is ready to be made visible: its metadata file is on disk. */
interface Prepared<T> {
  readonly change: Change;
  /** The metadata that it was computed from; null for a new table. */
  readonly base: string | null;
  readonly loaded: Loaded<T>;
  readonly written: readonly string[];
  readonly obsolete: readonly string[];
}

/** How often a commit is computed anew because another process was quicker, before the client is told. */
const attempts = 20;

/** Somebody changed the table between our reading it and our swap. */
class Overtaken extends Error {}

/**
 * Commits changes to one or more tables: all of them or none. Each table's next metadata file is written and synced
 * first; then one database transaction compares every table's metadata location with the one that was read and swaps it.
 * A change that another commit overtook is computed anew and goes through when its requirements still hold.
 *
 * @throws CatalogError CommitFailedException when they do not.
 */
export async function commitTables(catalog: Catalog, changes: readonly Change[]): Promise<readonly Loaded<TableMetadata>[]> {
  const keys = changes.map(({ identifier }) => displayKey(identifier));
  if (new Set(keys).size !== keys.length) throw badRequest("A transaction must name each table once");
  return commit(catalog, keys, () => prepareAll(catalog, changes), tableRelation);
}

/** Commits a change to one view; otherwise as `commitTables`. */
export async function commitView(catalog: Catalog, change: Change): Promise<Loaded<ViewMetadata>> {
  const [loaded] = await commit(catalog, [displayKey(change.identifier)], async () => [await prepareView(catalog, change)], viewRelation);
  if (loaded === undefined) throw new Error("a commit of one view gave no metadata");
  return loaded;
}

function displayKey({ namespace, name }: Identifier): string {
  return `${namespaceKey(namespace)}\u001f${name}`;
}

async function commit<T extends TableMetadata | ViewMetadata>(
  catalog: Catalog,
  keys: readonly string[],
  prepare: () => Promise<readonly Prepared<T>[]>,
  relationOf: (loaded: Loaded<T>) => Relation,
): Promise<readonly Loaded<T>[]> {
  return catalog.exclusively(keys, async () => {
    for (let attempt = 1; ; attempt++) {
      crashPoint("catalog-before-metadata");
      const prepared = await prepare();
      crashPoint("catalog-after-metadata");
      try {
        if (prepared.some((item) => item.written.length > 0)) {
          await catalog.database.transact(() => {
            for (const item of prepared) swap(catalog, item, relationOf(item.loaded));
          });
        }
      } catch (error) {
        // Whatever was thrown inside the transaction undid it: nothing refers to the files.
        await catalog.files.discard(prepared.flatMap((item) => item.written));
        if (!(error instanceof Overtaken)) throw error;
        if (attempt === attempts) throw commitFailed(`Cannot commit: ${error.message} changes too often`);
        continue;
      }
      crashPoint("catalog-after-commit");
      await removeLeftovers(
        catalog.storages,
        prepared.flatMap((item) => item.obsolete),
      );
      return prepared.map((item) => item.loaded);
    }
  });
}

function swap<T>(catalog: Catalog, { change, base, written }: Prepared<T>, relation: Relation): void {
  if (written.length === 0) return;
  const { relations } = catalog.database;
  const namespace = namespaceKey(change.identifier.namespace);
  const { name } = change.identifier;
  if (base !== null) {
    if (!relations.swap(namespace, name, base, relation)) throw new Overtaken(displayName(change.identifier));
    return;
  }
  requireNamespace(catalog, change.identifier.namespace);
  if (relations.find(namespace, name)) throw new Overtaken(displayName(change.identifier));
  relations.insert(namespace, name, relation);
}

async function prepareAll(catalog: Catalog, changes: readonly Change[]): Promise<readonly Prepared<TableMetadata>[]> {
  const results = await Promise.allSettled(changes.map((change) => prepareTable(catalog, change)));
  const failed = results.find((result) => result.status === "rejected");
  if (failed === undefined) return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  await catalog.files.discard(results.flatMap((result) => (result.status === "fulfilled" ? result.value.written : [])));
  throw failed.reason;
}

async function prepareTable(catalog: Catalog, change: Change): Promise<Prepared<TableMetadata>> {
  const { identifier, requirements, updates } = change;
  const relation = catalog.database.relations.find(namespaceKey(identifier.namespace), identifier.name);
  const create = requiresCreate(requirements);
  if (relation?.kind === "view") throw create ? existsAlready(identifier, relation, "table") : noSuchTable(displayName(identifier));
  if (relation === null && !create) throw noSuchTable(displayName(identifier));
  const before = relation && (await catalog.files.table(relation.metadataLocation));
  if (before !== null && isRepeated(before.metadata, updates))
    return { change, base: before.location, loaded: before, written: [], obsolete: [] };
  checkTable(requirements, before?.metadata ?? null);
  if (before === null) requireNamespace(catalog, identifier.namespace);
  const base = before?.metadata ?? emptyMetadata(initialFormatVersion(updates), initialLocation(catalog, change));
  const now = Date.now();
  const annotated = await annotate(base, updates, catalog.storages, now);
  try {
    const metadata = applyUpdates(base, annotated.updates, now);
    if (before !== null && metadata === base) return { change, base: before.location, loaded: before, written: [], obsolete: [] };
    if (metadata.location !== before?.metadata.location) checkLocation(metadata.location, catalog.storages);
    const { log, removed } = before === null ? { log: [], removed: [] } : metadataLog(before, metadata.properties);
    const loaded = await catalog.files.write({ ...metadata, "metadata-log": log }, before?.location ?? null);
    // Whoever writes to it next may be one that makes no folders.
    if (before === null) await catalog.storages.createFolders([`${metadata.location}/data`]);
    return {
      change,
      base: before?.location ?? null,
      loaded,
      written: [loaded.location, ...annotated.written],
      obsolete: [...annotated.obsolete, ...removed],
    };
  } catch (error) {
    await catalog.files.discard(annotated.written);
    throw error;
  }
}

/**
 * True when this very commit was made before: a client that lost the reply sends it again, and must not be told of a conflict
 * with itself. Snapshot ids are random, so one that is there with the same time and sequence number is the same snapshot.
 */
export function isRepeated(metadata: TableMetadata, updates: readonly JsonObject[]): boolean {
  const added = updates.flatMap((update) => (update["action"] === "add-snapshot" ? [readSnapshot(update["snapshot"])] : []));
  return (
    added.length > 0 &&
    added.every((snapshot) => {
      const present = findSnapshot(metadata, snapshot["snapshot-id"]);
      return (
        present !== undefined &&
        present["timestamp-ms"] === snapshot["timestamp-ms"] &&
        present["sequence-number"] === snapshot["sequence-number"]
      );
    })
  );
}

async function prepareView(catalog: Catalog, change: Change): Promise<Prepared<ViewMetadata>> {
  const { identifier, requirements, updates } = change;
  const relation = catalog.database.relations.find(namespaceKey(identifier.namespace), identifier.name);
  if (relation?.kind !== "view") throw noSuchView(displayName(identifier));
  const before = await catalog.files.view(relation.metadataLocation);
  checkView(requirements, before.metadata);
  const metadata = applyViewUpdates(before.metadata, updates, Date.now());
  if (metadata === before.metadata) return { change, base: before.location, loaded: before, written: [], obsolete: [] };
  checkLocation(metadata.location, catalog.storages);
  const loaded = await catalog.files.write(metadata, before.location);
  return { change, base: before.location, loaded, written: [loaded.location], obsolete: [] };
}

/** A table that is created by a commit was staged before, or else says all of itself in its updates. */
export function initialFormatVersion(updates: readonly JsonObject[]): number {
  const upgrade = updates.find((update) => update["action"] === "upgrade-format-version");
  if (upgrade)
    return formatVersionOf({ "format-version": String(readInteger(upgrade["format-version"], "upgrade-format-version.format-version")) });
  const properties = updates
    .filter((update) => update["action"] === "set-properties")
    .map((update) => readTexts(update["updates"] ?? {}, "set-properties.updates"));
  return formatVersionOf(Object.assign({}, ...properties));
}

function initialLocation(catalog: Catalog, { identifier, updates }: Change): string {
  const given = updates.find((update) => update["action"] === "set-location");
  if (given) return readText(given["location"], "set-location.location");
  return newLocation(catalog.warehouse, identifier.namespace, identifier.name);
}

/** The log of earlier metadata files with the one that is followed now, and those that it no longer needs. */
function metadataLog(
  { location, metadata }: Loaded<TableMetadata>,
  properties: TableMetadata["properties"],
): { readonly log: TableMetadata["metadata-log"]; readonly removed: readonly string[] } {
  const limit = Math.max(1, Number(properties["write.metadata.previous-versions-max"] ?? 100) || 1);
  const all = [...metadata["metadata-log"], { "timestamp-ms": metadata["last-updated-ms"], "metadata-file": location }];
  const log = all.slice(-limit);
  const removes = properties["write.metadata.delete-after-commit.enabled"] === "true";
  return { log, removed: removes ? all.slice(0, all.length - log.length).map((entry) => entry["metadata-file"]) : [] };
}
