import { createHash } from "node:crypto";
import { glob, open, stat } from "node:fs/promises";
import { isAbsolute, relative, resolve } from "node:path";
import { MillwrightError, type Problem } from "../error.ts";
import { isCompressed } from "./lines.ts";

export interface ListedFile {
  /** As positions and rejected rows name it: relative to the platform's folder when it lies there. */
  readonly name: string;
  readonly path: string;
  readonly size: number;
  readonly modified: Date;
  /** Changes with the content: size and time of the last change. */
  readonly mark: string;
  /** Device and number of the file on its disk: the same after a rename. */
  readonly inode: string;
}

/** The files that match a glob such as `data/*.csv`, by name. */
export async function listFiles(directory: string, pattern: string): Promise<ListedFile[]> {
  const files: ListedFile[] = [];
  for await (const match of glob(pattern, { cwd: directory })) {
    const path = resolve(directory, match);
    const found = await stat(path, { bigint: true }).catch(absent);
    if (found === null || !found.isFile()) continue;
    const inside = relative(directory, path);
    files.push({
      name: inside.startsWith("..") || isAbsolute(inside) ? path : inside,
      path,
      size: Number(found.size),
      modified: found.mtime,
      mark: `${found.size}:${found.mtimeNs}`,
      inode: `${found.dev}:${found.ino}`,
    });
  }
  return files.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/**
 * Log files with the mark of a line that is still being written: it will be taken once the file has been left alone for
 * `settled` milliseconds, so the file must count as changed then although its bytes are the same.
 */
export async function markUnended(files: readonly ListedFile[], settled: number): Promise<ListedFile[]> {
  return Promise.all(files.map(async (file) => ((await isBeingWritten(file, settled)) ? { ...file, mark: `${file.mark}~` } : file)));
}

async function isBeingWritten({ path, size, modified }: ListedFile, settled: number): Promise<boolean> {
  if (size === 0 || isCompressed(path) || Date.now() - modified.getTime() >= settled) return false;
  const handle = await open(path).catch(absent);
  if (handle === null) return false;
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
    return bytesRead === 1 && buffer[0] !== 0x0a;
  } finally {
    await handle.close();
  }
}

/** One short mark of all the files, for `Source.fingerprint`. */
export function fingerprintOf(files: readonly ListedFile[]): string {
  const hash = createHash("sha256");
  for (const { name, mark } of files) hash.update(`${name}\0${mark}\n`);
  return hash.digest("hex").slice(0, 32);
}

export function noFiles(system: string, directory: string, pattern: string, where: Problem["where"]): MillwrightError {
  return new MillwrightError({
    code: "source-missing",
    what: `${system}: no file matches ${pattern} in ${directory}`,
    ...(where === undefined ? {} : { where }),
    fix: "check the path in the environment; it starts at the platform file's folder",
  });
}

function absent(error: NodeJS.ErrnoException): null {
  // A file may be renamed between being listed and being looked at; the next extract finds it.
  if (error.code === "ENOENT") return null;
  throw error;
}

/** A path as DuckDB's readers take it: they read every path as a glob. */
export function literalPath(path: string): string {
  return path.replaceAll(/[[*?]/g, "[$&]");
}
