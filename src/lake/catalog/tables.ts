import {
  displayName,
  existsAlready,
  namespaceKey,
  refuseExisting,
  requireNamespace,
  requireRelation,
  tableRelation,
  type Catalog,
  type Identifier,
} from "./catalog.ts";
import { commitTables, type Change } from "./commit.ts";
import { newTableMetadata } from "./create.ts";
import { alreadyExists, badRequest } from "./error.ts";
import { printJson, type Json } from "./json.ts";
import { checkLocation, newLocation } from "./location.ts";
import type { Loaded } from "./metadata-files.ts";
import type { TableMetadata } from "./model.ts";
import {
  bodyOf,
  checkName,
  namespaceOf,
  needsFolders,
  noContent,
  paged,
  pageOf,
  readIdentifier,
  reply,
  type CatalogReply,
  type CatalogRequest,
} from "./request.ts";
import { listOf, optional, readBoolean, readObject, readText } from "./shape.ts";

/** /v1/namespaces/{namespace}/tables */
export async function tablesRoute(catalog: Catalog, request: CatalogRequest): Promise<CatalogReply | null> {
  const namespace = namespaceOf(request.path[1]);
  if (request.method === "GET") return listRelations(catalog, request, namespace, "table");
  if (request.method === "POST") return createTable(catalog, request, namespace);
  return null;
}

/** /v1/namespaces/{namespace}/tables/{table} */
export async function tableRoute(catalog: Catalog, request: CatalogRequest): Promise<CatalogReply | null> {
  const identifier = { namespace: namespaceOf(request.path[1]), name: request.path[3] ?? "" };
  switch (request.method) {
    case "HEAD":
      requireRelation(catalog, identifier, "table");
      return noContent;
    case "GET":
      return loadTable(catalog, request, identifier);
    case "POST":
      return updateTable(catalog, request, identifier);
    case "DELETE":
      return dropTable(catalog, request, identifier);
    default:
      return null;
  }
}

/** /v1/namespaces/{namespace}/tables/{table}/metrics: scan reports of clients, which we do not keep. */
export async function metricsRoute(_catalog: Catalog, request: CatalogRequest): Promise<CatalogReply | null> {
  if (request.method !== "POST") return null;
  bodyOf(request);
  return noContent;
}

/** /v1/namespaces/{namespace}/register */
export async function registerRoute(catalog: Catalog, request: CatalogRequest): Promise<CatalogReply | null> {
  if (request.method !== "POST") return null;
  const namespace = namespaceOf(request.path[1]);
  const body = bodyOf(request);
  const identifier = { namespace, name: checkName(readText(body["name"], "name")) };
  const location = readText(body["metadata-location"], "metadata-location");
  const overwrite = optional(readBoolean)(body["overwrite"], "overwrite") ?? false;
  requireNamespace(catalog, namespace);
  const loaded = await catalog.files.table(location);
  checkLocation(loaded.metadata.location, catalog.storages);
  await catalog.database.transact(() => {
    const { relations } = catalog.database;
    const existing = relations.find(namespaceKey(namespace), identifier.name);
    if (existing && (existing.kind === "view" || !overwrite)) throw existsAlready(identifier, existing, "table");
    if (existing) relations.remove(namespaceKey(namespace), identifier.name);
    relations.insert(namespaceKey(namespace), identifier.name, tableRelation(loaded));
  });
  return tableReply(loaded);
}

/** /v1/tables/rename and /v1/views/rename */
export async function renameRoute(catalog: Catalog, request: CatalogRequest, kind: "table" | "view"): Promise<CatalogReply | null> {
  if (request.method !== "POST") return null;
  const body = bodyOf(request);
  const source = readIdentifier(body["source"], "source");
  const destination = readIdentifier(body["destination"], "destination");
  await catalog.database.transact(() => {
    const { relations } = catalog.database;
    requireRelation(catalog, source, kind);
    requireNamespace(catalog, destination.namespace);
    const existing = relations.find(namespaceKey(destination.namespace), destination.name);
    if (existing)
      throw alreadyExists(
        `Cannot rename ${displayName(source)} to ${displayName(destination)}. ${existing.kind === "view" ? "View" : "Table"} already exists`,
      );
    relations.rename(namespaceKey(source.namespace), source.name, namespaceKey(destination.namespace), destination.name);
  });
  return noContent;
}

/** /v1/transactions/commit: several tables, all or none. */
export async function transactionRoute(catalog: Catalog, request: CatalogRequest): Promise<CatalogReply | null> {
  if (request.method !== "POST") return null;
  const changes = listOf(readChange)(bodyOf(request)["table-changes"], "table-changes");
  await commitTables(catalog, changes);
  return noContent;
}

