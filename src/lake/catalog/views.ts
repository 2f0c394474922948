import { namespaceKey, refuseExisting, requireNamespace, requireRelation, viewRelation, type Catalog, type Identifier } from "./catalog.ts";
import { commitView } from "./commit.ts";
import { printJson } from "./json.ts";
import { checkLocation, newLocation } from "./location.ts";
import type { Loaded } from "./metadata-files.ts";
import type { ViewMetadata } from "./model.ts";
import { bodyOf, checkName, namespaceOf, noContent, type CatalogReply, type CatalogRequest } from "./request.ts";
import { optional, readText } from "./shape.ts";
import { listRelations, readCommit } from "./tables.ts";
import { newViewMetadata } from "./view.ts";

/** /v1/namespaces/{namespace}/views */
export async function viewsRoute(catalog: Catalog, request: CatalogRequest): Promise<CatalogReply | null> {
  const namespace = namespaceOf(request.path[1]);
  if (request.method === "GET") return listRelations(catalog, request, namespace, "view");
  if (request.method === "POST") return createView(catalog, request, namespace);
  return null;
}

/** /v1/namespaces/{namespace}/views/{view} */
export async function viewRoute(catalog: Catalog, request: CatalogRequest): Promise<CatalogReply | null> {
  const identifier = { namespace: namespaceOf(request.path[1]), name: request.path[3] ?? "" };
  switch (request.method) {
    case "HEAD":
      requireRelation(catalog, identifier, "view");
      return noContent;
    case "GET":
      return viewReply(await catalog.files.view(requireRelation(catalog, identifier, "view").metadataLocation));
    case "POST":
      return viewReply(await commitView(catalog, { identifier, ...readCommit(bodyOf(request), "the body") }));
    case "DELETE":
      return dropView(catalog, identifier);
    default:
      return null;
  }
}

async function createView(catalog: Catalog, request: CatalogRequest, namespace: readonly string[]): Promise<CatalogReply> {
  const body = bodyOf(request);
  const identifier = { namespace, name: checkName(readText(body["name"], "name")) };
  requireNamespace(catalog, namespace);
  refuseExisting(catalog, identifier, "view");
  const location =
    optional(readText)(body["location"], "location")?.replace(/(?<=[^/])\/+$/, "") ??
    newLocation(catalog.warehouse, namespace, identifier.name);
  checkLocation(location, catalog.storages);
  const loaded = await catalog.files.write(newViewMetadata(body, location, Date.now()), null);
  try {
    await catalog.database.transact(() => {
      requireNamespace(catalog, namespace);
      refuseExisting(catalog, identifier, "view");
      catalog.database.relations.insert(namespaceKey(namespace), identifier.name, viewRelation(loaded));
    });
  } catch (error) {
    await catalog.files.discard([loaded.location]);
    throw error;
  }
  return viewReply(loaded);
}

async function dropView(catalog: Catalog, identifier: Identifier): Promise<CatalogReply> {
  await catalog.database.transact(() => {
    requireRelation(catalog, identifier, "view");
    catalog.database.relations.remove(namespaceKey(identifier.namespace), identifier.name);
  });
  return noContent;
}

function viewReply({ location, text }: Loaded<ViewMetadata>): CatalogReply {
  return { status: 200, body: `{"metadata-location":${printJson(location)},"metadata":${text},"config":{}}` };
}
