import { badRequest } from "./error.ts";
import { parseJson, printJson, type Json, type JsonObject } from "./json.ts";
import { listOf, readObject, readText } from "./shape.ts";
import type { Identifier } from "./catalog.ts";

/** A request whose sender is known and whose body is read. */
export interface CatalogRequest {
  readonly method: string;
  /** Decoded parts of the path after /v1. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: string;
  /** What the client asks of a table's storage: `vended-credentials`; null when it asks nothing. */
  readonly delegation?: string | null;
  /** The library that the client says it is, as `X-Client-Version`. */
  readonly client?: string | null;
}

export interface CatalogReply {
  readonly status: number;
  /** JSON text; empty for a reply without body. */
  readonly body: string;
}

export const noContent: CatalogReply = Object.freeze({ status: 204, body: "" });

/**
 * True where the folders of a table that is only staged must be made already, before its client writes. DuckDB makes none on a disk; Java's
 * library makes its own, and Trino, which is built on it, takes a folder that has anything in it for another table's.
 */
export function needsFolders({ client }: CatalogRequest): boolean {
  return client == null || !client.startsWith("Apache Iceberg");
}

export function reply(value: Json): CatalogReply {
  return { status: 200, body: printJson(value) };
}

/** The body as a JSON object. @throws CatalogError BadRequestException when it is none. */
export function bodyOf(request: CatalogRequest): JsonObject {
  try {
    return readObject(parseJson(request.body), "the body");
  } catch (error) {
    if (error instanceof SyntaxError) throw badRequest(`Malformed request: the body is no JSON: ${error.message}`);
    throw error;
  }
}

/** A namespace in a path: its levels joined by U+001F. */
export function namespaceOf(text: string | undefined): readonly string[] {
  return checkNamespace((text ?? "").split("\u001f"));
}

export function checkNamespace(levels: readonly string[]): readonly string[] {
  if (levels.length === 0 || levels.some((level) => level === "" || level.includes("\u001f")))
    throw badRequest("A namespace needs at least one level, and no level may be empty");
  return levels;
}

/** A table's or view's name: anything but nothing. */
export function checkName(name: string): string {
  if (name === "" || name.includes("\u001f") || name.includes("\u0000"))
    throw badRequest("A name must not be empty or hold control characters");
  return name;
}

/** The identifier in a body: `{ namespace: [...], name }`. */
export function readIdentifier(value: Json | undefined, where: string): Identifier {
  const object = readObject(value, where);
  return {
    namespace: checkNamespace(listOf(readText)(object["namespace"], `${where}.namespace`)),
    name: checkName(readText(object["name"], `${where}.name`)),
  };
}

/** One page of a list in order: what to ask for, and how to tell the client the next one. */
export interface Page {
  readonly after: string;
  readonly limit: number;
}

/** A client that asks for no page gets everything. */
export function pageOf(query: URLSearchParams): Page {
  const size = query.get("pageSize");
  const token = query.get("pageToken");
  if (size !== null && !/^[1-9]\d{0,8}$/.test(size)) throw badRequest(`pageSize must be a positive number, not ${size}`);
  const limit = size === null ? (token === null || token === "" ? Number.MAX_SAFE_INTEGER - 1 : 1000) : Number(size);
  return { after: token === null ? "" : Buffer.from(token, "base64url").toString("utf8"), limit };
}

/** A page out of up to `limit + 1` names: the names, and the token of the next page or null. */
export function paged(names: readonly string[], { limit }: Page): { readonly names: readonly string[]; readonly next: string | null } {
  if (names.length <= limit) return { names, next: null };
  const kept = names.slice(0, limit);
  return { names: kept, next: Buffer.from(kept.at(-1) ?? "", "utf8").toString("base64url") };
}
