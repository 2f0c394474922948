import { displayName, namespaceKey, tableRelation, type Identifier } from "../catalog.ts";
import { openDatabase, type Database, type Relation } from "../database.ts";
import type { JsonObject } from "../json.ts";
import { tableMetadata } from "../metadata.ts";
import type { Loaded } from "../metadata-files.ts";
import { currentSnapshot, type TableMetadata } from "../model.ts";
import { readIdentifier } from "../request.ts";
import { listOf, optional, readObject, readText } from "../shape.ts";
import { explained, objectOf, requireSuccess, type Outside } from "./outside.ts";

/** How many tables are asked for at once. */
const together = 8;

/** The parts of a path that name a table. */
export function tablePath({ namespace, name }: Identifier): readonly string[] {
  return ["namespaces", namespaceKey(namespace), "tables", name];
}

/** A table out of a catalog's reply. */
export function loadedOf(reply: JsonObject): Loaded<TableMetadata> {
  const metadata = tableMetadata(readObject(reply["metadata"], "the outside catalog's metadata"));
  const location = optional(readText)(reply["metadata-location"], "metadata-location") ?? "";
  return { location, metadata, text: "" };
}

/** A table as the outside catalog has it now; null when it has none of that name. */
export async function loadOutside(outside: Outside, identifier: Identifier): Promise<Loaded<TableMetadata> | null> {
  const reply = await outside.ask({ method: "GET", path: tablePath(identifier) });
  return reply.status === 404 ? null : loadedOf(objectOf(requireSuccess(reply).body));
}

/**
 * Keeps a table's head, as it was just seen outside, where `heads.ts` reads it. What was seen before what is kept already changes
 * nothing: replies may overtake each other.
 */
export async function keep(database: Database, identifier: Identifier, seen: Loaded<TableMetadata> | null): Promise<void> {
  const { relations } = database;
  const namespace = namespaceKey(identifier.namespace);
  const known = relations.find(namespace, identifier.name);
  const relation = seen && tableRelation(seen);
  if (seen === null ? known === null : known !== null && relation !== null && (isSame(known, relation) || isOlder(known, seen))) return;
  await database.transact(() => {
    relations.remove(namespace, identifier.name);
    if (relation !== null) relations.insert(namespace, identifier.name, relation);
  });
}

function isSame(known: Relation, seen: Relation): boolean {
  return known.metadataLocation === seen.metadataLocation && known.snapshot === seen.snapshot && known.schema === seen.schema;
}

function isOlder(known: Relation, { metadata }: Loaded<TableMetadata>): boolean {
  const follows = metadata["metadata-log"].some((entry) => entry["metadata-file"] === known.metadataLocation);
  return !follows && (currentSnapshot(metadata)?.["timestamp-ms"] ?? metadata["last-updated-ms"]) < known.timestamp;
}

/** Brings the kept heads of some tables, or of all of a namespace, to what the outside catalog has now. */
export async function follow(
  database: Database,
  outside: Outside,
  namespace: readonly string[],
  tables: readonly string[] | null,
): Promise<void> {
  const names = tables ?? (await listTables(outside, namespace));
  for (let first = 0; first < names.length; first += together) {
    await Promise.all(
      names.slice(first, first + together).map(async (name) => {
        const identifier = { namespace, name };
        const reply = await outside.ask({ method: "GET", path: tablePath(identifier), query: new URLSearchParams({ snapshots: "refs" }) });
        await keep(database, identifier, reply.status === 404 ? null : loadedOf(objectOf(requireSuccess(reply).body)));
      }),
    );
  }
  if (tables !== null) return;
  const present = new Set(names);
  const gone = database.relations.list(namespaceKey(namespace), "table", "", Number.MAX_SAFE_INTEGER).filter((name) => !present.has(name));
  for (const name of gone) await keep(database, { namespace, name }, null);
}

/** The names of a namespace's tables; none when there is no such namespace. */
export async function listTables(outside: Outside, namespace: readonly string[]): Promise<readonly string[]> {
  const names: string[] = [];
  for (let page: string | undefined = ""; page !== undefined;) {
    const query = new URLSearchParams({ pageToken: page });
    const reply = await outside.ask({ method: "GET", path: ["namespaces", namespaceKey(namespace), "tables"], query });
    if (reply.status === 404) return [];
    const body = objectOf(requireSuccess(reply).body);
    names.push(...listOf(readIdentifier)(body["identifiers"] ?? [], displayName({ namespace, name: "tables" })).map(({ name }) => name));
    const next: string | undefined = optional(readText)(body["next-page-token"], "next-page-token");
    page = next === "" ? undefined : next;
  }
  return names;
}

/**
 * Brings a state's kept heads of a namespace to what the outside catalog has now, without any server of ours.
 *
 * @throws MillwrightError `catalog-unreachable` or `catalog-refused`.
 */
export async function followAll(directory: string, outside: Outside, namespace: string): Promise<void> {
  const database = openDatabase(directory);
  try {
    await follow(database, outside, [namespace], null);
  } catch (error) {
    throw explained(error);
  } finally {
    database.close();
  }
}
