import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, realpath, rename, rm, stat, unlink } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { localAddress, localPath } from "./address.ts";
import { StorageError, type StorageFault } from "./error.ts";
import type { ByteRange, StorageDriver, StoredFile } from "./files.ts";

/** A folder of this machine: a disk, or what is mounted there. */
export function openDisk(location: string): StorageDriver {
  const root = requiredPath(location);
  return {
    read: (file, range) => named(file, () => (range === undefined ? readFile(requiredPath(file)) : readRange(requiredPath(file), range))),
    write: (file, content, options) =>
      named(file, () => writeDurably(requiredPath(file), content, options?.newFolders === true ? root : undefined)),
    remove: (file) => unlessMissing(named(file, () => unlink(requiredPath(file)))),
    removeFolder: (folder) => unlessMissing(named(folder, () => removeFolder(requiredPath(folder), root))),
    list: (folder) => named(folder, () => listFiles(requiredPath(folder))),
    stat: (file) => named(file, () => statFile(requiredPath(file))),
    // They are made durable together with the first file that is written durably in them.
    createFolders: async (folders) => {
      await Promise.all(folders.map((folder) => named(folder, () => mkdir(requiredPath(folder), { recursive: true }))));
    },
    settle: (files) => syncFiles(files),
    copyWithin: async () => false,
    writeParts: (file, parts) => named(file, () => writeAside(requiredPath(file), parts)),
  };
}

function requiredPath(location: string): string {
  const path = localPath(location);
  if (path === undefined) throw new StorageError("other", location, `Location is not on a local disk: ${location}`);
  return path;
}

const faults: Readonly<Record<string, StorageFault>> = {
  ENOENT: "missing",
  ENOTDIR: "missing",
  EEXIST: "exists",
  EACCES: "refused",
  EPERM: "refused",
  EROFS: "refused",
};

/** Gives the system's errors the storages' own name. */
async function named<T>(location: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error instanceof StorageError) throw error;
    throw new StorageError(faults[String(error.code)] ?? "other", location, error.message, { cause: error });
  }
}

async function unlessMissing(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof StorageError) || error.fault !== "missing") throw error;
  }
}

async function readRange(path: string, { offset, length }: ByteRange): Promise<Buffer> {
  const handle = await open(path, "r");
  try {
    const content = Buffer.alloc(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await handle.read(content, filled, length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return content.subarray(0, filled);
  } finally {
    await handle.close();
  }
}

/**
 * Writes a new file so that it outlives a power cut once the promise is kept. An existing file is an error.
 *
 * @param root the folders between this one and the file may be new, too, and are then synced with it; by default only the
 *   file's own folder is. All syncs run at once, which a journaling file system turns into one write.
 */
async function writeDurably(path: string, content: string | Uint8Array, root?: string): Promise<void> {
  const handle = await openNew(path);
  try {
    await handle.writeFile(content);
    await Promise.all([handle.sync(), ...foldersBetween(root ?? dirname(path), dirname(path)).map(syncPath)]);
  } catch (error) {
    // A full disk leaves a part of a file, which nobody may take for the whole.
    await rm(path, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/** Under another name first: a name that stands for a whole file must never stand for a part of one. */
async function writeAside(path: string, parts: AsyncIterable<Buffer>): Promise<void> {
  const aside = `${path}.${randomUUID()}.part`;
  try {
    const handle = await openNew(aside);
    try {
      for await (const part of parts) await handle.writeFile(part);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, path);
    await syncPath(dirname(path));
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

async function openNew(path: string): ReturnType<typeof open> {
  try {
    return await open(path, "wx");
  } catch (error) {
    if (!isCode(error, "ENOENT")) throw error;
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

async function syncFiles(locations: readonly string[]): Promise<void> {
  const folders = [...new Set(locations.map((location) => dirname(requiredPath(location))))];
  // A bulk load may bring thousands of files; not all of them may be open at once.
  for (let first = 0; first < locations.length; first += 64) {
    await Promise.all([
      ...locations.slice(first, first + 64).map((location) => named(location, () => syncPath(requiredPath(location)))),
      ...(first === 0 ? folders.map((folder) => named(folder, () => syncPath(folder))) : []),
    ]);
  }
}

/** Refuses a folder that lies outside of the storage, also through a symbolic link. */
async function removeFolder(path: string, root: string): Promise<void> {
  const [real, realRoot] = await Promise.all([realpath(path), realpath(root)]);
  if (!real.startsWith(realRoot + sep)) throw new StorageError("refused", path, `The folder lies outside of its storage: ${path}`);
  await rm(real, { recursive: true, force: true });
}

async function statFile(path: string): Promise<StoredFile | null> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { location: localAddress(path), bytes: size, modified: Math.floor(mtimeMs) };
  } catch (error) {
    if (isCode(error, "ENOENT")) return null;
    throw error;
  }
}

async function listFiles(folder: string): Promise<readonly StoredFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (isCode(error, "ENOENT")) return [];
    throw error;
  });
  const paths = entries.flatMap((entry) => (entry.isFile() ? [resolve(entry.parentPath, entry.name)] : []));
  const found: StoredFile[] = [];
  for (let first = 0; first < paths.length; first += 64) {
    // One that went meanwhile is no longer there to be listed.
    for (const file of await Promise.all(paths.slice(first, first + 64).map(statFile))) if (file !== null) found.push(file);
  }
  return found;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
