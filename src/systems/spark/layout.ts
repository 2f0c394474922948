import type { Layout } from "../../define/node.ts";
import { isObject, parseJson } from "../../lake/catalog/json.ts";
import { tableMetadata } from "../../lake/catalog/metadata.ts";
import type { TablePlace } from "../../lake/keep-layout.ts";
import { layoutOf } from "../../lake/layout.ts";
import { MillwrightError } from "../../error.ts";

/** The layout that a table has now, as its catalog tells it. */
export async function layoutNow({ catalog, namespace, table }: TablePlace): Promise<Layout> {
  const url = `${catalog.url}/v1/namespaces/${encodeURIComponent(namespace)}/tables/${encodeURIComponent(table)}`;
  const response = await fetch(url, { headers: { authorization: `Bearer ${catalog.token}` } });
  const text = await response.text();
  const body = response.ok ? parseJson(text) : null;
  const metadata =
    isObject(body ?? undefined) && body !== null && typeof body === "object" && "metadata" in body ? body.metadata : undefined;
  if (!isObject(metadata))
    throw new MillwrightError({ code: "transient", what: `the catalog does not show ${table}: ${response.status}`, fix: "run again" });
  return layoutOf(tableMetadata(metadata));
}
