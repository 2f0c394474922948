import { namespaceKey, requireNamespace, type Catalog } from "./catalog.ts";
import { alreadyExists, badRequest, CatalogError, noSuchNamespace } from "./error.ts";
import { namespaceLocation } from "./location.ts";
import { bodyOf, checkNamespace, namespaceOf, noContent, paged, pageOf, reply, type CatalogReply, type CatalogRequest } from "./request.ts";
import { listOf, readText, readTexts } from "./shape.ts";

/** /v1/namespaces */
export async function namespacesRoute(catalog: Catalog, request: CatalogRequest): Promise<CatalogReply | null> {
  if (request.method === "GET") return listNamespaces(catalog, request);
  if (request.method === "POST") return createNamespace(catalog, request);
  return null;
}

/** /v1/namespaces/{namespace} */
export async function namespaceRoute(catalog: Catalog, request: CatalogRequest): Promise<CatalogReply | null> {
  const namespace = namespaceOf(request.path[1]);
  if (request.method === "HEAD" || request.method === "GET") {
    const properties = catalog.database.namespaces.find(namespaceKey(namespace));
    if (properties === null) throw noSuchNamespace(namespace.join("."));
    // Trino places tables by it, and makes none where a namespace has no location.
    const location = namespaceLocation(catalog.warehouse, namespace);
    return request.method === "HEAD" ? noContent : reply({ namespace, properties: { location, ...JSON.parse(properties) } });
  }
  if (request.method === "DELETE") return dropNamespace(catalog, namespace);
  return null;
}

/** /v1/namespaces/{namespace}/properties */
export async function propertiesRoute(catalog: Catalog, request: CatalogRequest): Promise<CatalogReply | null> {
  if (request.method !== "POST") return null;
  const namespace = namespaceOf(request.path[1]);
  const body = bodyOf(request);
  const removals = [...new Set(listOf(readText)(body["removals"] ?? [], "removals"))];
  const updates = readTexts(body["updates"] ?? {}, "updates");
  const both = removals.find((key) => Object.hasOwn(updates, key));
  if (both !== undefined)
    throw new CatalogError(
      422,
      "UnprocessableEntityException",
      `Invalid namespace update, cannot simultaneously set and remove keys: [${both}]`,
    );
  const missing = await catalog.database.transact(() => {
    const stored = catalog.database.namespaces.find(namespaceKey(namespace));
    if (stored === null) throw noSuchNamespace(namespace.join("."));
    const before: Readonly<Record<string, string>> = JSON.parse(stored);
    const after = Object.fromEntries(Object.entries({ ...before, ...updates }).filter(([key]) => !removals.includes(key)));
    catalog.database.namespaces.update(namespaceKey(namespace), JSON.stringify(after));
    return removals.filter((key) => !Object.hasOwn(before, key));
  });
  return reply({ updated: Object.keys(updates), removed: removals.filter((key) => !missing.includes(key)), missing });
}

function listNamespaces(catalog: Catalog, request: CatalogRequest): CatalogReply {
  const parent = request.query.get("parent") ?? "";
  if (parent !== "") requireNamespace(catalog, namespaceOf(parent));
  const page = pageOf(request.query);
  const { names, next } = paged(catalog.database.namespaces.list(parent, page.after, page.limit + 1), page);
  return reply({ namespaces: names.map((name) => name.split("\u001f")), "next-page-token": next });
}

async function createNamespace(catalog: Catalog, request: CatalogRequest): Promise<CatalogReply> {
  const body = bodyOf(request);
  const namespace = checkNamespace(listOf(readText)(body["namespace"], "namespace"));
  const properties = readTexts(body["properties"] ?? {}, "properties");
  await catalog.database.transact(() => {
    if (namespace.length > 1) requireNamespace(catalog, namespace.slice(0, -1));
    if (catalog.database.namespaces.find(namespaceKey(namespace)) !== null)
      throw alreadyExists(`Namespace already exists: ${namespace.join(".")}`);
    catalog.database.namespaces.insert(namespaceKey(namespace), JSON.stringify(properties));
  });
  return reply({ namespace, properties });
}

async function dropNamespace(catalog: Catalog, namespace: readonly string[]): Promise<CatalogReply> {
  if (namespace.length === 0) throw badRequest("Cannot drop the root");
  await catalog.database.transact(() => {
    const key = namespaceKey(namespace);
    if (catalog.database.namespaces.find(key) === null) throw noSuchNamespace(namespace.join("."));
    if (!catalog.database.namespaces.isEmpty(key))
      throw new CatalogError(
        409,
        "NamespaceNotEmptyException",
        `Namespace ${namespace.join(".")} is not empty. It holds tables, views or namespaces`,
      );
    catalog.database.namespaces.remove(key);
  });
  return noContent;
}
