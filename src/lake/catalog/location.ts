import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, realpath, rm, unlink } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
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

/**
 * Creates the folders that writers expect to find in a table's location (DuckDB creates none on local disks).
 * They are made durable together with the table's first metadata file, see `writeDurably`.
 */
export async function createFolders(location: string): Promise<void> {
  const path = requiredPath(location);
  await mkdir(join(path, "metadata"), { recursive: true });
  await mkdir(join(path, "data"), { recursive: true });
}

/**
 * Writes a new file so that it outlives a power cut once the promise is kept. An existing file is an error.
 *
 * @param root the folders between this one and the file may be new, too, and are then synced with it; by default only the
 *   file's own folder is. All syncs run at once, which a journaling file system turns into one write.
 */
export async function writeDurably(location: string, content: string | Uint8Array, root?: string): Promise<void> {
  const path = requiredPath(location);
  const handle = await openNew(path);
  try {
    await handle.writeFile(content);
    await Promise.all([handle.sync(), ...foldersBetween(root ?? dirname(path), dirname(path)).map(syncPath)]);
  } finally {
    await handle.close();
  }
}

async function openNew(path: string): ReturnType<typeof open> {
  try {
    return await open(path, "wx");
  } catch (error) {
    if (!isMissing(error)) throw error;
    await mkdir(dirname(path), { recursive: true });
    return open(path, "wx");
  }
}

/** `outer`, and every folder on the way down to `inner`, inclusive; only `inner` when it does not lie below `outer`. */
function foldersBetween(outer: string, inner: string): string[] {
  const steps = relative(outer, inner).split(sep);
  if (steps[0] === ".." || steps[0] === "") return [inner];
  return [outer, ...steps.map((_, index) => join(outer, ...steps.slice(0, index + 1)))];
}

/** Linux syncs whatever is open, a folder or a file, also through a handle that only reads. */
async function syncPath(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes files that another program wrote outlive a power cut, with the folders that name them.
 *
 * @throws CatalogError BadRequestException when one of them is not there.
 */
export async function syncFiles(locations: readonly string[]): Promise<void> {
  const paths = locations.map(requiredPath);
  const folders = [...new Set(paths.map((path) => dirname(path)))];
  // A bulk load may bring thousands of files; not all of them may be open at once.
  for (let first = 0; first < paths.length; first += 64) {
    await Promise.all([...paths.slice(first, first + 64).map(syncFile), ...(first === 0 ? folders.map(syncPath) : [])]);
  }
}

async function syncFile(path: string): Promise<void> {
  try {
    await syncPath(path);
  } catch (error) {
    if (isMissing(error)) throw badRequest(`The commit refers to a file that is not there: ${path}`);
    throw error;
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
