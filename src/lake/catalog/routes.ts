import type { Catalog } from "./catalog.ts";
import { CatalogError } from "./error.ts";
import { namespaceRoute, namespacesRoute, propertiesRoute } from "./namespaces.ts";
import { noContent, reply, type CatalogReply, type CatalogRequest } from "./request.ts";
import { metricsRoute, registerRoute, renameRoute, tableRoute, tablesRoute, transactionRoute } from "./tables.ts";
import { viewRoute, viewsRoute } from "./views.ts";

/** What the catalog can do, as its configuration tells clients. */
export const endpoints: readonly string[] = [
  "GET /v1/{prefix}/namespaces",
  "POST /v1/{prefix}/namespaces",
  "GET /v1/{prefix}/namespaces/{namespace}",
  "HEAD /v1/{prefix}/namespaces/{namespace}",
  "DELETE /v1/{prefix}/namespaces/{namespace}",
  "POST /v1/{prefix}/namespaces/{namespace}/properties",
  "GET /v1/{prefix}/namespaces/{namespace}/tables",
  "POST /v1/{prefix}/namespaces/{namespace}/tables",
  "GET /v1/{prefix}/namespaces/{namespace}/tables/{table}",
  "HEAD /v1/{prefix}/namespaces/{namespace}/tables/{table}",
  "POST /v1/{prefix}/namespaces/{namespace}/tables/{table}",
  "DELETE /v1/{prefix}/namespaces/{namespace}/tables/{table}",
  "POST /v1/{prefix}/namespaces/{namespace}/register",
  "POST /v1/{prefix}/namespaces/{namespace}/tables/{table}/metrics",
  "POST /v1/{prefix}/tables/rename",
  "POST /v1/{prefix}/transactions/commit",
  "GET /v1/{prefix}/namespaces/{namespace}/views",
  "POST /v1/{prefix}/namespaces/{namespace}/views",
  "GET /v1/{prefix}/namespaces/{namespace}/views/{view}",
  "HEAD /v1/{prefix}/namespaces/{namespace}/views/{view}",
  "POST /v1/{prefix}/namespaces/{namespace}/views/{view}",
  "DELETE /v1/{prefix}/namespaces/{namespace}/views/{view}",
  "POST /v1/{prefix}/views/rename",
];

/**
 * Answers one request of the Iceberg REST protocol.
 *
 * @throws CatalogError as the protocol names it; anything else is a defect.
 */
export async function answer(catalog: Catalog, request: CatalogRequest): Promise<CatalogReply> {
  const answered = await route(catalog, request);
  if (answered) return answered;
  throw new CatalogError(405, "UnsupportedOperationException", `${request.method} is not supported here`);
}

async function route(catalog: Catalog, request: CatalogRequest): Promise<CatalogReply | null> {
  const [first, second, third, , fifth] = request.path;
  const pattern = `${first ?? ""}/${request.path.length}/${third ?? ""}/${fifth ?? ""}`;
  switch (pattern) {
    case "config/1//":
      return request.method === "GET" ? reply({ defaults: {}, overrides: {}, endpoints }) : null;
    case "namespaces/1//":
      return namespacesRoute(catalog, request);
    case "namespaces/2//":
      return namespaceRoute(catalog, request);
    case "namespaces/3/properties/":
      return propertiesRoute(catalog, request);
    case "namespaces/3/register/":
      return registerRoute(catalog, request);
    case "namespaces/3/tables/":
      return tablesRoute(catalog, request);
    case "namespaces/4/tables/":
      return tableRoute(catalog, request);
    case "namespaces/5/tables/metrics":
      return metricsRoute(catalog, request);
    case "namespaces/3/views/":
      return viewsRoute(catalog, request);
    case "namespaces/4/views/":
      return viewRoute(catalog, request);
    case "tables/2//":
    case "views/2//":
      if (second === "rename") return renameRoute(catalog, request, first === "views" ? "view" : "table");
      break;
    case "transactions/2//":
      if (second === "commit") return transactionRoute(catalog, request);
      break;
    case "millwright/2//":
      // What a gateway brings up to date stands here already.
      if (second === "sync") return request.method === "POST" ? noContent : null;
      break;
  }
  throw new CatalogError(404, "NotFoundException", "No such route");
}
