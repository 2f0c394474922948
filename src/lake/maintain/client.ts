import { parseJson, printJson, isObject, type JsonObject } from "../catalog/json.ts";
import { readMetadata } from "../catalog/metadata.ts";
import type { TableMetadata } from "../catalog/model.ts";
import { MillwrightError } from "../../error.ts";

/** A table as its catalog has it now. */
export interface LoadedTable {
  readonly metadata: TableMetadata;
  readonly metadataLocation: string;
}

/** How a commit came out. `unknown`: the reply was lost, and the catalog may have done it or may do it yet. */
export type CommitOutcome = "committed" | "conflict" | "unknown";

/** What maintenance asks of an Iceberg REST catalog, ours or the gateway to another. */
export interface CatalogClient {
  /** Null when there is no such table. */
  load(table: string): Promise<LoadedTable | null>;
  commit(table: string, requirements: readonly JsonObject[], updates: readonly JsonObject[]): Promise<CommitOutcome>;
}

/** A client for the tables of one namespace. */
export function catalogClient(catalog: { readonly url: string; readonly token: string }, namespace: string): CatalogClient {
  const call = (method: string, table: string, body?: JsonObject): Promise<Response> =>
    fetch(`${catalog.url}/v1/namespaces/${encodeURIComponent(namespace)}/tables/${encodeURIComponent(table)}`, {
      method,
      headers: { authorization: `Bearer ${catalog.token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: printJson(body) }),
      signal: AbortSignal.timeout(120_000),
    });
  return {
    async load(table) {
      const response = await call("GET", table);
      const text = await response.text();
      if (response.status === 404) return null;
      const body = response.ok ? parseJson(text) : null;
      if (!isObject(body ?? undefined)) throw refused(table, response.status, text);
      const { metadata, "metadata-location": location } = body as JsonObject;
      return { metadata: readMetadata(Buffer.from(printJson(metadata ?? null))), metadataLocation: String(location ?? "") };
    },
    async commit(table, requirements, updates) {
      let response: Response;
      let text: string;
      try {
        response = await call("POST", table, { identifier: { namespace: [namespace], name: table }, requirements, updates });
        text = await response.text();
      } catch (error) {
        if (error instanceof Error && (error.name === "TimeoutError" || error instanceof TypeError)) return "unknown";
        throw error;
      }
      if (response.ok) return "committed";
      if (response.status === 409) return "conflict";
      if (response.status >= 500) return "unknown";
      throw refused(table, response.status, text);
    },
  };
}

function refused(table: string, status: number, text: string): MillwrightError {
  return new MillwrightError({ code: "catalog-refused", what: `the catalog refused the table ${table}: ${status} ${text.slice(0, 500)}` });
}
