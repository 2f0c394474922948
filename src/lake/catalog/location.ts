import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, realpath, rm, unlink } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { badRequest, CatalogError } from "./error.ts";

/**
 * The local path of a location: `file:///a/b`, `file:/a/b` or `/a/b`. Iceberg's readers take what follows
 * the scheme as it stands, without percent-decoding, and so do we.
 * Undefined when the location lies elsewhere (s3://...).
 */
export function localPath(location: string): string | undefined {
  const path = location.startsWith("file:") ? location.slice(5).replace(/^\/\/(?=\/)/, "") : location;
  return path.startsWith("/") ? resolve(path) : undefined;
}

function requiredPath(location: string): string {
  const path = localPath(location);
  if (path === undefined) throw badRequest(`Location is not on a local disk: ${location}`);
  return path;
}

/** True when a location lies below one of the folders. */
export function isInside(location: string, roots: readonly string[]): boolean {
  const path = localPath(location);
  return path !== undefined && roots.some((root) => path.startsWith(root.endsWith(sep) ? root : root + sep));
}

/** Refuses a location outside of the folders that the catalog may write to. */
export function checkLocation(location: string, roots: readonly string[]): void {
  if (isInside(location, roots)) return;
  throw new CatalogError(403, "ForbiddenException", `Location lies outside of the catalog's warehouse: ${location}`);
}

/** A folder of its own for a new table or view, so that a dropped or renamed one never shares files with it. */
export function newLocation(warehouse: string, namespace: readonly string[], name: string): string {
  const parts = [...namespace, name].map((part) => part.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 100));
  return `file://${join(warehouse, ...parts)}-${randomUUID().slice(0, 8)}`;
}

export async function readLocation(location: string): Promise<Buffer> {
  return readFile(requiredPath(location));
}

/** Creates the folders that writers expect to find in a table's location (DuckDB creates none on local disks). */
export async function createFolders(location: string): Promise<void> {
  const path = requiredPath(location);
  await createFolder(join(path, "metadata"));
  await createFolder(join(path, "data"));
}

/** A new folder survives a power cut only when the folder that holds it is synced too. */
async function createFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first !== undefined) await Promise.all(foldersBetween(dirname(first), dirname(path)).map(syncFolder));
}

/** `outer`, and every folder on the way down to `inner`, inclusive. */
function foldersBetween(outer: string, inner: string): string[] {
  const folders = [inner];
  for (let path = inner; path !== outer && path !== dirname(path); ) {
    path = dirname(path);
    folders.push(path);
  }
  return folders;
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a new file so that it outlives a power cut once the promise is kept. An existing file is an error. */
export async function writeDurably(location: string, content: string | Uint8Array): Promise<void> {
  const path = requiredPath(location);
  const handle = await openNew(path);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncFolder(dirname(path));
}

async function openNew(path: string): ReturnType<typeof open> {
  try {
    return await open(path, "wx");
  } catch (error) {
    if (!isMissing(error)) throw error;
    await createFolder(dirname(path));
    return open(path, "wx");
  }
}

/** Removes a file; one that is already gone is fine. */
export async function removeFile(location: string): Promise<void> {
  try {
    await unlink(requiredPath(location));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Removes a table's folder with all that it holds; refuses one outside of `roots`, also through a symbolic link. */
export async function removeFolder(location: string, roots: readonly string[]): Promise<void> {
  checkLocation(location, roots);
  try {
    const path = await realpath(requiredPath(location));
    checkLocation(path, await Promise.all(roots.map((root) => realpath(root))));
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
