import { setTimeout as sleep } from "node:timers/promises";
import { MillwrightError } from "../../error.ts";
import { isObject, parseJson, printJson, type JsonObject } from "../catalog/json.ts";
import { readMetadata } from "../catalog/metadata.ts";
import type { TableMetadata } from "../catalog/model.ts";

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

interface Reply {
  readonly status: number;
  readonly text: string;
}

/** How often a table is asked for while the catalog is busy or does not answer. */
const attempts = 5;

/**
 * A client for the tables of one namespace.
 *
 * @throws MillwrightError `catalog-refused` with the catalog's own words, from its methods; `transient` while it does not answer.
 */
export function catalogClient(catalog: { readonly url: string; readonly token: string }, namespace: string): CatalogClient {
  /** Null when no reply came. */
  const call = async (method: string, table: string, body?: JsonObject): Promise<Reply | null> => {
    try {
      const response = await fetch(`${catalog.url}/v1/namespaces/${encodeURIComponent(namespace)}/tables/${encodeURIComponent(table)}`, {
        method,
        headers: { authorization: `Bearer ${catalog.token}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: printJson(body) }),
        signal: AbortSignal.timeout(120_000),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      if (error instanceof Error && (error.name === "TimeoutError" || error instanceof TypeError)) return null;
      throw error;
    }
  };
  return {
    async load(table) {
      let reply = await call("GET", table);
      for (let attempt = 1; attempt < attempts && isPassing(reply); attempt++) {
        await sleep(100 * 2 ** attempt);
        reply = await call("GET", table);
      }
      if (reply === null) throw new MillwrightError({ code: "transient", what: `the catalog does not answer for the table ${table}` });
      if (reply.status === 404) return null;
      const body = reply.status === 200 ? parseJson(reply.text) : null;
      if (!isObject(body)) throw refused(table, reply);
      const { metadata, "metadata-location": location } = body;
      return { metadata: readMetadata(Buffer.from(printJson(metadata ?? null))), metadataLocation: String(location ?? "") };
    },
    async commit(table, requirements, updates) {
      const reply = await call("POST", table, { identifier: { namespace: [namespace], name: table }, requirements, updates });
      if (reply === null || isPassing(reply)) return "unknown";
      if (reply.status === 200) return "committed";
      if (reply.status === 409) return "conflict";
      throw refused(table, reply);
    },
  };
}

/** No reply, or one of a catalog that is busy. */
function isPassing(reply: Reply | null): boolean {
  return reply === null || reply.status === 408 || reply.status === 429 || reply.status >= 500;
}

function refused(table: string, { status, text }: Reply): MillwrightError {
  return new MillwrightError({ code: "catalog-refused", what: `the catalog refused the table ${table}: ${status} ${text.slice(0, 500)}` });
}