/** One entry of a transaction's list of changes. */
export function readChange(value: Json | undefined, where: string): Change {
  const object = readObject(value, where);
  return { identifier: readIdentifier(object["identifier"], `${where}.identifier`), ...readCommit(object, where) };
}

/** The two lists of a commit's body. */
export function readCommit(body: { readonly [key: string]: Json | undefined }, where: string): Pick<Change, "requirements" | "updates"> {
  return {
    requirements: listOf(readObject)(body["requirements"] ?? [], `${where}.requirements`),
    updates: listOf(readObject)(body["updates"], `${where}.updates`),
  };
}

export function listRelations(
  catalog: Catalog,
  request: CatalogRequest,
  namespace: readonly string[],
  kind: "table" | "view",
): CatalogReply {
  requireNamespace(catalog, namespace);
  const page = pageOf(request.query);
  const { names, next } = paged(catalog.database.relations.list(namespaceKey(namespace), kind, page.after, page.limit + 1), page);
  return reply({ identifiers: names.map((name) => ({ namespace, name })), "next-page-token": next });
}

async function createTable(catalog: Catalog, request: CatalogRequest, namespace: readonly string[]): Promise<CatalogReply> {
  const body = bodyOf(request);
  const identifier = { namespace, name: checkName(readText(body["name"], "name")) };
  requireNamespace(catalog, namespace);
  refuseExisting(catalog, identifier, "table");
  const location =
    optional(readText)(body["location"], "location")?.replace(/(?<=[^/])\/+$/, "") ??
    newLocation(catalog.warehouse, namespace, identifier.name);
  checkLocation(location, catalog.storages);
  const metadata = newTableMetadata(body, location);
  const staged = optional(readBoolean)(body["stage-create"], "stage-create") === true;
  if (!staged || needsFolders(request)) await catalog.storages.createFolders([`${location}/metadata`, `${location}/data`]);
  if (staged) return reply({ metadata, config: {} });
  const loaded = await catalog.files.write(metadata, null);
  try {
    await catalog.database.transact(() => {
      requireNamespace(catalog, namespace);
      refuseExisting(catalog, identifier, "table");
      catalog.database.relations.insert(namespaceKey(namespace), identifier.name, tableRelation(loaded));
    });
  } catch (error) {
    await catalog.files.discard([loaded.location]);
    throw error;
  }
  return tableReply(loaded);
}

async function loadTable(catalog: Catalog, request: CatalogRequest, identifier: Identifier): Promise<CatalogReply> {
  const { metadataLocation } = requireRelation(catalog, identifier, "table");
  const loaded = await catalog.files.table(metadataLocation);
  const snapshots = request.query.get("snapshots") ?? "all";
  if (snapshots === "all") return tableReply(loaded);
  if (snapshots !== "refs") throw badRequest(`Invalid snapshot mode: ${snapshots}`);
  const referred = new Set(Object.values(loaded.metadata.refs).map((reference) => String(reference["snapshot-id"])));
  const metadata = {
    ...loaded.metadata,
    snapshots: loaded.metadata.snapshots.filter((snapshot) => referred.has(String(snapshot["snapshot-id"]))),
  };
  return reply({ "metadata-location": loaded.location, metadata, config: {} });
}

/** A reply that repeats the metadata file's own text. */
function tableReply({ location, text }: Loaded<TableMetadata>): CatalogReply {
  return { status: 200, body: `{"metadata-location":${printJson(location)},"metadata":${text},"config":{}}` };
}

async function updateTable(catalog: Catalog, request: CatalogRequest, identifier: Identifier): Promise<CatalogReply> {
  const [loaded] = await commitTables(catalog, [
    { identifier: { ...identifier, name: checkName(identifier.name) }, ...readCommit(bodyOf(request), "the body") },
  ]);
  if (loaded === undefined) throw new Error(`the commit of ${displayName(identifier)} gave no metadata`);
  return tableReply(loaded);
}

async function dropTable(catalog: Catalog, request: CatalogRequest, identifier: Identifier): Promise<CatalogReply> {
  const purge = request.query.get("purgeRequested")?.toLowerCase() === "true";
  const { metadataLocation } = requireRelation(catalog, identifier, "table");
  const location = purge ? (await catalog.files.table(metadataLocation)).metadata.location : null;
  await catalog.database.transact(() => {
    requireRelation(catalog, identifier, "table");
    catalog.database.relations.remove(namespaceKey(identifier.namespace), identifier.name);
  });
  // Another table may have been registered on the same files.
  if (location !== null && !catalog.database.relations.usesLocation(`${location}/`)) {
    checkLocation(location, catalog.storages);
    await catalog.storages.removeFolder(location);
  }
  return noContent;
}
