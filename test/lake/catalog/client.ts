import { parseJson, printJson, type Json, type JsonObject, isObject } from "../../../src/lake/catalog/json.ts";

export interface Reply {
  readonly status: number;
  /** The parsed body; an empty object where there is none. */
  readonly body: JsonObject;
  readonly text: string;
}

/** A minimal client of the REST protocol: `call("POST", "namespaces", { ... })`. */
export function client({
  url,
  token,
}: {
  readonly url: string;
  readonly token: string;
}): (method: string, path: string, body?: Json) => Promise<Reply> {
  return async (method, path, body) => {
    const response = await fetch(`${url}/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: printJson(body) }),
    });
    const text = await response.text();
    const parsed = text === "" ? {} : parseJson(text);
    return { status: response.status, body: isObject(parsed) ? parsed : {}, text };
  };
}

/** A create request of a table with two columns. */
export function createRequest(name: string): JsonObject {
  return {
    name,
    schema: {
      type: "struct",
      "schema-id": 0,
      fields: [
        { id: 1, name: "id", required: false, type: "long" },
        { id: 2, name: "name", required: false, type: "string" },
      ],
    },
  };
}

/** A commit that adds a snapshot without a manifest list, as version-1 writers may, on top of `parent`. */
export function snapshotCommit(
  id: bigint | number,
  parent: bigint | number | null,
  sequence: number,
): { readonly requirements: JsonObject[]; readonly updates: JsonObject[] } {
  return {
    requirements: [{ type: "assert-ref-snapshot-id", ref: "main", "snapshot-id": parent }],
    updates: [
      {
        action: "add-snapshot",
        snapshot: {
          "snapshot-id": id,
          ...(parent === null ? {} : { "parent-snapshot-id": parent }),
          "sequence-number": sequence,
          "timestamp-ms": Date.now(),
          summary: { operation: "append" },
          "schema-id": 0,
        },
      },
      { action: "set-snapshot-ref", "ref-name": "main", type: "branch", "snapshot-id": id },
    ],
  };
}
