import type { Catalog, Identifier } from "../catalog.ts";
import type { Change } from "../commit.ts";
import { CatalogError } from "../error.ts";
import type { Answer } from "../http.ts";
import { printJson, type JsonObject } from "../json.ts";
import type { Loaded } from "../metadata-files.ts";
import type { TableMetadata } from "../model.ts";
import { bodyOf, namespaceOf, needsFolders, noContent, readIdentifier, reply, type CatalogReply, type CatalogRequest } from "../request.ts";
import { requiresCreate } from "../requirement.ts";
import { endpoints } from "../routes.ts";
import { listOf, optional, readBoolean, readText } from "../shape.ts";
import { readChange, readCommit } from "../tables.ts";
import { commitOutside } from "./commit.ts";
import { follow, keep, loadedOf, loadOutside, tablePath } from "./mirror.ts";
import { objectOf, type Outside } from "./outside.ts";
import { NoReply } from "./send.ts";

/**
 * Answers what clients of our own catalog may ask, out of an outside catalog. Requests go on as they are, with its authorisation;
 * commits carry out their annotations first. Whatever is seen of a table, its head is kept where `heads.ts` reads it, so
 * that nothing else of Millwright needs to know which catalog it works with.
 */
export function gatewayTo(catalog: Catalog, outside: Outside): Answer {
  const forward = async ({ method, path, query, body, delegation }: CatalogRequest): Promise<CatalogReply> => {
    const headers = delegation == null ? {} : { "x-iceberg-access-delegation": delegation };
    return outside.ask({ method, path, query, body, headers }).catch((error: unknown): never => {
      throw unanswered(error);
    });
  };
  /** Asks, and keeps the head of the table that the reply describes. */
  const forwardTable = async (request: CatalogRequest, identifier: Identifier): Promise<CatalogReply> => {
    const answered = await forward(request);
    if (answered.status === 200) await keep(catalog.database, identifier, loadedOf(objectOf(answered.body)));
    return answered;
  };
  const create = async (request: CatalogRequest): Promise<CatalogReply> => {
    const body = bodyOf(request);
    const answered = await forward(request);
    if (answered.status !== 200) return answered;
    const loaded = loadedOf(objectOf(answered.body));
    const staged = optional(readBoolean)(body["stage-create"], "stage-create") === true;
    if (!staged || needsFolders(request)) await makeFolders(loaded);
    if (!staged) await keep(catalog.database, { namespace: namespaceOf(request.path[1]), name: readText(body["name"], "name") }, loaded);
    return answered;
  };
  const makeFolders = async ({ metadata: { location } }: Loaded<TableMetadata>): Promise<void> => {
    if (catalog.storages.holds(location)) await catalog.storages.createFolders([`${location}/metadata`, `${location}/data`]);
  };
  const load = async (request: CatalogRequest, identifier: Identifier): Promise<CatalogReply> => {
    const answered = await forwardTable(request, identifier);
    if (answered.status === 404) await keep(catalog.database, identifier, null);
    return answered;
  };
  /** Asks for a table after a commit, which may have made it. */
  const see = async ({ identifier, requirements }: Change): Promise<JsonObject> => {
    const made = requiresCreate(requirements);
    const answered = await outside.ask({ method: "GET", path: tablePath(identifier) });
    const body = objectOf(answered.body);
    if (answered.status === 200) {
      const loaded = loadedOf(body);
      await keep(catalog.database, identifier, loaded);
      if (made) await makeFolders(loaded);
    }
    return body;
  };
  const commitOne = async (request: CatalogRequest, identifier: Identifier): Promise<CatalogReply> => {
    const body = bodyOf(request);
    const change: Change = { identifier, ...readCommit(body, "the body") };
    const answered = await commitOutside(catalog, outside, [change], ([prepared]) =>
      outside.ask({
        method: "POST",
        path: request.path,
        body: prepared === change ? request.body : printJson({ ...body, requirements: prepared?.requirements, updates: prepared?.updates }),
      }),
    );
    if (answered.status === 200) {
      const loaded = loadedOf(objectOf(answered.body));
      await keep(catalog.database, identifier, loaded);
      if (requiresCreate(change.requirements)) await makeFolders(loaded);
    }
    return answered.status === 204 ? reply(await see(change)) : answered;
  };
  const commitSeveral = async (request: CatalogRequest): Promise<CatalogReply> => {
    const changes = listOf(readChange)(bodyOf(request)["table-changes"], "table-changes");
    const answered = await commitOutside(catalog, outside, changes, (prepared) =>
      outside.ask({ method: "POST", path: request.path, body: printJson({ "table-changes": prepared.map(changeOf) }) }),
    );
    if (answered.status < 300) await Promise.all(changes.map(see));
    return answered;
  };
  const drop = async (request: CatalogRequest, identifier: Identifier): Promise<CatalogReply> => {
    const answered = await forward(request);
    if (answered.status < 300 || answered.status === 404) await keep(catalog.database, identifier, null);
    return answered;
  };
  const rename = async (request: CatalogRequest): Promise<CatalogReply> => {
    const body = bodyOf(request);
    const [source, destination] = [readIdentifier(body["source"], "source"), readIdentifier(body["destination"], "destination")];
    const answered = await forward(request);
    if (answered.status < 300) {
      await keep(catalog.database, source, null);
      await keep(catalog.database, destination, await loadOutside(outside, destination));
    }
    return answered;
  };
  const register = async (request: CatalogRequest): Promise<CatalogReply> =>
    forwardTable(request, { namespace: namespaceOf(request.path[1]), name: readText(bodyOf(request)["name"], "name") });
  const sync = async (request: CatalogRequest): Promise<CatalogReply> => {
    const body = bodyOf(request);
    const tables = optional(listOf(readText))(body["tables"], "tables") ?? null;
    await follow(catalog.database, outside, listOf(readText)(body["namespace"], "namespace"), tables);
    return noContent;
  };

  return async (request) => {
    const { method, path } = request;
    const [first, namespace, third, name] = path;
    if (first === "config" && path.length === 1) return reply(configuration(outside));
    if (first === "namespaces" && third === "tables" && path.length === 3 && method === "POST") return create(request);
    if (first === "namespaces" && third === "register" && method === "POST") return register(request);
    if (first === "namespaces" && third === "tables" && path.length === 4 && name !== undefined) {
      const identifier = { namespace: namespaceOf(namespace), name };
      if (method === "GET") return load(request, identifier);
      if (method === "POST") return commitOne(request, identifier);
      if (method === "DELETE") return drop(request, identifier);
    }
    if (method === "POST" && path.join("/") === "tables/rename") return rename(request);
    if (method === "POST" && path.join("/") === "transactions/commit") return commitSeveral(request);
    if (method === "POST" && path.join("/") === "millwright/sync") return sync(request);
    return forward(request);
  };
}

/** Lets only questions through. */
export function readingOnly(answer: Answer): Answer {
  return async (request) => {
    if (request.method === "GET" || request.method === "HEAD") return answer(request);
    throw new CatalogError(403, "ForbiddenException", "Tables of others are read here and never changed");
  };
}

/** What clients are told: the outside catalog's settings, and what it can do. */
function configuration({ defaults, overrides, endpoints: told }: Outside): JsonObject {
  // By the protocol, one that does not say can do what the first version asked for: neither views nor HEAD were in it.
  return { defaults, overrides, endpoints: told ?? endpoints.filter((endpoint) => !/^HEAD|views/.test(endpoint)) };
}

function changeOf({ identifier, requirements, updates }: Change): JsonObject {
  return { identifier: { namespace: identifier.namespace, name: identifier.name }, requirements, updates };
}

function unanswered(error: unknown): unknown {
  if (!(error instanceof NoReply)) return error;
  return error.sent
    ? new CatalogError(504, "ServiceFailureException", `The outside catalog gave no answer: ${error.message}`)
    : new CatalogError(503, "ServiceUnavailableException", `The outside catalog cannot be reached: ${error.message}`);
}
