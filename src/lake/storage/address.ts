import { resolve } from "node:path";

/**
 * The local path of a location: `file:///a/b`, `file:/a/b` or `/a/b`. Iceberg's readers take what follows
 * the scheme as it stands, without percent-decoding, and so do we.
 * Undefined when the location lies elsewhere (s3://...).
 */
export function localPath(location: string): string | undefined {
  const path = location.startsWith("file:") ? location.slice(5).replace(/^\/\/(?=\/)/, "") : location;
  return path.startsWith("/") ? resolve(path) : undefined;
}

/** The address of a local path as tables carry it. */
export function localAddress(path: string): string {
  return `file://${resolve(path)}`;
}

/** Names that other programs give to the same scheme. */
const schemes: Readonly<Record<string, string>> = { s3a: "s3", s3n: "s3", gcs: "gs" };

/**
 * One spelling for all spellings of an address, so that they can be compared. Undefined for one that names no place of its own:
 * a relative path, or one whose `..` would leave the place that its beginning names.
 */
export function canonical(location: string): string | undefined {
  const path = localPath(location);
  if (path !== undefined) return `file://${path}`;
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):\/\/(.+)$/.exec(location) ?? [];
  if (scheme === undefined || rest === undefined || rest.split("/").some((part) => part === "." || part === "..")) return undefined;
  return `${schemes[scheme] ?? scheme}://${rest}`;
}

/** What follows a storage's location in an address, without the slash between; empty for the storage itself, undefined when the address lies elsewhere. */
export function pathWithin(storage: string, location: string): string | undefined {
  const [outer, inner] = [canonical(storage), canonical(location)];
  if (outer === undefined || inner === undefined) return undefined;
  if (outer === inner) return "";
  const folder = outer.endsWith("/") ? outer : `${outer}/`;
  return inner.startsWith(folder) ? inner.slice(folder.length) : undefined;
}
