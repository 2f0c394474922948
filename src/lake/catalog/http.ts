import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { StorageError } from "../storage/error.ts";
import { badRequest, CatalogError } from "./error.ts";
import { printJson } from "./json.ts";
import type { CatalogReply, CatalogRequest } from "./request.ts";

/** The largest body that is read, in bytes; a commit of a table with thousands of columns stays far below it. */
const bodyLimit = 32 * 1024 * 1024;

/** Answers one request of the Iceberg REST protocol. */
export type Answer = (request: CatalogRequest) => Promise<CatalogReply>;

/**
 * The catalog's HTTP server, not yet listening. Every route needs the bearer token.
 *
 * @param report is told of defects, which clients see only as status 500.
 */
export function catalogServer(answer: Answer, token: string, report: (error: unknown) => void): Server {
  const expected = digest(`Bearer ${token}`);
  const server = createServer((message, response) => {
    handle(answer, expected, message)
      .catch((error: unknown) => errorReply(error, report))
      .then((reply) => send(message, response, reply))
      .catch(report);
  });
  // Clients keep a connection between statements; closing it under them would fail their next one.
  server.keepAliveTimeout = 3_600_000;
  return server;
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

async function handle(answer: Answer, expected: Buffer, message: IncomingMessage): Promise<CatalogReply> {
  const given = message.headers.authorization ?? "";
  if (!timingSafeEqual(digest(given), expected)) throw new CatalogError(401, "NotAuthorizedException", "A valid bearer token is required");
  return answer(await readRequest(message));
}

async function readRequest(message: IncomingMessage): Promise<CatalogRequest> {
  const url = message.url ?? "/";
  const question = url.indexOf("?");
  const [empty, version, ...path] = (question === -1 ? url : url.slice(0, question)).replace(/(?<=.)\/$/, "").split("/");
  if (empty !== "" || version !== "v1") throw new CatalogError(404, "NotFoundException", "No such route: every path begins with /v1");
  return {
    method: message.method ?? "GET",
    path: path.map(decodePart),
    query: new URLSearchParams(question === -1 ? "" : url.slice(question + 1)),
    body: await readBody(message),
    client: message.headers["x-client-version"]?.toString() ?? null,
    delegation: message.headers["x-iceberg-access-delegation"]?.toString() ?? null,
  };
}

function decodePart(part: string): string {
  try {
    // Iceberg's own client encodes as forms do: a blank is a plus sign.
    return decodeURIComponent(part.replaceAll("+", " "));
  } catch (error) {
    if (error instanceof URIError) throw badRequest(`The path holds a malformed escape: ${part}`);
    throw error;
  }
}

function readBody(message: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    message.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= bodyLimit) chunks.push(chunk);
      else reject(new CatalogError(413, "PayloadTooLargeException", `The body is larger than ${bodyLimit} bytes`));
    });
    message.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    message.on("error", reject);
  });
}

function errorReply(error: unknown, report: (error: unknown) => void): CatalogReply {
  const known = error instanceof StorageError ? storageFailure(error) : error instanceof CatalogError ? error : null;
  if (known === null) report(error);
  const code = known?.status ?? 500;
  const message = known?.message ?? "The catalog failed; its own log says why";
  return { status: code, body: printJson({ error: { message, type: known?.type ?? "InternalServerError", code } }) };
}

/** A storage fails before the swap only, so that nothing has changed: the client may ask again. */
function storageFailure(error: StorageError): CatalogError | null {
  if (error.fault === "transient") return new CatalogError(503, "ServiceUnavailableException", error.message);
  return error.fault === "refused" ? new CatalogError(403, "ForbiddenException", error.message) : null;
}

function send(message: IncomingMessage, response: ServerResponse, { status, body }: CatalogReply): void {
  const empty = message.method === "HEAD" || status === 204;
  response.statusCode = status;
  // What is left of an oversized body is not read: the connection ends.
  if (status === 413) response.setHeader("connection", "close");
  if (!empty) {
    response.setHeader("content-type", "application/json");
    response.setHeader("content-length", Buffer.byteLength(body));
  }
  response.end(empty ? undefined : body);
}
